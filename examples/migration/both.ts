/**
 * Moving from HTTP+SSE (2024-11-05) to Streamable HTTP: one server with both, an old client that has
 * not moved yet, and clients that have.
 *
 *   node --import tsx examples/migration/both.ts
 */
/* eslint-disable typescript/no-deprecated -- the old transport is what this is about */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client as OfficialClient } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { connect, createServer } from 'sallyport';
import { listen } from 'sallyport/http';

// #region server
const server = createServer({ name: 'moving', version: '1.0.0' });
server.tool('work', { description: 'Works in two steps.' }, async (_args, call) => {
  for (let step = 1; step <= 2; step++) {
    await call.progress(step, { of: 2 });
    await sleep(50, undefined, { signal: call.signal });
  }
  return 'done';
});

// Streamable HTTP at /mcp, and HTTP+SSE at /sse and /messages.
const listening = await listen(server, { httpSse: true });
const newUrl = new URL(listening.url);
const oldUrl = new URL('/sse', newUrl);
// #endregion

// #region official
/** A client of the official SDK v1: the transport is all that changes. */
async function official(transport: Transport): Promise<OfficialClient> {
  const client = new OfficialClient({ name: 'official', version: '1.0.0' });
  await client.connect(transport);
  const progress: number[] = [];
  const onprogress = (one: { progress: number }): number => progress.push(one.progress);
  await client.callTool({ name: 'work' }, undefined, { onprogress });
  assert.deepEqual(progress, [1, 2]);
  return client;
}
const old = await official(new SSEClientTransport(oldUrl));
const moved = await official(new StreamableHTTPClientTransport(newUrl));
// #endregion

// #region sallyport
/** A client of Sallyport: the address is all that changes. */
async function ours(url: URL): Promise<string> {
  await using client = await connect(url);
  const progress: number[] = [];
  await client.callTool('work', {}, { onProgress: ({ done }) => progress.push(done) });
  assert.deepEqual(progress, [1, 2]);
  return client.protocolVersion;
}
const revisions = [await ours(oldUrl), await ours(newUrl)];
// #endregion
assert.deepEqual(revisions, ['2025-11-25', '2026-07-28']);

// #region notices
// A session is told unasked: on the one stream there is, or on the stream of a GET.
const told = [old, moved].map(
  (client) =>
    new Promise<void>((resolve) => {
      client.setNotificationHandler(ToolListChangedNotificationSchema, () => resolve());
    }),
);
// Since 2026-07-28 a client asks to be told.
await using newest = await connect(newUrl);
for await (const { kind } of newest.listen({ tools: true })) {
  if (kind === 'listening') server.tool('another', {}, () => 'a new tool');
  if (kind === 'tools') break;
}
await Promise.all(told);
// #endregion

await Promise.all([old.close(), moved.close(), newest.close()]);
await listening.close();
console.log('ok: old and moved clients used one server, and all heard of its new tool');
