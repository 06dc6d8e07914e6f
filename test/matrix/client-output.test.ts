import { expect } from 'vitest';
import * as z from 'zod';
import type { Middleware } from '../../src/index.js';
import { atLeast } from '../../src/protocol/revisions.js';
import { matrix } from './matrix.js';

const sum = z.object({ sum: z.number() });

/** Lets a server break its word, which ours would not do by itself. */
const saying =
  (structuredContent: unknown): Middleware =>
  (next) =>
  async (request, io) => {
    const result = await next(request, io);
    return request.method === 'tools/call' ? { ...result, structuredContent } : result;
  };

matrix('a server is held to the output schema that it listed', async (stage) => {
  const { server, connect, revision } = stage;
  server.tool('add', { output: sum }, () => ({ sum: 3 }));
  server.use(saying({ sum: 'three' }));
  const client = await connect();
  await expect(client.callTool('add')).resolves.toBeDefined();
  await client.listTools();
  const call = client.callTool('add');
  // Older revisions have no output schema, and nothing that it could describe.
  const outcome = await call.catch((thrown: unknown) => thrown);
  expect(outcome).toMatchObject(
    atLeast(revision, '2025-06-18')
      ? { kind: 'badResponse', message: expect.stringContaining('/sum must be') }
      : { content: expect.anything() },
  );
});

matrix('what keeps to its schema comes through, whatever it is', async (stage) => {
  const { server, connect } = stage;
  const warnings: string[] = [];
  server.tool('add', { output: sum }, () => ({ sum: 3 }));
  server.tool('list', { output: z.array(z.number()) }, () => [1, 2]);
  server.tool('none', { output: z.null() }, () => null);
  const client = await connect({ onWarning: (warning) => warnings.push(warning) });
  await client.listTools();
  for (const name of ['add', 'list', 'none']) {
    await expect(client.callTool(name)).resolves.toHaveProperty('content');
  }
  expect(warnings).toEqual([]);
});
