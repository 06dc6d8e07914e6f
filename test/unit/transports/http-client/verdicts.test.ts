/** What a client makes of the first answer of a server that it does not know. */
import { expect, test } from 'vitest';
import { connect } from '../../../../src/connect.js';
import { manualPlatform } from '../../../../src/testing/index.js';
import { cites } from '../../../requirements.js';
import { beginStream, type Loopback, loopback, sendResult } from './loopback.js';

const options = () => ({ eraCache: false, platform: manualPlatform() }) as const;
const methods = ({ seen }: Loopback): readonly unknown[] =>
  seen.map(({ method, message }) => message.method ?? method);

const welcome = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  serverInfo: { name: 'loopback', version: '1' },
};

cites('era/http-modern-error', 'era/modern-error');
test.each([
  [-32020, { message: 'header' }],
  [-32021, { requiredCapabilities: { roots: {} } }],
  [-32022, { supported: ['2099-01-01'], requested: '2026-07-28' }],
])('400 with %d is the word of a stateless server', async (code, data) => {
  const server = await loopback(({ message }, response) => {
    response.writeHead(400, { 'content-type': 'application/json' });
    const error = { code, message: 'no', data };
    response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, error }));
  });
  await expect(connect(server.url, options())).rejects.toMatchObject({ code });
  expect(methods(server)).not.toContain('initialize');
});

cites('era/http-fallback');
test.each([
  ['nothing', ''],
  ['words', 'Bad Request'],
  ['a code of its own', '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"no"}}'],
])('400 with %s is the word of a server with sessions', async (_what, body) => {
  const server = await loopback((seen, response) => {
    if (seen.message.method === 'initialize') sendResult(seen, response, welcome);
    else if (seen.message.method === 'server/discover') {
      response.writeHead(400, { 'content-type': 'application/json' }).end(body);
    } else response.writeHead(seen.method === 'GET' ? 405 : 202).end();
  });
  await using client = await connect(server.url, options());
  expect(client.protocolVersion).toBe('2025-11-25');
});

cites('era/http-sse');
test.each([400, 404, 405])('after %d twice the oldest transport is tried', async (status) => {
  const server = await loopback(({ method, message }, response) => {
    if (method === 'GET') beginStream(response, 'event: endpoint\ndata: /post\n\n');
    else if (message.method === 'initialize' && isOld) response.writeHead(503).end();
    else response.writeHead(status).end();
    isOld ||= method === 'GET';
  });
  let isOld = false;
  await expect(connect(server.url, options())).rejects.toMatchObject({ kind: 'unavailable' });
  expect(methods(server)).toEqual(['server/discover', 'initialize', 'GET', 'initialize']);
});

cites('http/too-large');
test.each([
  [413, 'tooLarge'],
  [431, 'headersTooLarge'],
])('%d is told as what it is', async (status, kind) => {
  const server = await loopback((seen, response) => {
    if (seen.message.method !== 'server/discover') return void response.writeHead(status).end();
    sendResult(seen, response, {
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: {} },
      ttlMs: 0,
      cacheScope: 'private',
    });
  });
  await using client = await connect(server.url, options());
  await expect(client.callTool('t')).rejects.toMatchObject({ kind, fromPeer: true });
});
