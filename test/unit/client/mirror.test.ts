import { expect, test } from 'vitest';
import { connect } from '../../../src/connect.js';
import { manualPlatform } from '../../../src/testing/clock.js';
import {
  answerEvent,
  beginStream,
  loopback,
  type Loopback,
  sendResult,
} from '../transports/http-client/loopback.js';
import { discovered } from './scripted.js';

const tool = (name: string, header?: string) => ({
  name,
  inputSchema: {
    type: 'object',
    properties: {
      region: { type: 'string', ...(header === undefined ? {} : { 'x-mcp-header': header }) },
    },
  },
});

/** A server with a list of pages; a call without the header `Mcp-Param-Region` is refused. */
async function serverOf(pages: readonly (readonly object[])[]): Promise<Loopback> {
  return loopback((seen, response) => {
    const { method, id } = seen.message;
    if (method === 'server/discover') return sendResult(seen, response, discovered);
    if (method === 'tools/list') {
      const { params } = seen.message as { params?: { cursor?: string } };
      const at = Number(params?.cursor ?? 0);
      const more = at + 1 < pages.length ? { nextCursor: String(at + 1) } : {};
      return sendResult(seen, response, { ...discovered, tools: pages[at], ttlMs: 1000, ...more });
    }
    if (seen.headers['mcp-param-region'] !== undefined) {
      beginStream(response, answerEvent(id));
      return response.end();
    }
    response.writeHead(400, { 'content-type': 'application/json' });
    const error = { code: -32020, message: 'Mcp-Param-Region is missing' };
    return response.end(JSON.stringify({ jsonrpc: '2.0', id, error }));
  });
}

test('a tool whose header annotations are invalid is left out, and that is told', async () => {
  const server = await serverOf([[tool('good', 'Region'), tool('bad', 'not a header')]]);
  const warnings: string[] = [];
  const onWarning = (warning: string): void => void warnings.push(warning);
  await using client = await connect(server.url, { platform: manualPlatform(), onWarning });
  expect((await client.listTools()).map(({ name }) => name)).toEqual(['good']);
  expect(warnings).toEqual([expect.stringContaining('"bad"')]);
  // Also when the list comes from what was kept.
  expect((await client.listTools()).map(({ name }) => name)).toEqual(['good']);
});

test('a header that is found missing is learnt from all pages of the list, and sent', async () => {
  const server = await serverOf([[tool('a')], [tool('b', 'Region')]]);
  await using client = await connect(server.url, { platform: manualPlatform() });
  await expect(client.callTool('b', { region: 'eu' })).resolves.toHaveProperty('content');
  const calls = server.seen.filter(({ message }) => message.method === 'tools/call');
  expect(calls.map(({ headers }) => headers['mcp-param-region'])).toEqual([undefined, 'eu']);
});

test('a call that is refused again for its headers is not made a third time', async () => {
  const server = await serverOf([[tool('a')]]);
  await using client = await connect(server.url, { platform: manualPlatform() });
  await expect(client.callTool('a', { region: 'eu' })).rejects.toMatchObject({
    kind: 'headerMismatch',
  });
  expect(server.seen.filter(({ message }) => message.method === 'tools/call')).toHaveLength(2);
});
