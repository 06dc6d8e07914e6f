/** What two nodes do about one session at the same time, or while the store does not answer. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Auth } from '../../src/authorization.js';
import type { Server } from '../../src/index.js';
import { resolveLimits } from '../../src/limits.js';
import type { Cluster } from '../../src/stores/cluster-store.js';
import type { SessionStore } from '../../src/stores/session-store.js';
import { topics } from '../../src/transports/http/session-news.js';
import { type Node, NodeStage, requestOf, sse } from './node-stage.js';
import type { RawHeaders, RawStream } from './raw-http.js';
import { settle } from '../settle.js';

const limits = resolveLimits();
const minuteMs = 60_000;
const uri = 'test://r';

let stage: NodeStage;

beforeEach(() => {
  stage = new NodeStage();
});

/** A node over sessions that `change` has its hand in, before it joins. */
function over(name: string, change: (sessions: SessionStore) => Partial<SessionStore>): Node {
  const { sessions } = stage.shared;
  return stage.start(name, { define, own: { sessions: { ...sessions, ...change(sessions) } } });
}

/** A node whose store fails at one method while it is `away`. */
function failing(name: string, method: 'get' | 'replace'): readonly [Node, { isAway: boolean }] {
  const store = { isAway: false };
  const node = over(name, (sessions) => {
    const step = sessions[method] as (...args: readonly unknown[]) => unknown;
    return {
      async [method](...args: readonly unknown[]) {
        if (store.isAway) throw new Error('away');
        return step(...args);
      },
    };
  });
  return [node, store];
}

/** A node whose store of events always fails at one method. */
function failingEvents(name: string, method: 'append' | 'state'): Node {
  const fail = (): never => {
    throw new Error('away');
  };
  return stage.start(name, { define, own: { events: { ...stage.shared.events, [method]: fail } } });
}

const define = (server: Server): unknown => server.resource(uri, {}, () => 'r');

/** A node in a cluster that `change` has its hand in. */
function among(name: string, change: (cluster: Cluster) => Partial<Cluster>): Node {
  const cluster = stage.nodes.join(name);
  // The stage joins it under another name, which nobody knows.
  return stage.start(`${name} itself`, { own: { cluster: { ...cluster, ...change(cluster) } } });
}

async function hasEnded(stream: RawStream): Promise<boolean> {
  const ended = stream.next().then((event) => event === undefined);
  return Promise.race([ended, settle().then(() => false)]);
}

describe('a call whose reader has moved', () => {
  test.each(['to the same node', 'to the node of the call'])(
    '%s goes on when the older connection is noticed to be dead',
    async (where) => {
      // So short that nobody says again in time that somebody reads.
      const short = { limits: { eventTtlMs: limits.writerCheckMs / 4 } };
      const [a, b] = [stage.start('a', short), stage.start('b', short)];
      const session = await stage.at(a).open();
      const place = await stage.leave(a, session);
      const older = await stage.get(b, session, place);
      await older.next();
      const newer = await stage.get(where === 'to the same node' ? b : a, session, place);
      await newer.next();
      older.cut();
      await settle();
      await stage.platform.clock.advance(limits.writerCheckMs / 2);
      expect(stage.running).toBe(1);
      newer.cut();
    },
  );

  test('lets its older connection at the same node go', async () => {
    const [a, b] = [stage.start('a'), stage.start('b')];
    const session = await stage.at(a).open();
    const place = await stage.leave(a, session);
    const older = await stage.get(b, session, place);
    await older.next();
    const newer = await stage.get(b, session, place);
    await newer.next();
    expect(await hasEnded(older)).toBe(true);
    newer.cut();
  });

  test('ends in its time when the node of the reader has died without a word', async () => {
    const [a, b] = [stage.start('a'), stage.start('b')];
    const session = await stage.at(a).open();
    const reader = await stage.get(b, session, await stage.leave(a, session));
    await reader.next();
    await settle();
    stage.nodes.die('b');
    reader.cut();
    await stage.platform.clock.advance(3 * 3 * limits.writerCheckMs);
    expect(stage.running).toBe(1);
    await stage.platform.clock.advance(limits.eventTtlMs);
    expect(stage.running).toBe(0);
  });
});

test('a token that is renewed at another node ends no call here', async () => {
  const { clock } = stage.platform;
  let expiresAt = clock.now() + 10 * minuteMs;
  const auth: Auth = {
    verify: async (_token, { resource }) => ({ id: 'alice', audience: resource, expiresAt }),
  };
  const options = { auth, publicUrl: 'http://127.0.0.1/mcp', limits: { serverCallMs: Infinity } };
  const [a, b] = [stage.start('a', options), stage.start('b', options)];
  const who = { authorization: 'Bearer x' };
  const session = { ...(await stage.at(a).open('2025-11-25', who)), ...who };
  const place = await stage.leave(a, session);
  await clock.advance(9 * minuteMs);
  expiresAt = clock.now() + 60 * minuteMs;
  const reader = await stage.get(b, session, place);
  await reader.next();
  for (let minute = 0; minute < 20; minute++) await clock.advance(minuteMs);
  stage.release();
  await clock.advance(limits.writerCheckMs);
  expect(await reader.next()).toMatchObject({ message: { params: { progress: 2 } } });
  expect(await reader.next()).toMatchObject({ message: { id: 7, result: {} } });
});

test('of two that ask for the stream of another node, none is left in silence', async () => {
  const a = stage.start('a');
  let asked = (): void => undefined;
  let answer = (): void => undefined;
  const isAsked = new Promise<void>((resolve) => (asked = resolve));
  const held = new Promise<void>((resolve) => (answer = resolve));
  const b = among('b', ({ ask }) => ({
    async ask(node, topic, body) {
      if (topic === topics.standing) {
        asked();
        await held;
      }
      return ask(node, topic, body);
    },
  }));
  const session = await stage.at(a).open();
  const first = await stage.get(a, session);
  await first.next();
  first.cut();
  await settle();
  const withoutPlace = stage.get(b, session);
  await isAsked;
  const withPlace = stage.get(b, session, 's1-0');
  await settle();
  answer();
  const [one, other] = [await withoutPlace, await withPlace];
  expect(other.status).toBe(200);
  b.server.tool('more', {}, () => '');
  const heard: RawStream[] = [];
  for (const stream of [one, other]) {
    if (stream.status !== 200) continue;
    for (let event = await stream.next(); event !== undefined; event = await stream.next()) {
      if (event.message === undefined) continue;
      heard.push(stream);
      break;
    }
  }
  // The one with a place takes over; whoever was there before has its end.
  expect(heard).toContain(other);
  other.cut();
});

test('a session that was found in the store is said to be in use', async () => {
  const [a, b] = [stage.start('a'), stage.start('b')];
  const { clock } = stage.platform;
  const session = await stage.at(a).open();
  await clock.advance(limits.sessionIdleMs - minuteMs);
  expect(await stage.status(b, session)).toBe(200);
  for (let minute = 0; minute < 4; minute++) await clock.advance(minuteMs);
  expect([await stage.status(a, session), await stage.status(b, session)]).toEqual([200, 200]);
});

test('what the store cannot delete is not said to be deleted', async () => {
  let isAway = true;
  const a = over('a', (sessions) => ({
    delete(...args) {
      if (isAway) throw new Error('away');
      return sessions.delete(...args);
    },
  }));
  const session = await stage.at(a).open();
  expect((await stage.at(a).send('DELETE', session)).status).toBe(503);
  isAway = false;
  expect((await stage.at(a).send('DELETE', session)).status).toBe(200);
  expect(await stage.status(a, session)).toBe(404);
});

test('a client may not have us keep and read whatever it likes', async () => {
  const a = stage.start('a');
  const initialize = (bytes: number): never =>
    requestOf(0, 'initialize', {
      protocolVersion: '2025-11-25',
      capabilities: { experimental: { large: { text: 'x'.repeat(bytes) } } },
      clientInfo: { name: 'c', version: '1' },
    });
  const { sessionRecordBytesMax } = limits;
  const [fits, exceeds] = [sessionRecordBytesMax - 1000, sessionRecordBytesMax];
  const answers = [];
  for (const bytes of [fits, exceeds]) {
    const { headers, text } = await stage.at(a).post(initialize(bytes));
    answers.push([headers.has('mcp-session-id'), text.includes('-32602')]);
  }
  expect(answers).toEqual([
    [true, false],
    [false, true],
  ]);
});

describe('while the store does not answer', () => {
  test('a session that may have lost something is compared again, until it does', async () => {
    let exchanged = (): void => undefined;
    let state: 'there' | 'away' | 'older' = 'there';
    const { sessions } = stage.shared;
    const get: SessionStore['get'] = async (...args) => {
      if (state === 'away') throw new Error('away');
      const stored = await sessions.get(...args);
      return state === 'older' && stored ? { ...stored, version: stored.version - 1 } : stored;
    };
    const cluster: Cluster = {
      ...stage.nodes.join('a'),
      onEpoch(listener) {
        exchanged = listener;
        return () => undefined;
      },
    };
    const a = stage.start('a itself', { own: { sessions: { ...sessions, get }, cluster } });
    const session = await stage.at(a).open();
    state = 'away';
    exchanged();
    await settle();
    state = 'older';
    await stage.platform.clock.advance(limits.storeRetryMs);
    state = 'there';
    expect(await stage.status(a, session)).toBe(404);
  });

  const subscribe = requestOf(1, 'resources/subscribe', { uri });
  const unsubscribe = requestOf(2, 'resources/unsubscribe', { uri });

  async function watching(reader: Node, session: RawHeaders): Promise<RawStream> {
    const stream = await stage.get(reader, session);
    await stream.next();
    return stream;
  }

  async function toldOf(stream: RawStream): Promise<void> {
    for (let event = await stream.next(); ; event = await stream.next()) {
      expect(event, 'the end').toBeDefined();
      if (event?.message?.['method'] === 'notifications/resources/updated') break;
    }
  }

  /** Who asks at one node to watch hears of it on its stream at another, which ends then. */
  async function expectWatched(
    asked: Node,
    reader: Node,
    session: RawHeaders,
    stream: RawStream,
  ): Promise<void> {
    expect((await stage.at(asked).post(subscribe, session)).text).toContain('"result"');
    reader.server.resourceUpdated(uri);
    await toldOf(stream);
    stream.cut();
  }

  test('a node that could not look up what has changed does so later, and tells of it', async () => {
    const a = stage.start('a', { define });
    const [b, store] = failing('b', 'get');
    const session = await stage.at(a).open();
    const stream = await watching(b, session);
    store.isAway = true;
    expect((await stage.at(a).post(subscribe, session)).status).toBe(200);
    b.server.resourceUpdated(uri);
    store.isAway = false;
    await stage.platform.clock.advance(limits.storeRetryMs);
    await toldOf(stream);
    stream.cut();
  });

  test('a reader whose node cannot look up what has changed is let go, and then told', async () => {
    const a = stage.start('a', { define });
    const [b, store] = failing('b', 'get');
    const session = await stage.at(a).open();
    const stream = await stage.get(b, session);
    const { id: place } = (await stream.next())!;
    store.isAway = true;
    expect((await stage.at(a).post(subscribe, session)).status).toBe(200);
    b.server.resourceUpdated(uri);
    for (let times = 1; times < limits.storeComparesMax; times++) {
      await stage.platform.clock.advance(limits.storeRetryMs);
    }
    expect(await hasEnded(stream)).toBe(false);
    await stage.platform.clock.advance(limits.storeRetryMs);
    expect(await hasEnded(stream)).toBe(true);
    store.isAway = false;
    const again = await stage.get(b, session, place);
    await toldOf(again);
    again.cut();
  });

  test('what a node has missed of the others it looks up once it hears them again', async () => {
    // Who writes the stream of GET cannot be found out, and so not be asked to take note.
    const a = failingEvents('a', 'state');
    const b = stage.start('b', { define });
    const session = await stage.at(a).open();
    const stream = await watching(b, session);
    stage.nodes.part('a', 'b');
    expect((await stage.at(a).post(subscribe, session)).status).toBe(200);
    b.server.resourceUpdated(uri);
    await settle();
    stage.nodes.mend('a', 'b');
    await toldOf(stream);
    stream.cut();
  });

  test('a change that was kept though the store seemed to fail does not undo the next one', async () => {
    let lies = false;
    const a = over('a', ({ replace }) => ({
      isShared: false,
      async replace(stored) {
        const isKept = await replace(stored);
        if (lies) throw new Error('no answer');
        return isKept;
      },
    }));
    const session = await stage.at(a).open();
    const stream = await watching(a, session);
    expect((await stage.at(a).post(subscribe, session)).text).toContain('"result"');
    lies = true;
    expect((await stage.at(a).post(unsubscribe, session)).text).toContain('"error"');
    lies = false;
    await expectWatched(a, a, session, stream);
  });

  test('a change that failed at one node does not undo what is asked for at another', async () => {
    const a = stage.start('a', { define });
    const [b, store] = failing('b', 'replace');
    const session = await stage.at(a).open();
    const stream = await watching(b, session);
    expect((await stage.at(a).post(subscribe, session)).text).toContain('"result"');
    store.isAway = true;
    expect((await stage.at(b).post(unsubscribe, session)).text).toContain('"error"');
    store.isAway = false;
    await expectWatched(a, b, session, stream);
  });

  test('a change that fails beside one that is kept undoes nothing either', async () => {
    const a = stage.start('a', { define });
    const answers: ((isAway: boolean) => void)[] = [];
    let isHeld = false;
    const b = over('b', ({ replace }) => ({
      async replace(stored) {
        if (isHeld && (await new Promise<boolean>((answer) => answers.push(answer)))) {
          throw new Error('away');
        }
        return replace(stored);
      },
    }));
    const session = await stage.at(a).open();
    isHeld = true;
    const subscribing = stage.at(b).post(subscribe, session);
    await expect.poll(() => answers.length).toBe(1);
    const opening = watching(b, session);
    await settle();
    answers[0]!(true);
    expect((await subscribing).text).toContain('"error"');
    await expect.poll(() => answers.length).toBe(2);
    isHeld = false;
    answers[1]!(false);
    const stream = await opening;
    await expectWatched(a, b, session, stream);
  });

  test('a stream of GET that could not be kept at first is kept by the next GET', async () => {
    const [a, store] = failing('a', 'replace');
    const b = stage.start('b');
    const session = await stage.at(a).open();
    store.isAway = true;
    expect((await stage.at(a).send('GET', { ...sse, ...session })).status).toBe(503);
    store.isAway = false;
    const stream = await watching(a, session);
    expect((await stage.at(b).send('GET', { ...sse, ...session })).status).toBe(409);
    stream.cut();
  });

  test('a stream of GET that could not be kept gives way to one that was begun elsewhere', async () => {
    const [a, store] = failing('a', 'replace');
    const b = stage.start('b');
    const session = await stage.at(a).open();
    store.isAway = true;
    expect((await stage.at(a).send('GET', { ...sse, ...session })).status).toBe(503);
    store.isAway = false;
    const there = await watching(b, session);
    there.cut();
    await settle();
    const here = await watching(a, session);
    expect(here.status).toBe(200);
    here.cut();
  });

  test('who takes a stream over from a node that does not answer tells of everything', async () => {
    const [a, b] = [stage.start('a', { define }), stage.start('b', { define })];
    const session = await stage.at(a).open();
    const stream = await stage.get(a, session);
    const { id: place } = (await stream.next())!;
    await stage.at(a).post(subscribe, session);
    stream.cut();
    await settle();
    // Dead, it may be, and not known to be.
    stage.nodes.part('a', 'b');
    const again = await stage.get(b, session, place);
    expect(again.status).toBe(200);
    await toldOf(again);
    again.cut();
  });

  test('nobody is sent to a place that was not kept, nor let go on from one', async () => {
    const a = failingEvents('a', 'append');
    const b = stage.start('b', { define });
    const session = await stage.at(a).open();
    const first = await watching(a, session);
    a.server.tool('new', {}, () => 'new');
    expect(await first.next()).not.toHaveProperty('id');
    first.cut();
    await settle();
    const stream = await stage.get(a, session);
    const { id = '' } = (await stream.next())!;
    expect(id).toMatch(/-0$/);
    stream.cut();
    stage.nodes.die('a');
    const beyond = { ...sse, ...session, 'last-event-id': id.replace(/0$/, '1') };
    expect((await stage.at(b).send('GET', beyond)).status).toBe(404);
    expect(await stage.status(b, session)).toBe(404);
  });

  test('nobody is told to be watching something of which its reader hears nothing', async () => {
    const [a, b] = [stage.start('a', { define }), stage.start('b', { define })];
    const session = await stage.at(a).open();
    const stream = await watching(b, session);
    stage.nodes.part('a', 'b');
    expect((await stage.at(a).post(subscribe, session)).text).toContain('"error"');
    stage.nodes.mend('a', 'b');
    await expectWatched(a, b, session, stream);
  });
});

test('a second GET while the first is read is refused at every node', async () => {
  const nodes = [stage.start('a'), stage.start('b'), stage.start('c')];
  const session = await stage.at(nodes[0]!).open();
  const stream = await stage.get(nodes[1]!, session);
  await stream.next();
  for (const node of nodes) {
    expect((await stage.at(node).send('GET', { ...sse, ...session })).status).toBe(409);
  }
  stream.cut();
});
