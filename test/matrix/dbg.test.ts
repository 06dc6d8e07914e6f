import { test } from 'vitest';
import { createServer } from '../../src/index.js';
import { hostServer, manualPlatform } from '../../src/testing/index.js';
test('x', async () => {
  const platform = manualPlatform();
  const server = createServer({ name: 'm', version: '1', platform });
  server.resource('test://a', {}, async (_target, call) => {
    await call.progress(1);
    return 'a';
  });
  const host = await hostServer('http', server, { platform });
  const client = await host.connect({ era: 'legacy' });
  await client.readResource('test://a', { onProgress: () => undefined }).catch((e) => console.log('client', e));
  console.log(host.wire.frames.slice(-4).map((f) => f.text));
}, 3000);
