import { expect } from 'vitest';
import * as z from 'zod';
import { type Middleware, text } from '../../src/index.js';
import { legacyRevisions } from '../../src/protocol/revisions.js';
import { cites } from '../requirements.js';
import { matrix } from './matrix.js';

const everySession = { eras: ['legacy'], revisions: legacyRevisions } as const;

cites('version/by-initialize');
matrix('every older revision is spoken, whole', everySession, async (stage) => {
  const { server, connect, revision } = stage;
  const person = z.object({ name: z.string() });
  server.tool('greet', { title: 'Greets', output: person }, async (_args, call) => {
    await call.progress(1);
    await call.log('warning', 'hm');
    return call.ask.form('who', 'Your name?', person);
  });
  const heard: unknown[] = [];
  const client = await connect({
    answers: { form: () => ({ name: 'Ann' }) },
    onLog: ({ data }) => heard.push(data),
  });
  expect(client.protocolVersion).toBe(revision);
  const onProgress = ({ done }: { done: number }): void => void heard.push(done);
  const { content } = await client.callTool('greet', {}, { onProgress });
  expect(content).toEqual([text('{"name":"Ann"}')]);
  expect(heard).toEqual([1, 'hm']);
  const changes = client.listen({ tools: true })[Symbol.asyncIterator]();
  await changes.next();
  server.tool('more', {}, () => '');
  expect(await changes.next()).toMatchObject({ value: { kind: 'tools' } });
  await changes.return?.();
});

cites('version/unsupported', 'version/requested');
matrix('what nobody speaks per request is refused with what is spoken', async (stage) => {
  const { server, connect, era, wire, host } = stage;
  if (era === 'legacy') return;
  server.tool('a', {}, () => 'a');
  for (const requested of ['2099-01-01', '2025-11-25', 'nonsense']) {
    const middleware = [spoken(requested)];
    const client = await connect({ middleware });
    await expect(client.callTool('a')).rejects.toMatchObject({
      code: -32022,
      data: { supported: ['2026-07-28'], requested },
      fromPeer: true,
    });
    if (host.url !== undefined) expect(wire.frames.at(-1)?.status).toBe(400);
  }
});

/** Says another version in `_meta` than the client would. */
function spoken(version: string): Middleware {
  const key = 'io.modelcontextprotocol/protocolVersion';
  return (next) => (request, io) => {
    const meta = request.params?.['_meta'] as object | undefined;
    return next(
      { ...request, params: { ...request.params, _meta: { ...meta, [key]: version } } },
      io,
    );
  };
}
