/** One session on two nodes that share a store: whatever comes to either is as good as at both. */
import { beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { Server } from '../../src/index.js';
import { resolveLimits } from '../../src/limits.js';
import { memoryStore } from '../../src/stores/memory.js';
import type { ServerStore } from '../../src/stores/server-store.js';
import { type EndpointOptions, fetchHandler } from '../../src/transports/http/index.js';
import { letIn } from '../let-in.js';
import { callOf, type Node, NodeStage, requestOf, sse, type StartOptions } from './node-stage.js';
import { jsonHeaders, type RawHeaders, type RawStream } from './raw-http.js';

let stage: NodeStage;
let a: Node;
let b: Node;

/** More tools than those of the stage. */
function define(server: Server): void {
  server.tool('burst', {}, async (_args, call) => {
    await call.progress(1);
    await stage.released;
    for (let done = 2; done <= 4; done++) void call.progress(done);
    return 'done';
  });
  server.tool('ask', {}, async (_args, call) => {
    const { value } = await call.ask.form('value', 'Which?', z.object({ value: z.string() }));
    return `got ${value}`;
  });
  server.tool('who', {}, (_args, { peer }) => `level ${peer.logLevel}`);
  server.resource('test://r', {}, () => 'r');
}

const startNode = (name: string, options: StartOptions = {}): Node =>
  stage.start(name, { define, ...options });

beforeEach(() => {
  stage = new NodeStage();
  a = startNode('node-a');
  b = startNode('node-b');
});

describe('a session that one node has opened', () => {
  test('is known to the other, and to nobody else there', async () => {
    const names = { one: 'alice', two: 'bob' } as const;
    const auth = letIn((token) => names[token as keyof typeof names]);
    const options = { auth, publicUrl: 'http://127.0.0.1/mcp' };
    [a, b] = [startNode('c', options), startNode('d', options)];
    const session = await stage.at(a).open('2025-11-25', { authorization: 'Bearer one' });
    expect(await stage.status(b, { ...session, authorization: 'Bearer two' })).toBe(404);
    expect(await stage.status(b, { ...session, authorization: 'Bearer one' })).toBe(200);
  });

  test('is the same at both, whatever is chosen at either', async () => {
    const session = await stage.at(a).open();
    expect(await stage.status(b, session)).toBe(200);
    // What is kept counts, whatever the nodes hear of each other.
    stage.nodes.part('node-a', 'node-b');
    for (const [node, other, level] of [
      [a, b, 'error'],
      [b, a, 'debug'],
    ] as const) {
      await stage.at(node).post(requestOf(1, 'logging/setLevel', { level }), session);
      const { text } = await stage.at(other).post(callOf(2, 'who'), session);
      expect(text).toContain(`level ${level}`);
    }
  });

  test('keeps what is chosen at both at the same time', async () => {
    const session = await stage.at(a).open();
    expect(await stage.status(b, session)).toBe(200);
    const uris = Array.from({ length: 6 }, (_, number) => `test://r/${number}`);
    await Promise.all(
      uris.map((uri, number) =>
        stage
          .at(number % 2 === 0 ? a : b)
          .post(requestOf(number, 'resources/subscribe', { uri }), session),
      ),
    );
    const stream = await stage.get(b, session);
    await stream.next();
    for (const uri of uris) {
      b.server.resourceUpdated(uri);
      expect(await stream.next(), uri).toMatchObject({ message: { params: { uri } } });
    }
    stream.cut();
  });

  test('tells on its stream at one of what was asked for at the other', async () => {
    const session = await stage.at(a).open();
    const stream = await stage.get(b, session);
    await stream.next();
    for (const uri of ['test://r', 'test://s']) {
      // Whoever has the answer hears of what changes from then on.
      await stage.at(a).post(requestOf(1, 'resources/subscribe', { uri }), session);
      b.server.resourceUpdated(uri);
      expect(await stream.next()).toMatchObject({ message: { params: { uri } } });
    }
    stream.cut();
  });

  test('has ended at both when it was ended at one', async () => {
    const session = await stage.at(a).open();
    const stream = await stage.begin(a, session);
    await stream.next();
    const standing = await stage.get(b, session);
    await standing.next();
    expect((await stage.at(a).send('DELETE', session)).status).toBe(200);
    expect(await standing.next()).toBeUndefined();
    expect([await stage.status(a, session), await stage.status(b, session)]).toEqual([404, 404]);
    while ((await stream.next()) !== undefined);
    expect(stage.running).toBe(0);
  });

  test('is one of so many of its caller, on all nodes', async () => {
    const auth = letIn(() => 'alice');
    const limits = { sessionsPerPrincipalMax: 3 };
    const options = { auth, limits, publicUrl: 'http://127.0.0.1/mcp' };
    const who = { authorization: 'Bearer x' };
    stage.shared = { ...stage.shared, sessions: counting(stage.shared.sessions) };
    [a, b] = [startNode('c', options), startNode('d', options)];
    const ids: string[] = [];
    for (const node of [a, b, a, b]) {
      const session = await stage
        .at(node)
        .open('2025-11-25', who)
        .catch(() => undefined);
      ids.push(session?.['mcp-session-id'] ?? '');
    }
    expect(ids.map((id) => id !== '')).toEqual([true, true, true, false]);
  });
});

/** What a store does that counts for all nodes. */
function counting(sessions: ServerStore['sessions']): ServerStore['sessions'] {
  let count = 0;
  return {
    ...sessions,
    add: (session, room) =>
      count++ < room.perCallerMax ? sessions.add(session, room) : 'callerIsFull',
  };
}

describe('a call that runs at one node', () => {
  test('is followed at the other, to its end', async () => {
    const session = await stage.at(a).open();
    const stream = await stage.begin(a, session);
    await stream.next();
    expect(await stream.next()).toMatchObject({ id: 's1-1', message: {} });
    stream.cut();
    const again = await stage.get(b, session, 's1-0');
    expect(await again.next()).toMatchObject({ id: 's1-0', retry: 1000 });
    expect(await again.next()).toMatchObject({ id: 's1-1', message: { params: { progress: 1 } } });
    stage.release();
    expect(await again.next()).toMatchObject({ id: 's1-2', message: { params: { progress: 2 } } });
    expect(await again.next()).toMatchObject({
      id: 's1-3',
      message: { id: 7, result: { content: [{ text: 'done by node-a' }] } },
    });
    expect(await again.next()).toBeUndefined();
  });

  test('is not ended for want of a reader while it is read elsewhere', async () => {
    const session = await stage.at(a).open();
    await stage.leave(a, session);
    const again = await stage.get(b, session, 's1-1');
    await again.next();
    await stage.platform.clock.advance(20 * 60_000);
    expect(stage.running).toBe(1);
    stage.release();
    expect(await again.next()).toMatchObject({ message: { params: { progress: 2 } } });
    again.cut();
  });

  test('is cancelled at the other', async () => {
    const session = await stage.at(a).open();
    const stream = await stage.begin(a, session);
    await stream.next();
    await stream.next();
    expect(stage.running).toBe(1);
    const cancelled = {
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId: 7 },
    };
    expect((await stage.at(b).post(cancelled, session)).status).toBe(202);
    expect(await stream.next()).toBeUndefined();
    expect(stage.running).toBe(0);
  });

  test('gets the answer to its question from the other', async () => {
    const session = await openAsked(a);
    const stream = await stage.begin(a, session, 'ask');
    await stream.next();
    const { message } = (await stream.next())!;
    const answer = { jsonrpc: '2.0', id: message!['id'], result: accepted('yes') } as never;
    expect((await stage.at(b).post(answer, session)).status).toBe(202);
    expect(await stream.next()).toMatchObject({
      message: { result: { content: [{ text: 'got yes' }] } },
    });
    expect((await stage.at(b).post(answer, session)).status, 'nobody waits any more').toBe(400);
  });

  test('hears of no answer that cannot be brought to it, and the client knows', async () => {
    const session = await openAsked(a);
    const stream = await stage.begin(a, session, 'ask');
    await stream.next();
    const { message } = (await stream.next())!;
    const answer = { jsonrpc: '2.0', id: message!['id'], result: accepted('yes') } as never;
    stage.nodes.part('node-a', 'node-b');
    expect((await stage.at(b).post(answer, session)).status).toBe(503);
    stage.nodes.mend('node-a', 'node-b');
    expect((await stage.at(b).post(answer, session)).status).toBe(202);
    expect(await stream.next()).toMatchObject({ message: { result: {} } });
    const made = { jsonrpc: '2.0', id: 'nobody.1', result: {} } as never;
    expect((await stage.at(b).post(made, session)).status).toBe(400);
  });

  test('ends once, as one whose outcome nobody knows, when its node is gone', async () => {
    const session = await stage.at(a).open();
    await stage.leave(a, session);
    // It hangs, and may come back: nobody can tell the difference.
    stage.nodes.lose('node-a');
    for (const place of ['s1-1', 's1-1', 's1-0']) {
      const again = await stage.get(b, session, place);
      const events = [];
      for (let event = await again.next(); event !== undefined; event = await again.next()) {
        if (event.message !== undefined) events.push([event.id, event.message['error']]);
      }
      const unknown = ['s1-2', expect.objectContaining({ message: expect.any(String) })];
      expect(events.slice(-1), place).toEqual([unknown]);
    }
    stage.release();
    await stage.platform.clock.advance(1000);
    const late = await stage.get(b, session, 's1-2');
    expect(late.status).toBe(204);
  });

  test('is taken over by who reads it elsewhere, once its node is gone', async () => {
    const session = await stage.at(a).open();
    await stage.leave(a, session);
    const again = await stage.get(b, session, 's1-1');
    await again.next();
    stage.nodes.die('node-a');
    await stage.platform.clock.advance(10_000);
    expect(await again.next()).toBeUndefined();
    const back = await stage.get(b, session, 's1-1');
    expect(await back.next()).toMatchObject({ id: 's1-2', message: { id: 7, error: {} } });
    expect(await back.next()).toBeUndefined();
  });
});

describe('the stream of GET', () => {
  test('is one on all nodes, while somebody reads it', async () => {
    const session = await stage.at(a).open();
    const stream = await stage.get(a, session);
    await stream.next();
    expect((await stage.at(b).send('GET', { ...sse, ...session })).status).toBe(409);
    stream.cut();
    const other = await stage.get(b, session);
    expect(other.status).toBe(200);
    await other.next();
    expect((await stage.at(a).send('GET', { ...sse, ...session })).status).toBe(409);
    other.cut();
  });

  test('is one, also where both are asked for it at once', async () => {
    const session = await stage.at(a).open();
    expect(await stage.status(b, session)).toBe(200);
    const streams = await Promise.all([stage.get(a, session), stage.get(b, session)]);
    expect(new Set(streams.map((stream) => stream.status))).toEqual(new Set([200, 409]));
    for (const stream of streams) stream.cut();
  });

  test('moves to whichever node its reader comes back to, without a gap', async () => {
    const session = await stage.at(a).open();
    const stream = await stage.get(a, session);
    await stream.next();
    const change = async (node: Node, reader: RawStream, seq: number): Promise<void> => {
      node.server.tool(`more${seq}`, {}, () => '');
      expect(await reader.next()).toMatchObject({ id: `s1-${seq}`, message: {} });
    };
    await change(a, stream, 1);
    const moved = await stage.get(b, session, 's1-0');
    expect(await moved.next()).toMatchObject({ id: 's1-1', message: {} });
    expect(await stream.next()).toBeUndefined();
    await change(b, moved, 2);
    const back = await stage.get(a, session, 's1-2');
    await back.next();
    expect(await moved.next()).toBeUndefined();
    await change(a, back, 3);
    back.cut();
  });

  test('goes on at another node when its own is gone', async () => {
    const session = await stage.at(a).open();
    const stream = await stage.get(a, session);
    await stream.next();
    a.server.tool('more', {}, () => '');
    await stream.next();
    stage.nodes.lose('node-a');
    const uri = 'test://r';
    await stage.at(b).post(requestOf(1, 'resources/subscribe', { uri }), session);
    const again = await stage.get(b, session, 's1-1');
    // Nobody knows what has changed while nobody listened.
    for (const [seq, method] of [
      [2, 'notifications/tools/list_changed'],
      [3, 'notifications/resources/list_changed'],
      [4, 'notifications/resources/updated'],
    ] as const) {
      expect(await again.next()).toMatchObject({ id: `s1-${seq}`, message: { method } });
    }
    // What the lost one still says is not heard.
    a.server.tool('late', {}, () => '');
    b.server.tool('more', {}, () => '');
    expect(await again.next()).toMatchObject({ id: 's1-5', message: {} });
    expect(await stream.next()).toBeUndefined();
    again.cut();
  });

  test('goes on at another node, also where more is told of than a stream keeps', async () => {
    const kept = memoryStore(resolveLimits({ eventsPerStreamMax: 1 }), stage.platform);
    stage.shared = { ...stage.shared, events: kept.events };
    const c = startNode('node-c');
    const d = startNode('node-d');
    const session = await stage.at(c).open();
    const stream = await stage.get(c, session);
    stage.nodes.lose('node-c');
    const again = await stage.get(d, session);
    expect(again.status).toBe(200);
    await again.next();
    for (const list of ['tools', 'resources']) {
      const method = `notifications/${list}/list_changed`;
      expect(await again.next()).toMatchObject({ message: { method } });
    }
    stream.cut();
    again.cut();
  });

  test('tells what the store did not take, when another node goes on with it', async () => {
    const { events } = stage.shared;
    // It has done what it says it has not.
    const begin: typeof events.begin = (...args) => {
      void events.begin(...args);
      throw new Error('away');
    };
    const c = startNode('node-c', {
      own: { events: { ...events, begin } },
      onError: () => undefined,
    });
    const session = await stage.at(c).open();
    const stream = await stage.get(c, session);
    await stream.next();
    c.server.tool('more', {}, () => '');
    const moved = await stage.get(a, session, 's1-0');
    await moved.next();
    const method = 'notifications/tools/list_changed';
    expect(await moved.next()).toMatchObject({ message: { method } });
    moved.cut();
  });
});

describe('a stream of 2024-11-05', () => {
  const options: EndpointOptions = {
    httpSse: true,
    auth: letIn((token) => token),
    publicUrl: 'http://127.0.0.1/mcp',
  };

  async function send(node: Node, path: string, who: string, body?: object): Promise<Response> {
    const handle = fetchHandler(node.endpoint, { clientAddress: 'unknown' });
    const headers = { authorization: `Bearer ${who}` };
    const url = `http://127.0.0.1:3000${path}`;
    if (body === undefined) return handle(new Request(url, { headers: { ...headers, ...sse } }));
    const init = { method: 'POST', body: JSON.stringify(body) };
    return handle(new Request(url, { ...init, headers: { ...headers, ...jsonHeaders } }));
  }

  test('takes messages that come to another node, of nobody but its reader', async () => {
    [a, b] = [startNode('c', options), startNode('d', options)];
    const opened = await send(a, '/sse', 'alice');
    const reader = opened.body!.pipeThrough(new TextDecoderStream()).getReader();
    const [, path = ''] = /data: (\S+)/.exec((await reader.read()).value ?? '') ?? [];
    const ask = { jsonrpc: '2.0', id: 1, method: 'ping' };
    expect((await send(b, path, 'bob', ask)).status).toBe(404);
    expect((await send(b, path, 'alice', ask)).status).toBe(202);
    expect((await reader.read()).value).toContain('"id":1');
    stage.nodes.part('c', 'd');
    expect((await send(b, path, 'alice', ask)).status).toBe(503);
    stage.nodes.mend('c', 'd');
    await reader.cancel();
    await expect.poll(async () => (await send(b, path, 'alice', ask)).status).toBe(404);
  });
});

describe('a node that is shut down', () => {
  test('hands its readers to the others, and finishes what runs', async () => {
    const session = await stage.at(a).open();
    const standing = await stage.get(a, session);
    await standing.next();
    const working = await stage.begin(a, session);
    await working.next();
    await working.next();
    const closed = a.endpoint.close(60_000);
    expect(await standing.next()).toBeUndefined();
    expect(
      (await stage.at(a).send('GET', { ...sse, ...session, 'last-event-id': 's1-0' })).status,
    ).toBe(503);
    const moved = await stage.get(b, session, 's1-0');
    expect(moved.status).toBe(200);
    expect(await stage.status(b, session)).toBe(200);
    stage.release();
    expect(await working.next()).toMatchObject({ message: { params: { progress: 2 } } });
    expect(await working.next()).toMatchObject({ message: { id: 7, result: {} } });
    await closed;
    expect(await stage.status(b, session)).toBe(200);
    moved.cut();
  });

  test('waits for a store that takes its time with the last answers', async () => {
    const { events } = stage.shared;
    let kept = (): void => undefined;
    let isSlow = false;
    const append: typeof events.append = async (...args) => {
      if (isSlow) await new Promise<void>((resolve) => (kept = resolve));
      return events.append(...args);
    };
    stage.shared = { ...stage.shared, events: { ...events, append } };
    const slow = startNode('node-c');
    const session = await stage.at(slow).open();
    const stream = await stage.begin(slow, session);
    await stream.next();
    await stream.next();
    isSlow = true;
    let isClosed = false;
    const closed = slow.endpoint.close(60_000).then(() => (isClosed = true));
    stage.release();
    await expect.poll(() => stage.running).toBe(1);
    kept();
    await expect.poll(() => stage.running).toBe(0);
    expect(isClosed).toBe(false);
    isSlow = false;
    kept();
    expect(await stream.next()).toMatchObject({ id: 's1-2' });
    expect(await stream.next()).toMatchObject({ id: 's1-3', message: { id: 7, result: {} } });
    expect(await stream.next()).toBeUndefined();
    await closed;
  });
});

describe('a store that is away for a while', () => {
  const outageMs = 10_000;
  let isAway: boolean;
  /** What it does of what it is asked while it is away, whose answer gets lost. */
  let doesWhileAway: boolean;
  let node: Node;

  beforeEach(() => {
    [isAway, doesWhileAway] = [false, false];
    const { events } = stage.shared;
    const seqs = new Map<string, number>();
    const append: typeof events.append = async (key, owner, event, settled) => {
      if (isAway && !doesWhileAway) throw new Error('away');
      // The very same event again changes nothing.
      const isKnown = seqs.get(key.stream) === event.seq;
      seqs.set(key.stream, event.seq);
      const kept = isKnown || (await events.append(key, owner, event, settled));
      if (isAway) throw new Error('away');
      return kept;
    };
    const finish: typeof events.finish = async (...args) => {
      if (isAway) throw new Error('away');
      return events.finish(...args);
    };
    stage.shared = { ...stage.shared, events: { ...events, append, finish, outageMs } };
    node = startNode('node-c');
  });

  async function heardAfter(stream: RawStream): Promise<unknown[]> {
    stage.release();
    await stage.platform.clock.advance(outageMs / 2);
    isAway = false;
    const heard: unknown[] = [];
    const ending = (async () => {
      for (let event = await stream.next(); event !== undefined; event = await stream.next()) {
        heard.push(event.id);
      }
    })();
    await stage.platform.clock.advance(outageMs / 2);
    await ending;
    return heard;
  }

  test.each([
    ['has done nothing meanwhile', false],
    ['has done all, and could not say so', true],
  ])('gets every event once, though it %s', async (_what, does) => {
    const session = await stage.at(node).open();
    const stream = await stage.begin(node, session);
    await stream.next();
    await stream.next();
    [isAway, doesWhileAway] = [true, does];
    expect(await heardAfter(stream)).toEqual(['s1-2', 's1-3']);
    const again = await stage.get(node, session, 's1-0');
    const all = [];
    for (let event = await again.next(); event !== undefined; event = await again.next()) {
      all.push(event.id);
    }
    expect(all).toEqual(['s1-1', 's1-2', 's1-3']);
    expect(stage.platform.clock.waiting).toBeLessThanOrEqual(1);
  });

  test('and too long at last, ends the session of whoever waits for what is lost', async () => {
    const session = await stage.at(node).open();
    const stream = await stage.begin(node, session);
    await stream.next();
    await stream.next();
    isAway = true;
    stage.release();
    await stage.platform.clock.advance(2 * outageMs);
    expect(await stream.next()).toBeUndefined();
    isAway = false;
    await stage.platform.clock.advance(outageMs);
    expect(
      (await stage.at(node).send('GET', { ...sse, ...session, 'last-event-id': 's1-1' })).status,
    ).toBe(404);
    expect(await stage.status(node, session)).toBe(404);
  });

  test.each([
    ['as many bytes as may', 600, ['s1-2', 's1-3', 's1-4', 's1-5']],
    ['no more of them', 250, ['s1-2', 's1-3']],
  ])('and keeps %s waiting', async (_what, eventBytesPerStreamMax, ids) => {
    node = startNode('node-d', { limits: { eventBytesPerStreamMax } });
    const session = await stage.at(node).open();
    const stream = await stage.begin(node, session, 'burst');
    await stream.next();
    await stream.next();
    isAway = true;
    // Three notices and an answer of some 100 bytes each.
    expect(await heardAfter(stream)).toEqual(ids);
  });
});

describe('a store that forgets what it had taken', () => {
  test('ends the session where events are missing, and no other', async () => {
    let exchanged = (): void => undefined;
    const join = stage.nodes.join.bind(stage.nodes);
    stage.nodes = {
      ...stage.nodes,
      join: (name) => ({
        ...join(name),
        onEpoch(listener) {
          exchanged = listener;
          return () => undefined;
        },
      }),
    };
    const state = stage.shared.events.state.bind(stage.shared.events);
    let forgets = false;
    const kept: ServerStore['events'] = {
      ...stage.shared.events,
      async state(key) {
        const known = await state(key);
        const isLess = forgets && known !== undefined && known.lastSeq > 0;
        return isLess ? { ...known, lastSeq: known.lastSeq - 1 } : known;
      },
    };
    stage.shared = { ...stage.shared, events: kept };
    const c = startNode('node-c');
    const [hurt, whole] = [await stage.at(c).open(), await stage.at(c).open()];
    const stream = await stage.begin(c, hurt);
    await stream.next();
    await stream.next();
    expect(await stage.status(c, whole)).toBe(200);
    forgets = true;
    exchanged();
    expect(await stream.next()).toBeUndefined();
    expect([await stage.status(c, hurt), await stage.status(c, whole)]).toEqual([404, 200]);
  });
});

async function openAsked(node: Node): Promise<RawHeaders> {
  const initialize = requestOf(0, 'initialize', {
    protocolVersion: '2025-11-25',
    capabilities: { elicitation: { form: {} } },
    clientInfo: { name: 'c', version: '1' },
  });
  const { headers } = await stage.at(node).post(initialize);
  const session = { 'mcp-session-id': headers.get('mcp-session-id')! };
  await stage.at(node).post({ jsonrpc: '2.0', method: 'notifications/initialized' }, session);
  return session;
}

function accepted(value: string): object {
  return { action: 'accept', content: { value } };
}
