/** Attacks on sessions and answers that take more than one request. */
import { createPlaces } from '../../src/engine/places.js';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { McpError } from '../../src/errors.js';
import { resolveLimits } from '../../src/limits.js';
import { memoryStore } from '../../src/stores/memory.js';
import { manualPlatform } from '../../src/testing/index.js';
import {
  createEndpoint,
  type EndpointOptions,
  fetchHandler,
  nodeHandler,
} from '../../src/transports/http/index.js';
import { createSessions } from '../../src/transports/http/sessions.js';
import { cites } from '../requirements.js';
import { initialize, inSession, legacyCall, modernCall, onSession, type Parts } from './attack.js';
import { headerLines, wireBytes } from './bytes.js';
import { type Door, doorNames, openDoor, socketDoor } from './doors.js';
import { Line } from './raw-http.js';
import { guarded } from './rows/verify.js';
import { createVictim } from './victim.js';
import { letIn } from '../let-in.js';
import type { Auth } from '../../src/transports/http/index.js';

const minute = 60_000;

describe('a session ends', () => {
  interface Expiry {
    readonly name: string;
    readonly ms: number;
    readonly initialized: boolean;
    /** Used again and again until then. */
    readonly usedEveryMs?: number;
    /** Whether use puts the end off. */
    readonly extended?: true;
    readonly setup?: EndpointOptions;
    /** Default: 404. */
    readonly after?: number;
  }
  const startMs = Date.UTC(2026, 6, 28);
  const auth: Auth = {
    verify: (_token, { resource }) => ({
      id: 'alice',
      audience: resource,
      // It holds up to its last millisecond, and not in it.
      expiresAt: startMs + 5 * minute + 1,
    }),
  };
  const expiries: readonly Expiry[] = [
    { name: 'unused for 30 minutes', ms: 30 * minute, initialized: true, extended: true },
    { name: 'a minute after a handshake that was not finished', ms: minute, initialized: false },
    { name: 'after a day', ms: 24 * 60 * minute, initialized: true, usedEveryMs: 20 * minute },
    {
      name: 'with the identity of its principal',
      ms: 5 * minute,
      initialized: true,
      setup: { ...guarded, auth },
      after: 401,
    },
  ];

  test.each(expiries)('$name, and not before', async (expiry) => {
    const { ms, initialized, usedEveryMs = Infinity, setup } = expiry;
    const platform = manualPlatform({ startMs });
    const door = await openDoor('web', { ...setup, platform });
    const session = await openSession(door, initialized);
    let left = ms;
    for (; left > usedEveryMs; left -= usedEveryMs) {
      await platform.clock.advance(usedEveryMs);
      expect(await statusOf(door, as(legacyCall('look', session), 'bob'))).toBe(200);
    }
    await platform.clock.advance(left);
    expect(await statusOf(door, as(legacyCall('look', session), 'bob'))).toBe(200);
    await platform.clock.advance(expiry.extended === true ? ms + 1 : 1);
    expect(await statusOf(door, as(legacyCall('look', session), 'bob'))).toBe(expiry.after ?? 404);
    await door.close();
  });

  test('even where many are opened at once in a store that takes its time', async () => {
    const platform = manualPlatform();
    const limits = resolveLimits();
    const sessions = createSessions({
      served: createVictim().served,
      limits,
      platform,
      places: createPlaces({ max: limits.sessionsMax, what: 'sessions' }),
      perCallerMax: Infinity,
      ...memoryStore(limits, platform),
      onFault: () => undefined,
      sessions: {
        isShared: false,
        add: () => Promise.resolve('added' as const),
        replace: () => Promise.resolve(true),
        touch: () => Promise.resolve(),
        get: () => Promise.resolve(undefined),
        delete: () => Promise.resolve(),
      },
    });
    const request = { id: 1, method: 'initialize', params: paramsOf(initialize) };
    await Promise.all([1, 2, 3].map(() => sessions.open(request, { id: 'alice' })));
    expect(sessions.size).toBe(3);
    await platform.clock.advance(limits.sessionInitializeMs + limits.sweepMs + 1);
    expect(sessions.size).toBe(0);
    expect(platform.clock.waiting).toBe(0);
  });
});

cites('session/id-secure', 'session/id-visible');
test('ids of sessions are long, of one alphabet, and never the same', async () => {
  const door = await openDoor('web', {});
  const ids = new Set<string>();
  for (let count = 0; count < 300; count++) ids.add(await openSession(door, false));
  expect(ids.size).toBe(300);
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{43}$/);
  // A counter or a clock would show as a common beginning.
  expect(new Set([...ids].map((id) => id.slice(0, 6))).size).toBe(300);
  await door.close();
});

describe.each(doorNames)('by %s', (name) => {
  test('a stranger’s session looks like none at all', async () => {
    const door = await openDoor(name, guarded);
    const session = await openSession(door, true, 'alice');
    const answers = [];
    for (const id of [session, 'A'.repeat(43)]) {
      const { heard } = await door.send(as(legacyCall('wipe', id), 'bob'));
      const { 'x-request-id': _, date: __, ...headers } = Object.fromEntries(heard!.headers);
      answers.push({ ...heard, headers });
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(await statusOf(door, as(legacyCall('look', session), 'alice'))).toBe(200);
    await door.close();
  });

  test('requests of one id each get their own answer', async () => {
    const door = await openDoor(name, {});
    const texts = Array.from({ length: 20 }, (_, at) => `text of ${at}`);
    const outcomes = await Promise.all(
      texts.map((text) => door.send(modernCall('echo', { text }, { progressToken: 'same' }))),
    );
    outcomes.forEach(({ heard }, at) => {
      const said = [...(heard?.body ?? '').matchAll(/text of \d+/g)].map(([text]) => text);
      expect(new Set(said)).toEqual(new Set([texts[at]]));
    });
    await door.close();
  });

  test('two sessions with the same ids and tokens do not hear each other', async () => {
    const door = await openDoor(name, guarded);
    const people = ['alice', 'bob'];
    const sessions = await Promise.all(people.map((who) => openSession(door, true, who)));
    const outcomes = await Promise.all(
      people.map((who, at) => {
        const params = { name: 'echo', arguments: { text: who }, _meta: { progressToken: 1 } };
        const call = inSession({ id: 1, method: 'tools/call', params }, sessions[at]);
        return door.send(as(call, who));
      }),
    );
    expect(outcomes[0]?.heard?.body).not.toContain('bob');
    expect(outcomes[1]?.heard?.body).not.toContain('alice');
    await door.close();
  });

  test('the first stream is undisturbed by a second', async () => {
    const door = await openDoor(name, {});
    const session = await openSession(door, true);
    await door.begin(onSession('GET', session));
    expect(await statusOf(door, onSession('GET', session))).toBe(409);
    expect(await statusOf(door, onSession('GET', session))).toBe(409);
    expect(await statusOf(door, as(legacyCall('look', session), 'bob'))).toBe(200);
    await door.close();
  });
});

describe('who goes while it is asked who they are leaves no stream behind', () => {
  /** A server with room for one stream, which asks the next caller only after `answer`. */
  function slowToAsk(): { options: EndpointOptions; asked: Promise<void>; answer: () => void } {
    let asks = (): void => undefined;
    const asked = new Promise<void>((resolve) => (asks = resolve));
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const options: EndpointOptions = {
      ...guarded,
      limits: { streamsMax: 1 },
      auth: letIn(async (token) => {
        if (token === 'slow') {
          asks();
          await answered;
        }
        return 'bob';
      }),
    };
    return { options, asked, answer };
  }

  test('by node', async () => {
    const { options, asked, answer } = slowToAsk();
    const victim = createVictim();
    const handle = nodeHandler(createEndpoint(victim.served, options));
    let leave = (): void => undefined;
    const left = new Promise<void>((resolve) => (leave = resolve));
    const server = createServer((request, response) => {
      if (request.headers.authorization === 'Bearer slow') response.once('close', leave);
      handle(request, response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const door = socketDoor(port, victim, () => Promise.resolve(void server.close()));
    const stream = onSession('GET', await openSession(door, true));
    const line = await Line.to(port);
    line.write(wireBytes(as(stream, 'slow'), { port }));
    await asked;
    line.hangUp();
    await left;
    answer();
    expect(await statusOf(door, as(modernCall('look'), 'bob'))).toBe(200);
    await door.begin(as(onSession('GET', await openSession(door, true)), 'bob'));
    expect(await statusOf(door, as(stream, 'bob'))).toBe(429);
    await door.close();
  });

  test('by web', async () => {
    const { options, asked, answer } = slowToAsk();
    const endpoint = createEndpoint(createVictim().served, options);
    const handle = fetchHandler(endpoint, { clientAddress: 'unknown' });
    const ask = (parts: Parts, init: RequestInit = {}): Promise<Response> => {
      const headers = headerLines(parts.headers, { port: 80 });
      const body = parts.body === undefined ? null : JSON.stringify(parts.body);
      const { method } = parts;
      return handle(new Request('http://localhost/mcp', { method, headers, body, ...init }));
    };
    const open = async (): Promise<Parts> => {
      const session = (await ask(as(initialize, 'bob'))).headers.get('mcp-session-id') ?? '';
      await ask(as(inSession({ method: 'notifications/initialized' }, session), 'bob'));
      return as(onSession('GET', session), 'bob');
    };
    const [stream, other] = [await open(), await open()];
    const leaving = new AbortController();
    const going = ask(as(stream, 'slow'), { signal: leaving.signal });
    await asked;
    leaving.abort();
    answer();
    await going;
    expect((await ask(other)).status).toBe(200);
    expect((await ask(stream)).status).toBe(429);
  });
});

test('a body that somebody else has read is our host’s fault, and both ends are told', async () => {
  const told: McpError[] = [];
  const onRefusal = (error: McpError): void => void told.push(error);
  const handle = nodeHandler(createEndpoint(createVictim().served, { onRefusal }));
  const server = createServer((request, response) => {
    request.resume().once('end', () => setImmediate(() => handle(request, response)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { method, headers, body } = modernCall('look');
  const answer = await fetch(`http://127.0.0.1:${port}/mcp`, {
    method,
    headers: headerLines(headers, { port }).filter(
      ([name]) => !/^(host|content-length)$/i.test(name),
    ),
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(500);
  const message = expect.stringContaining('before any body parser') as unknown;
  expect(await answer.json()).toMatchObject({ error: { code: -32603, message } });
  expect(told).toMatchObject([{ kind: 'internal', message }]);
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
});

function paramsOf({ body }: Parts): { readonly [name: string]: unknown } {
  return (body as { params: { [name: string]: unknown } }).params;
}

function as(parts: Parts, who: string): Parts {
  return { ...parts, headers: { ...parts.headers, authorization: `Bearer ${who}` } };
}

async function openSession(door: Door, initialized: boolean, who = 'bob'): Promise<string> {
  const { heard } = await door.send(as(initialize, who));
  const session = heard?.headers.get('mcp-session-id') ?? '';
  const notice = inSession({ method: 'notifications/initialized' }, session);
  if (initialized) await door.send(as(notice, who));
  return session;
}

async function statusOf(door: Door, parts: Parts): Promise<number | undefined> {
  return (await door.send(parts)).heard?.status;
}
