import { expect, test } from 'vitest';
import { connect } from '../../../../src/connect.js';
import { cites } from '../../../requirements.js';
import { isCall, loopback, sendResult, sessionLoopback } from './loopback.js';

test.each([
  { status: 401, kind: 'unauthorized' },
  { status: 403, kind: 'forbidden' },
  { status: 502, kind: 'outcomeUnknown' },
])(
  'a refusal with status $status and JSON that is no message is told by its status',
  async ({ status, kind }) => {
    const server = await loopback((_seen, response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end('{"error":"invalid_token"}');
    });
    for (const era of ['legacy', 'modern', 'auto'] as const) {
      await expect(connect(server.url, { era })).rejects.toMatchObject({ kind, fromPeer: true });
    }
  },
);

test('the words of a refusal are kept', async () => {
  const server = await loopback(({ message }, response) => {
    response.writeHead(403, { 'content-type': 'application/json' });
    const error = { code: 403, message: 'Not from here' };
    response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, error }));
  });
  await expect(connect(server.url)).rejects.toMatchObject({
    kind: 'forbidden',
    message: 'Not from here',
  });
});

test('a web page is named as such', async () => {
  const server = await loopback((_seen, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>');
  });
  await expect(connect(server.url)).rejects.toMatchObject({
    kind: 'badResponse',
    message: expect.stringContaining('"text/html"'),
  });
});

cites('guards/redirects');
test('a redirect is not followed, and named', async () => {
  const server = await loopback((_seen, response) => {
    response.writeHead(308, { location: 'https://elsewhere.example/mcp' }).end();
  });
  await expect(connect(server.url)).rejects.toMatchObject({
    kind: 'badResponse',
    message: expect.stringContaining('redirects to "https://elsewhere.example/mcp"'),
  });
});

test('404 for an unknown method is no lost session', async () => {
  const server = await sessionLoopback(({ message }, response) => {
    response.writeHead(404, { 'content-type': 'application/json' });
    const error = { code: -32601, message: 'Unknown method' };
    response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, error }));
  });
  await using client = await connect(server.url, { era: 'legacy' });
  await expect(client.callTool('work')).rejects.toMatchObject({ kind: 'methodNotFound' });
  const opened = server.seen.filter(({ message }) => message.method === 'initialize');
  expect(opened).toHaveLength(1);
});

cites('session/begins-anew');
test('404 for a lost session opens another, once', async () => {
  let lost = 1;
  const server = await sessionLoopback((seen, response) => {
    if (isCall(seen) && lost-- > 0) response.writeHead(404).end();
    else sendResult(seen, response, { content: [] });
  });
  await using client = await connect(server.url, { era: 'legacy' });
  await expect(client.callTool('work')).resolves.toEqual({ content: [] });
  const opened = server.seen.filter(({ message }) => message.method === 'initialize');
  expect(opened).toHaveLength(2);
});
