/** One node of several that share a Redis: `REDIS_URL=redis://… node node.ts PORT`. */
import { createServer } from 'sallyport';
import { listen } from 'sallyport/http';
import { redisStore } from 'sallyport/stores/redis';

const port = Number(process.argv[2] ?? 3000);
const server = createServer({ name: 'nodes', version: '1.0.0' });

server.tool('where', { description: 'Which node answers.' }, () => `${port}`);

server.tool('count', { description: 'Counts until it is told to stop.' }, async (_args, call) => {
  for (let number = 1; number <= 20; number++) {
    await call.progress(number, { of: 20 });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return `counted at ${port}`;
});

server.resource('clock://now', { description: 'Changes whenever it is touched.' }, () => 'now');
server.tool('touch', { description: 'Changes the clock.' }, () => {
  server.resourceUpdated('clock://now');
  return `touched at ${port}`;
});

// #region node
const store = await redisStore(process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379');
const listening = await listen(server, {
  port,
  store,
  publicUrl: 'http://mcp.example.com',
  trustedProxies: ['127.0.0.1'],
});
process.once('SIGTERM', () => {
  void listening.close().then(() => store.close());
});
// #endregion
console.log(`listening ${listening.url}`);
