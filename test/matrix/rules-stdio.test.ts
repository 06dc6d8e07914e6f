/** Rules of pipes: to a server as lines, and to a client as a process. */
import {
  connect as connectSocket,
  createServer as createSocketServer,
  type Socket,
} from 'node:net';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { connect, createServer, type Server } from '../../src/index.js';
import { serveStdio } from '../../src/transports/stdio/index.js';
import { manualPlatform } from '../../src/testing/index.js';
import { cites } from '../requirements.js';
import { initialize, initialized, legacy, modern, rawPipe } from './raw-pipe.js';

function echoing(): { server: Server; platform: ReturnType<typeof manualPlatform> } {
  const platform = manualPlatform();
  const server = createServer({ name: 'rules', version: '1.0.0', platform });
  server.tool('echo', { input: { type: 'object' } }, ({ text }) => String(text));
  return { server, platform };
}

cites('stdio/no-line-feed', 'stdio/one-line');
test('whatever a text holds, its message is one line', async () => {
  const { server, platform } = echoing();
  const pipe = rawPipe(server, platform);
  const text = 'a\nb\r\nc\u2028d\u2029e\u0000f ä🙂';
  const call = { name: 'echo', arguments: { text } };
  pipe.write(modern(1, 'tools/call', call));
  expect(await pipe.next()).toMatchObject({ id: 1, result: { content: [{ text }] } });
  pipe.write(initialize(2));
  await pipe.next();
  pipe.write(initialized);
  pipe.write(legacy(3, 'tools/call', call));
  expect(await pipe.next()).toMatchObject({ id: 3, result: { content: [{ text }] } });
  await pipe.end();
});

cites('stdio/demultiplexed', 'listen/subscription-id', 'listen/id-type', 'listen/several');
cites('listen/acknowledged-first', 'listen/no-progress', 'listen/result-id', 'listen/server-ends');
test('each listen begins with what is honoured, and its messages carry its id', async () => {
  const { server, platform } = echoing();
  server.tool('busy', {}, async (_args, call) => {
    await call.progress(1);
    return '';
  });
  const pipe = rawPipe(server, platform);
  const key = 'io.modelcontextprotocol/subscriptionId';
  const acknowledged = 'notifications/subscriptions/acknowledged';
  for (const id of [7, '7']) {
    const notifications = { toolsListChanged: true, promptsListChanged: true };
    pipe.write(modern(id, 'subscriptions/listen', { notifications }));
    expect(await pipe.next()).toMatchObject({
      method: acknowledged,
      params: { notifications: { toolsListChanged: true }, _meta: { [key]: id } },
    });
  }
  const params = modern(1, 'tools/call', { name: 'busy' })['params'] as { _meta: object };
  const _meta = { ...params._meta, progressToken: 'p' };
  pipe.write(legacy(1, 'tools/call', { ...params, _meta }));
  const progress = await pipe.next();
  expect(progress).toMatchObject({ method: 'notifications/progress' });
  expect(JSON.stringify(progress)).not.toContain(key);
  expect(await pipe.next()).toMatchObject({ id: 1 });
  server.tool('more', {}, () => '');
  for (const id of [7, '7']) {
    expect(await pipe.next()).toMatchObject({
      method: 'notifications/tools/list_changed',
      params: { _meta: { [key]: id } },
    });
  }
  await pipe.end();
  for (const id of [7, '7']) {
    expect(await pipe.next()).toMatchObject({
      id,
      result: { resultType: 'complete', _meta: { [key]: id } },
    });
  }
});

cites('stdio/framing-elsewhere');
test('any pair of streams may carry the lines, such as a socket', async () => {
  const { server, platform } = echoing();
  const listener = createSocketServer((socket: Socket) => {
    serveStdio(server, { stdin: socket, stdout: socket, platform, exitAtEnd: false });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const socket = connectSocket((listener.address() as AddressInfo).port, '127.0.0.1');
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const call = { name: 'echo', arguments: { text: 'over a socket' } };
  for (const message of [modern(1, 'tools/call', call), initialize(2)]) {
    socket.write(`${JSON.stringify(message)}\n`);
    const { value } = await lines.next();
    expect(JSON.parse(value as string)).toMatchObject({ id: message['id'], result: {} });
  }
  socket.destroy();
  await new Promise((resolve) => listener.close(resolve));
});

const script = `
  process.stdin.setEncoding('utf8').on('data', (text) => {
    for (const line of text.split('\\n').filter(Boolean)) {
      const { id, method } = JSON.parse(line);
      if (method !== 'initialize') continue;
      console.error('something to worry about');
      const result = {
        protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: process.argv[1], version: '1' },
      };
      console.log(JSON.stringify({ jsonrpc: '2.0', id, result }));
    }
  });`;

cites('guards/no-shell', 'stdio/stderr-is-no-failure');
test('a server is started as it is written, and may complain', async () => {
  const hostile = '$(exit 1); `exit 1` && exit 1 | "x"';
  const command = process.execPath;
  const client = await connect({ command, args: ['-e', script, hostile] }, { era: 'legacy' });
  expect(client.server.info?.name).toBe(hostile);
  await client.close();
});
