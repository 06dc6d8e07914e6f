/** A server as a process of its own, for the tests of real pipes. */
import { createServer } from '../../../src/index.js';
import { serveStdio } from '../../../src/transports/stdio/index.js';

const server = createServer({ name: 'child', version: '1.0.0' });

server.tool('work', {}, async (_args, call) => {
  console.log('this must not reach the client');
  for (let n = 1; n <= 100; n++) await call.progress(n, { of: 100 });
  const { name } = await call.ask.form('who', 'Name?', {
    type: 'object',
    properties: { name: { type: 'string' } },
  });
  return `worked for ${String(name)}`;
});
server.tool('hang', {}, async (_args, call) => {
  await call.progress(1);
  await new Promise((resolve) => call.signal.addEventListener('abort', resolve));
  console.error('stopped');
  return 'late';
});
server.tool('large', {}, () => 'x'.repeat(3_000_000));
server.tool('die', {}, () => process.exit(3));

serveStdio(server);
