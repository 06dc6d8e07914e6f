import { createServer } from 'sallyport';
import { listen } from 'sallyport/http';
import { z } from 'zod';
const server = createServer({ name: 'counter', version: '1.0.0' });
server.tool('count', { input: z.object({ to: z.number() }) }, async ({ to }, call) => {
  for (let n = 1; n <= to; n++) await call.progress(n, { of: to });
  return `Counted to ${to}`; });
console.log((await listen(server, { port: 3000 })).url); // 127.0.0.1, guards on, both eras
