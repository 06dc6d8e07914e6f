import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createServer, type Server } from '../../src/index.js';
import type { JsonObject } from '../../src/json-rpc/message.js';
import { hostServer, manualPlatform, type ManualPlatform } from '../../src/testing/index.js';
import { cites } from '../requirements.js';
import { rawHttp, type RawHeaders, type RawHttp } from './raw-http.js';
import { initialize, initialized, legacy, rawPipe } from './raw-pipe.js';

/** Batches exist in sessions of 2025-03-26 and nowhere else (basic, "Batching"). */
const withBatches = '2025-03-26';

let platform: ManualPlatform;
let server: Server;
let stopped: string[];

beforeEach(() => {
  platform = manualPlatform();
  stopped = [];
  server = createServer({ name: 'batches', version: '1.0.0', platform });
  server.tool('echo', { input: { type: 'object' } }, (args) => JSON.stringify(args));
  server.tool('steps', {}, async (_args, call) => {
    await call.progress(1, { of: 1 });
    return 'done';
  });
  server.tool('wait', {}, (_args, { signal }) => {
    return new Promise((_resolve, reject) => {
      const stop = (): void => {
        stopped.push('wait');
        reject(new Error('stopped'));
      };
      // A call that was cancelled in its own batch may begin after it has ended.
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop);
    });
  });
});

const echo = (id: number, said: string): JsonObject =>
  legacy(id, 'tools/call', { name: 'echo', arguments: { said } });
const steps = (id: number): JsonObject =>
  legacy(id, 'tools/call', { name: 'steps', _meta: { progressToken: id } });
const cancel = (requestId: number): JsonObject => ({
  jsonrpc: '2.0',
  method: 'notifications/cancelled',
  params: { requestId },
});
const batch = (...messages: readonly (JsonObject | string)[]): string => JSON.stringify(messages);
const said = (id: number, text: string): object => ({ id, result: { content: [{ text }] } });
const byId = (answers: readonly JsonObject[]): readonly JsonObject[] =>
  answers.toSorted((a, b) => Number(a['id'] ?? 0) - Number(b['id'] ?? 0));

describe('over a pipe', () => {
  const open = async (revision: string) => {
    const pipe = rawPipe(server, platform);
    pipe.write(initialize(1, revision));
    await pipe.next();
    pipe.write(initialized);
    return pipe;
  };

  cites('rpc/batch', 'stdio/batch');
  test('all requests of a batch are answered by one batch', async () => {
    const pipe = await open(withBatches);
    pipe.write(batch(echo(2, 'a'), initialized, echo(3, 'b')));
    const answers = (await pipe.next()) as unknown as JsonObject[];
    expect(byId(answers)).toMatchObject([said(2, '{"said":"a"}'), said(3, '{"said":"b"}')]);
    await pipe.end();
    expect(pipe.waiting).toEqual([]);
  });

  test('a broken member is answered like any other, and costs the rest nothing', async () => {
    const pipe = await open(withBatches);
    pipe.write(batch('no message', echo(2, 'a'), legacy(2, 'ping'), legacy(3, 'nothing')));
    const answers = (await pipe.next()) as unknown as JsonObject[];
    const of = (id: number | undefined) => answers.filter((answer) => answer['id'] === id);
    expect(of(undefined)).toMatchObject([{ error: { code: -32600 } }]);
    // The second request of one id is refused; the first is undisturbed.
    expect(of(2)).toMatchObject([{ error: { code: -32600 } }, said(2, '{"said":"a"}')]);
    expect(of(3)).toMatchObject([{ error: { code: -32601 } }]);
    await pipe.end();
  });

  test('a call cancelled in its own batch is stopped and has no answer', async () => {
    const pipe = await open(withBatches);
    const wait = legacy(2, 'tools/call', { name: 'wait' });
    pipe.write(batch(wait, cancel(2), echo(3, 'b')));
    const answers = (await pipe.next()) as unknown as JsonObject[];
    expect(answers).toMatchObject([said(3, '{"said":"b"}')]);
    pipe.write(batch(legacy(4, 'tools/call', { name: 'wait' }), cancel(4)));
    pipe.write(echo(5, 'c'));
    expect(await pipe.next()).toMatchObject(said(5, '{"said":"c"}'));
    await pipe.end();
    expect(pipe.waiting).toEqual([]);
  });

  test.each(['2024-11-05', '2025-06-18', '2025-11-25'])('%s has none', async (revision) => {
    const pipe = await open(revision);
    pipe.write(batch(echo(2, 'a')));
    expect(await pipe.next()).toMatchObject({ error: { code: -32600 } });
    pipe.write(echo(2, 'a'));
    expect(await pipe.next()).toMatchObject(said(2, '{"said":"a"}'));
    await pipe.end();
  });

  cites('rpc/initialize-in-batch');
  test('nothing is initialized in a batch', async () => {
    const pipe = rawPipe(server, platform);
    pipe.write(batch(initialize(1, withBatches)));
    expect(await pipe.next()).toMatchObject({ error: { code: -32600 } });
    await pipe.end();
  });
});

describe.each(['http', 'web'] as const)('over %s', (transport) => {
  let raw: RawHttp;
  let close: () => Promise<void>;
  let session: RawHeaders;

  beforeEach(async () => {
    const host = await hostServer(transport, server, { platform });
    raw = rawHttp(host.url!, host.fetch!);
    close = () => host.close();
    session = await raw.open(withBatches);
  });

  afterEach(async () => {
    await close();
    expect(platform.clock.waiting).toBe(0);
  });

  cites('rpc/batch', 'session/batch');
  test('answers come together as one JSON array', async () => {
    const { status, headers, text } = await raw.post(batch(echo(2, 'a'), echo(3, 'b')), session);
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json']);
    const answers = JSON.parse(text) as JsonObject[];
    expect(byId(answers)).toMatchObject([said(2, '{"said":"a"}'), said(3, '{"said":"b"}')]);
  });

  test('a batch of one is still a batch', async () => {
    const { text } = await raw.post(batch(echo(2, 'a')), session);
    expect(JSON.parse(text)).toMatchObject([said(2, '{"said":"a"}')]);
  });

  test('any notice turns the shared reply into a stream that holds every answer', async () => {
    const { headers, messages } = await raw.post(
      batch(echo(2, 'a'), steps(3), echo(4, 'c')),
      session,
    );
    expect(headers.get('content-type')).toBe('text/event-stream');
    expect(byId(messages)).toMatchObject([
      { method: 'notifications/progress' },
      said(2, '{"said":"a"}'),
      said(3, 'done'),
      said(4, '{"said":"c"}'),
    ]);
  });

  test('a call cancelled in its own batch is stopped, and the others are answered', async () => {
    const wait = legacy(2, 'tools/call', { name: 'wait' });
    const { text } = await raw.post(batch(wait, cancel(2), echo(3, 'b')), session);
    expect(JSON.parse(text)).toMatchObject([said(3, '{"said":"b"}')]);
    expect(stopped).toEqual(['wait']);
  });

  test('a batch of notifications is accepted without a body', async () => {
    const answer = await raw.post(batch(initialized, cancel(7)), session);
    expect([answer.status, answer.text]).toEqual([202, '']);
  });

  test('a duplicate id is refused and the first of that id is answered', async () => {
    const { text } = await raw.post(batch(steps(2), echo(2, 'twice')), session);
    expect(text).toContain('in use');
    expect(text).toContain('done');
  });

  test.each([undefined, '2025-11-25'])(
    'without a session of it (%s) it is refused',
    async (has) => {
      const headers = has === undefined ? {} : await raw.open(has);
      const answer = await raw.post(batch(echo(2, 'a')), headers);
      expect(answer.status).toBe(400);
      expect(answer.messages).toMatchObject([{ error: { code: -32600 } }]);
    },
  );
});
