import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createServer, type Server } from '../../src/index.js';
import type { Limits } from '../../src/limits.js';
import {
  type Host,
  hostServer,
  manualPlatform,
  type ManualPlatform,
} from '../../src/testing/index.js';
import { cites } from '../requirements.js';
import { createGate, type Gate } from './gate.js';
import { jsonHeaders, type RawEvent, type RawHeaders, type RawHttp, rawHttp } from './raw-http.js';
import { initialized, legacy } from './raw-pipe.js';

const sse = { accept: 'text/event-stream' };

describe.each(['http', 'web'] as const)('streams of sessions over %s', (transport) => {
  let platform: ManualPlatform;
  let server: Server;
  let host: Host;
  let raw: RawHttp;
  let session: RawHeaders;
  let gate: Gate;

  const serve = async (limits: Partial<Limits> = {}): Promise<void> => {
    host = await hostServer(transport, server, { platform, limits });
    raw = rawHttp(host.url!, host.fetch!);
    session = await raw.open();
  };

  beforeEach(() => {
    platform = manualPlatform();
    gate = createGate();
    server = createServer({ name: 'resume', version: '1.0.0', platform });
    server.tool('work', {}, async (_args, call) => {
      for (let n = 1; n <= 4; n++) {
        await call.progress(n);
        await gate.pass();
      }
      return 'done';
    });
  });

  afterEach(async () => {
    await host.close();
    expect(platform.clock.waiting).toBe(0);
  });

  const work = (id: number): ReturnType<RawHttp['stream']> => {
    const params = { name: 'work', _meta: { progressToken: id } };
    return raw.stream('POST', { ...jsonHeaders, ...session }, legacy(id, 'tools/call', params));
  };
  const resume = (lastEventId: string): ReturnType<RawHttp['stream']> =>
    raw.stream('GET', { ...sse, ...session, 'last-event-id': lastEventId });
  const progress = ({ message }: RawEvent = {}): unknown =>
    (message?.['params'] as { progress: number } | undefined)?.progress ?? message?.['id'];

  cites('session/primed', 'session/retry-before-close');
  test('a stream begins with an id to come back to, and a time to wait', async () => {
    await serve();
    const stream = await work(1);
    expect(await stream.next()).toEqual({ id: 's1-0', retry: 1000 });
    expect(await stream.next()).toMatchObject({
      id: 's1-1',
      message: { method: expect.anything() },
    });
    stream.cut();
  });

  cites('session/disconnect-is-no-cancel');
  test('a reader that is cut gets exactly what it missed, and the work went on', async () => {
    await serve();
    const first = await work(1);
    await first.next();
    expect(progress(await first.next())).toBe(1);
    first.cut();
    for (let n = 2; n <= 4; n++) await gate.open();
    await gate.reached();
    const again = await resume('s1-1');
    const seen: RawEvent[] = [];
    for (let n = 2; n <= 4; n++) seen.push((await again.next())!);
    expect(seen.map(progress)).toEqual([2, 3, 4]);
    expect(seen.map(({ id }) => id)).toEqual(['s1-2', 's1-3', 's1-4']);
    await gate.open();
    expect(await again.next()).toMatchObject({ id: 's1-5', message: { id: 1, result: {} } });
    expect(await again.next()).toBeUndefined();
  });

  test('a stream that is over is replayed to its end, from any place', async () => {
    await serve();
    const first = await work(1);
    await first.next();
    for (let n = 1; n <= 4; n++) {
      await first.next();
      await gate.open();
    }
    await first.next();
    expect(await first.next()).toBeUndefined();
    for (let from = 0; from < 5; from++) {
      const again = await resume(`s1-${from}`);
      const seen: unknown[] = [];
      for (let one = await again.next(); one !== undefined; one = await again.next()) {
        seen.push(one.id);
      }
      expect(seen).toEqual([1, 2, 3, 4, 5].slice(from).map((seq) => `s1-${seq}`));
    }
    // Whoever has everything is told not to come back.
    expect((await resume('s1-5')).status).toBe(204);
  });

  cites('session/replays-own-stream', 'session/event-ids-unique', 'session/event-ids-name-streams');
  test('one stream never replays the events of another', async () => {
    await serve();
    const [one, two] = [await work(1), await work(2)];
    for (const stream of [one, two]) {
      await stream.next();
      await stream.next();
    }
    one.cut();
    two.cut();
    gate.openAll();
    await gate.reached();
    const again = await resume('s2-1');
    expect(await again.next()).toMatchObject({
      id: 's2-2',
      message: { params: { progressToken: 2, progress: 2 } },
    });
    again.cut();
  });

  test.each(['s9-1', 'nonsense', '', 's1-', '-1', 's1-1-1'])(
    'an event id that is not ours, %j, is not found',
    async (lastEventId) => {
      await serve();
      const stream = await work(1);
      await stream.next();
      const again = await resume(lastEventId);
      expect(again.status).toBe(404);
      stream.cut();
    },
  );

  test('an event that never was is refused alone, and what runs goes on', async () => {
    await serve();
    const stream = await work(1);
    await stream.next();
    expect(progress(await stream.next())).toBe(1);
    expect((await resume('s1-99')).status).toBe(400);
    await gate.open();
    expect(progress(await stream.next())).toBe(2);
    expect((await raw.post(legacy(9, 'ping'), session)).status).toBe(200);
    stream.cut();
  });

  test("another session's event id is not found", async () => {
    await serve();
    const stream = await work(1);
    await stream.next();
    session = await raw.open();
    expect((await resume('s1-0')).status).toBe(404);
    stream.cut();
  });

  test('past the bound of what is kept the client is told to begin anew', async () => {
    let said = 0;
    server.tool('hurries', {}, async (_args, call) => {
      await call.progress(++said);
      await gate.pass();
      // Whoever waits for room waits for a reader, and loses nothing.
      while (said < 5) void call.progress(++said);
      await gate.pass();
      return 'done';
    });
    await serve({ eventsPerStreamMax: 3 });
    const params = { name: 'hurries', _meta: { progressToken: 1 } };
    const message = legacy(1, 'tools/call', params);
    const stream = await raw.stream('POST', { ...jsonHeaders, ...session }, message);
    await stream.next();
    await stream.next();
    stream.cut();
    await gate.open();
    await gate.reached();
    const again = await resume('s1-2');
    expect([again.status, (await again.next())?.id]).toEqual([200, 's1-3']);
    again.cut();
    expect((await resume('s1-1')).status).toBe(404);
    expect((await raw.post(legacy(9, 'ping'), session)).status).toBe(404);
  });

  test('work whose reader never comes back is stopped in the end', async () => {
    let reason: unknown;
    server.tool('hang', {}, async (_args, call) => {
      call.signal.addEventListener('abort', () => (reason = call.signal.reason));
      await call.progress(1);
      return new Promise(() => undefined);
    });
    await serve({ eventTtlMs: 60_000 });
    const params = { name: 'hang', _meta: { progressToken: 1 } };
    const message = legacy(1, 'tools/call', params);
    const stream = await raw.stream('POST', { ...jsonHeaders, ...session }, message);
    await stream.next();
    await stream.next();
    stream.cut();
    await platform.clock.armed((ms) => ms === 60_000);
    await platform.clock.advance(59_999);
    expect(reason).toBeUndefined();
    await platform.clock.advance(1);
    expect(reason).toMatchObject({ kind: 'cancelled' });
    // Whoever comes back after all is told that nobody knows.
    const late = await resume('s1-1');
    expect(await late.next()).toMatchObject({ message: { id: 1, error: { code: 520 } } });
    expect(await late.next()).toBeUndefined();
  });

  test('an answer that takes long becomes a stream, which can be come back to', async () => {
    server.tool('silent', {}, async () => {
      await gate.pass();
      return 'done';
    });
    await serve();
    const message = legacy(1, 'tools/call', { name: 'silent' });
    const opening = raw.stream('POST', { ...jsonHeaders, ...session }, message);
    await host.wire.until(({ message: said }) => said?.['method'] === 'tools/call');
    await platform.clock.advance(250);
    const stream = await opening;
    expect(await stream.next()).toEqual({ id: 's1-0', retry: 1000 });
    await gate.open();
    expect(await stream.next()).toMatchObject({ id: 's1-1', message: { result: {} } });
  });

  cites('session/json-or-stream');
  test('an answer that comes at once is plain JSON', async () => {
    await serve();
    server.tool('quick', {}, () => 'now');
    const answer = await raw.post(legacy(1, 'tools/call', { name: 'quick' }), session);
    expect(answer.headers.get('content-type')).toBe('application/json');
  });

  cites('session/retry-before-close');
  test('a handler may let its reader go and be polled', async () => {
    server.tool('poll', {}, async (_args, call) => {
      await call.progress(1);
      call.detach({ retryMs: 5000 });
      await gate.pass();
      return 'done';
    });
    await serve();
    const params = { name: 'poll', _meta: { progressToken: 1 } };
    const message = legacy(1, 'tools/call', params);
    const stream = await raw.stream('POST', { ...jsonHeaders, ...session }, message);
    const events: RawEvent[] = [];
    for (let one = await stream.next(); one !== undefined; one = await stream.next())
      events.push(one);
    expect(events.at(-1)).toEqual({ id: 's1-1', retry: 5000 });
    const again = await resume('s1-1');
    await gate.open();
    for (let one = await again.next(); one !== undefined; one = await again.next())
      events.push(one);
    expect(events.at(-1)).toMatchObject({ message: { id: 1, result: {} } });
  });

  describe('the stream of GET', () => {
    const standing = (): ReturnType<RawHttp['stream']> => raw.stream('GET', { ...sse, ...session });

    test('there is one: a second is a conflict while the first lives', async () => {
      await serve();
      const first = await standing();
      expect(first.status).toBe(200);
      await first.next();
      expect((await standing()).status).toBe(409);
      first.cut();
    });

    test('a ghost is replaced', async () => {
      await serve({ keepAliveMs: 100_000 });
      const ghost = await standing();
      await ghost.next();
      await platform.clock.advance(20_000);
      const second = await standing();
      expect(second.status).toBe(200);
      expect(await ghost.next()).toBeUndefined();
      server.tool('more', {}, () => '');
      await second.next();
      expect(await second.next()).toMatchObject({
        message: { method: 'notifications/tools/list_changed' },
      });
      second.cut();
    });

    test('who comes back takes it over, and has what it missed', async () => {
      await serve();
      const first = await standing();
      expect(await first.next()).toEqual({ id: 's1-0', retry: 1000 });
      server.tool('one', {}, () => '');
      expect(await first.next()).toMatchObject({ id: 's1-1' });
      server.tool('two', {}, () => '');
      const second = await resume('s1-0');
      expect(await second.next()).toMatchObject({ id: 's1-1' });
      expect(await second.next()).toMatchObject({ id: 's1-2' });
      for (let one = await first.next(); one !== undefined;) one = await first.next();
      server.tool('three', {}, () => '');
      expect(await second.next()).toMatchObject({ id: 's1-3' });
      second.cut();
    });

    cites('session/get-unrelated', 'session/get-no-answers', 'session/one-stream-each');
    test('carries no answers and no events of calls', async () => {
      await serve();
      const listening = await standing();
      await listening.next();
      const call = await work(1);
      for (let n = 1; n <= 4; n++) {
        await gate.open();
      }
      for (let one = await call.next(); one !== undefined;) one = await call.next();
      server.tool('more', {}, () => '');
      expect(await listening.next()).toMatchObject({
        message: { method: 'notifications/tools/list_changed' },
      });
      listening.cut();
    });

    test('is kept alive', async () => {
      await serve();
      const listening = await standing();
      await listening.next();
      await platform.clock.advance(15_000);
      expect(await listening.text()).toMatch(/^: keep-alive/);
      listening.cut();
    });

    test('older revisions have no event without a message', async () => {
      await serve();
      session = await raw.open('2025-06-18');
      const listening = await standing();
      expect(listening.status).toBe(200);
      server.tool('more', {}, () => '');
      expect(await listening.next()).toMatchObject({ id: 's1-1', message: {} });
      listening.cut();
    });
  });
});

describe('the time of a session', () => {
  let platform: ManualPlatform;
  let server: Server;
  let host: Host;
  let raw: RawHttp;
  const minuteMs = 60_000;

  beforeEach(async () => {
    platform = manualPlatform();
    server = createServer({ name: 'time', version: '1.0.0', platform });
    server.tool('hold', {}, () => new Promise(() => undefined));
    host = await hostServer('web', server, { platform });
    raw = rawHttp(host.url!, host.fetch!);
  });

  afterEach(async () => {
    await host.close();
    expect(platform.clock.waiting).toBe(0);
  });

  const status = async (session: RawHeaders): Promise<number> =>
    (await raw.post(legacy(1, 'ping'), session)).status;

  test('ends when it was idle for half an hour, and no earlier', async () => {
    const session = await raw.open();
    await platform.clock.advance(30 * minuteMs);
    expect(await status(session)).toBe(200);
    await platform.clock.advance(30 * minuteMs);
    expect(await status(session)).toBe(200);
    await platform.clock.advance(30 * minuteMs + 1);
    expect(await status(session)).toBe(404);
  });

  test('ends after a day, however busy it was', async () => {
    const session = await raw.open();
    for (let n = 0; n < 48; n++) {
      expect(await status(session)).toBe(200);
      await platform.clock.advance(30 * minuteMs);
    }
    expect(await status(session)).toBe(200);
    await platform.clock.advance(1);
    expect(await status(session)).toBe(404);
  });

  test('ends after a minute when its handshake was never finished', async () => {
    const { headers } = await raw.post({
      jsonrpc: '2.0',
      id: 0,
      method: 'initialize',
      params: {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'raw', version: '1' },
      },
    });
    const session = { 'mcp-session-id': headers.get('mcp-session-id') ?? '' };
    await platform.clock.advance(minuteMs);
    expect(await status(session)).toBe(200);
    await platform.clock.advance(1);
    expect((await raw.post(initialized, session)).status).toBe(404);
  });

  test('does not pass while a call runs or a reader listens', async () => {
    const [working, listening] = [await raw.open(), await raw.open()];
    const call = raw.stream(
      'POST',
      { ...jsonHeaders, ...working },
      legacy(1, 'tools/call', { name: 'hold' }),
    );
    const stream = await raw.stream('GET', { ...sse, ...listening });
    await platform.clock.advance(29 * minuteMs);
    await platform.clock.advance(29 * minuteMs);
    expect([await status(working), await status(listening)]).toEqual([200, 200]);
    stream.cut();
    (await call).cut();
  });

  test('a sweep forgets those that nobody asks for', async () => {
    await raw.open();
    await platform.clock.advance(31 * minuteMs);
    // With the last session its sweep has gone, too.
    expect(platform.clock.waiting).toBe(0);
  });
});
