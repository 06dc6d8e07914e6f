import { expect, test } from 'vitest';
import { connect } from '../../../../src/connect.js';
import { beginStream, loopback, sendResult } from './loopback.js';

test('a change that comes before the server has begun to listen is none that was missed', async () => {
  const uri = 'x:1';
  const params = { uri };
  const notice = { jsonrpc: '2.0', method: 'notifications/resources/updated', params };
  const event = `data: ${JSON.stringify(notice)}\n\n`;
  let tell = (): void => undefined;
  const server = await loopback((seen, response) => {
    const { method, message } = seen;
    if (message.method === 'initialize') {
      response.setHeader('mcp-session-id', 'one');
      sendResult(seen, response, {
        protocolVersion: '2025-11-25',
        capabilities: { resources: { subscribe: true } },
        serverInfo: { name: 'early', version: '1' },
      });
    } else if (method === 'GET') {
      beginStream(response, ': open\n\n');
      tell = () => void response.write(event);
    } else if (message.method === 'resources/subscribe') {
      tell();
      setTimeout(() => sendResult(seen, response, {}), 100);
    } else response.writeHead(202).end();
  });
  await using client = await connect(server.url, { era: 'legacy' });
  await server.until(({ method }) => method === 'GET');
  const kinds: string[] = [];
  for await (const { kind } of client.listen({ uris: [uri] })) {
    kinds.push(kind);
    if (kind === 'listening') tell();
    else break;
  }
  expect(kinds).toEqual(['listening', 'resource']);
});
