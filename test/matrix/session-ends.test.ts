/** What is still under way in a session when it ends, or when its node closes. */
import { beforeEach, describe, expect, test } from 'vitest';
import { createServer, type Middleware, type Server } from '../../src/index.js';
import { type Message, servePipe } from '../../src/pipe.js';
import type { EventStore } from '../../src/stores/event-store.js';
import type { SessionStore } from '../../src/stores/session-store.js';
import { memoryPipes } from '../../src/transports/memory.js';
import { type Node, NodeStage, requestOf } from './node-stage.js';
import type { RawHeaders } from './raw-http.js';
import { initialize } from './raw-pipe.js';
import { settle } from '../settle.js';

const uri = 'test://r';

let stage: NodeStage;
/** How many listen to the server for a session. */
let listening = 0;
/** The store has been asked what it is told to hold back. */
let isAsked: Promise<void>;
let asked: () => void;
/** It answers. */
let answer: () => void;
let held: Promise<void>;

beforeEach(() => {
  stage = new NodeStage();
  listening = 0;
  isAsked = new Promise((resolve) => (asked = resolve));
  held = new Promise((resolve) => (answer = resolve));
});

const count: Middleware = (next) => async (request, io) => {
  if (request.method !== 'subscriptions/listen') return next(request, io);
  listening++;
  return next(request, io).finally(() => listening--);
};

const define = (server: Server): unknown => {
  server.resource(uri, {}, () => 'r');
  return server.use(count);
};

/** Does what `step` does once the store may answer. */
function hold<A extends unknown[], R>(
  step: (...args: A) => R | Promise<R>,
): (...args: A) => Promise<R> {
  return async (...args) => {
    asked();
    await held;
    return step(...args);
  };
}

function withSessions(name: string, change: Partial<SessionStore>): Node {
  return stage.start(name, { define, own: { sessions: { ...stage.shared.sessions, ...change } } });
}

function withEvents(name: string, change: Partial<EventStore>): Node {
  return stage.start(name, { define, own: { events: { ...stage.shared.events, ...change } } });
}

/** A session whose stream of GET was begun at `node`, and is read no more. */
async function standingAt(node: Node): Promise<RawHeaders> {
  const session = await stage.at(node).open();
  const stream = await stage.get(node, session);
  await stream.next();
  stream.cut();
  await settle();
  return session;
}

describe('a session that ends', () => {
  test('watches nothing that it is still being asked to watch', async () => {
    let isSlow = false;
    const { replace } = stage.shared.sessions;
    const slow = hold(replace);
    const a = withSessions('a', { replace: (stored) => (isSlow ? slow(stored) : replace(stored)) });
    const session = await stage.at(a).open();
    isSlow = true;
    const raw = stage.at(a);
    const first = raw.post(requestOf(1, 'resources/subscribe', { uri }), session);
    await isAsked;
    const second = raw.post(requestOf(2, 'resources/subscribe', { uri: `${uri}/2` }), session);
    await settle();
    await a.endpoint.close(0);
    answer();
    await Promise.all([first, second]);
    await settle();
    expect(listening).toBe(0);
  });

  test('begins no stream of GET that nobody would end', async () => {
    const a = stage.start('a');
    const b = withEvents('b', { state: hold(stage.shared.events.state) });
    const session = await standingAt(a);
    const stream = stage.get(b, session);
    await isAsked;
    expect((await stage.at(b).send('DELETE', session)).status).toBe(200);
    answer();
    expect((await stream).status).toBe(404);
    expect(listening).toBe(0);
  });
});

test('a pipe that ends while its session is being opened leaves nobody listening', async () => {
  const server = createServer({ name: 's', version: '1' });
  define(server);
  server.use((next) => async (request, io) => {
    if (request.method !== 'server/discover') return next(request, io);
    return hold(next)(request, io);
  });
  const [theirs, ours] = memoryPipes();
  const served = servePipe(server, theirs);
  ours.start({ receive: () => undefined, reject: () => undefined, end: () => undefined });
  void ours.send(initialize(1) as unknown as Message);
  await isAsked;
  await ours.close();
  await served.closed;
  answer();
  await settle();
  expect(listening).toBe(0);
});

describe('a node that closes', () => {
  test.each(['without a place', 'with a place'])(
    'takes over no stream for a reader %s who came before',
    async (how) => {
      const { state } = stage.shared.events;
      const a = stage.start('a', { define });
      const b = withEvents('b', { state: hold(state) });
      const session = await standingAt(a);
      if (how === 'with a place') stage.nodes.die('a');
      const before = listening;
      const stream = stage.get(b, session, how === 'with a place' ? 's1-0' : undefined);
      await isAsked;
      await b.endpoint.close(0);
      answer();
      expect((await stream).status).toBe(503);
      await settle();
      expect(listening).toBe(before);
    },
  );

  test('begins to follow no stream of another', async () => {
    const { watch } = stage.shared.events;
    const a = stage.start('a', { define });
    const b = withEvents('b', { watch: hold(watch) });
    const session = await stage.at(a).open();
    const place = await stage.leave(a, session);
    const stream = stage.get(b, session, place);
    await isAsked;
    await b.endpoint.close(0);
    answer();
    expect((await stream).status).toBe(503);
  });
});
