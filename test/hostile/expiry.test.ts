/** What a token allowed ends with it; and the token itself goes no further than the door. */
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Auth, Verified } from '../../src/authorization.js';
import { McpError } from '../../src/errors.js';
import { createServer, type Server, tasks } from '../../src/server/index.js';
import { type ManualPlatform, manualPlatform } from '../../src/testing/index.js';
import {
  createEndpoint,
  type Endpoint,
  type EndpointOptions,
  fetchHandler,
} from '../../src/transports/http/index.js';
import { cites } from '../requirements.js';
import { initialize, inSession, modern, modernCall, onSession, type Parts } from './attack.js';
import { bodyBytes, headerLines } from './bytes.js';

const startMs = Date.UTC(2026, 6, 28);
const minute = 60_000;

let platform: ManualPlatform;
let server: Server;
let endpoint: Endpoint;
let letGo: () => void;
let seen: unknown[];
let scopes: readonly string[];

/** `ann` for five minutes, `ann.9` for nine. */
const auth: Auth = {
  verify(token, { resource }) {
    const [id = '', minutes = 5] = token.split('.');
    const expiresAt = startMs + Number(minutes) * minute;
    return { id, audience: resource, expiresAt, scopes };
  },
};

function serve(more: EndpointOptions = {}): void {
  const limits = { legacyHeadCommitMs: 100, headCommitMs: 100 };
  endpoint = createEndpoint(server, {
    ...{ platform, auth, limits, httpSse: true, publicUrl: 'http://127.0.0.1/mcp' },
    ...more,
  });
}

beforeEach(() => {
  platform = manualPlatform({ startMs });
  seen = [];
  scopes = [];
  server = createServer({
    name: 'files',
    version: '1.0.0',
    platform,
    scopes: [],
    extensions: [tasks()],
    onError: (...told) => void seen.push(told),
  });
  server.tool('hold', {}, async (_args, call) => {
    await call.progress(1);
    call.signal.addEventListener('abort', () => seen.push('aborted'));
    await new Promise<void>((resolve) => (letGo = resolve));
    return 'held';
  });
  server.resource('file:///a', { scopes: ['files:read'] }, () => 'a');
});
afterEach(async () => {
  letGo?.();
  await endpoint.close(0);
  expect(platform.clock.waiting).toBe(0);
});

async function send(parts: Parts, who = 'ann'): Promise<Response> {
  const headers = { ...parts.headers, authorization: `Bearer ${who}` };
  const { method, target } = parts;
  const lines = headerLines(headers, { port: 80 });
  const body = parts.body === undefined ? null : new Uint8Array(bodyBytes(parts.body, {}));
  return fetchHandler(endpoint, { clientAddress: 'unknown' })(
    new Request(`http://127.0.0.1${target}`, { method, headers: lines, body }),
  );
}

async function openSession(who = 'ann'): Promise<string> {
  const session = (await send(initialize, who)).headers.get('mcp-session-id') ?? '';
  await send(inSession({ method: 'notifications/initialized' }, session), who);
  return session;
}

function listen(filter: object): Parts {
  const { headers, ...rest } = modernCall('x');
  const method = 'subscriptions/listen';
  return {
    ...rest,
    headers: { ...headers, 'mcp-method': method, 'mcp-name': null },
    body: modern(method, { notifications: filter }),
  };
}

const toolsOnly = { toolsListChanged: true };
const progress = { _meta: { progressToken: 1 } };

describe('a stream ends with the token it was opened by', () => {
  const streams: { readonly [name: string]: () => Promise<Parts> } = {
    'subscriptions/listen': () => Promise.resolve(listen(toolsOnly)),
    'a call that streams': () => Promise.resolve(modernCall('hold', {}, { progressToken: 1 })),
    'GET of a session': async () => onSession('GET', await openSession()),
    'a call of a session': async () => {
      const params = { name: 'hold', arguments: {}, ...progress };
      return inSession({ id: 1, method: 'tools/call', params }, await openSession());
    },
    'the stream of 2024': () =>
      Promise.resolve({
        method: 'GET',
        target: '/sse',
        headers: { host: '127.0.0.1', accept: 'text/event-stream' },
      }),
  };

  const lastWords: { readonly [name: string]: string } = {
    'subscriptions/listen': '"resultType":"complete"',
    'a call that streams': '"code":520',
  };

  test.each(Object.keys(streams))('%s', async (name) => {
    serve();
    const response = await send(await streams[name]!());
    expect(response.status).toBe(200);
    let isOver = false;
    const text = response.text().finally(() => (isOver = true));
    await platform.clock.advance(5 * minute - 1);
    expect(isOver).toBe(false);
    await platform.clock.advance(1);
    const said = await text;
    expect(said).toContain(lastWords[name] ?? '');
    expect(seen).toEqual(name === 'a call that streams' ? ['aborted'] : []);
  });

  test('and the work of a session goes on for whoever comes back with a new one', async () => {
    serve();
    const session = await openSession('ann.9');
    const params = { name: 'hold', arguments: {}, ...progress };
    const call = inSession({ id: 1, method: 'tools/call', params }, session);
    const text = (await send(call)).text();
    await platform.clock.advance(5 * minute);
    const place = [...(await text).matchAll(/^id: (.+)$/gm)].at(-1)?.[1] ?? '';
    letGo();
    const again = onSession('GET', session);
    const resume = { ...again, headers: { ...again.headers, 'last-event-id': place } };
    expect((await send(resume)).status).toBe(401);
    expect(await (await send(resume, 'ann.9')).text()).toContain('"text":"held"');
    expect((await send(resume, 'eve.9')).status).toBe(404);
    expect(seen).toEqual([]);
  });

  test('an answer in one piece is not cut', async () => {
    server.tool('quick', {}, async () => {
      await new Promise<void>((resolve) => (letGo = resolve));
      return 'done';
    });
    serve({ limits: { headCommitMs: 10 * minute } });
    const answer = send(modernCall('quick'));
    await platform.clock.advance(5 * minute + 1);
    letGo();
    expect((await answer).status).toBe(200);
  });
});

test('a session waits a while for who comes back with a new token', async () => {
  serve();
  const [patient, late] = [await openSession(), await openSession()];
  const ping = (session: string, who: string): Promise<Response> =>
    send(inSession({ id: 1, method: 'ping' }, session), who);
  await platform.clock.advance(5 * minute + 1);
  expect((await ping(patient, 'ann')).status).toBe(401);
  await platform.clock.advance(4 * minute);
  expect((await ping(patient, 'ann.60')).status).toBe(200);
  await platform.clock.advance(2 * minute);
  expect((await ping(patient, 'ann.60')).status).toBe(200);
  expect((await ping(late, 'ann.60')).status).toBe(404);
});

describe('resources are told of to those who may read them', () => {
  const watch = { resourceSubscriptions: ['file:///a', 'file:///b'] };

  test.each([
    ['with the scope', ['files:read'], true],
    ['without', ['files:list'], false],
  ])('%s', async (_name, granted, isTold) => {
    scopes = granted;
    serve();
    const text = (await send(listen(watch))).text();
    server.resourceUpdated('file:///a');
    server.resourceUpdated('file:///b');
    await platform.clock.advance(5 * minute);
    const said = await text;
    expect(said.includes('notifications/resources/updated')).toBe(isTold);
    expect(said).not.toContain('file:///b');
    expect(said.includes('"resourceSubscriptions":["file:///a"]')).toBe(isTold);
  });

  test('as they are when it happens', async () => {
    scopes = ['files:read'];
    const secret = server.resource('file:///s', { scopes: ['files:read'] }, () => 's');
    serve();
    const text = (await send(listen({ resourceSubscriptions: ['file:///s'] }))).text();
    secret.update({ scopes: ['files:admin'] });
    server.resourceUpdated('file:///s');
    await platform.clock.advance(5 * minute);
    expect(await text).not.toContain('notifications/resources/updated');
  });

  test('in a session by the token that was shown last', async () => {
    scopes = ['files:read'];
    serve();
    const session = await openSession('ann.6');
    const subscribe = { id: 1, method: 'resources/subscribe', params: { uri: 'file:///a' } };
    await send(inSession(subscribe, session), 'ann.6');
    const text = (await send(onSession('GET', session), 'ann.6')).text();
    scopes = [];
    await send(inSession({ id: 2, method: 'ping' }, session), 'ann.7');
    server.resourceUpdated('file:///a');
    await platform.clock.advance(6 * minute);
    expect(await text).not.toContain('notifications/resources/updated');
  });

  test('and a wider token that holds for longer changes nothing of it', async () => {
    scopes = ['files:read'];
    serve();
    const session = await openSession('ann.9');
    const subscribe = { id: 1, method: 'resources/subscribe', params: { uri: 'file:///a' } };
    await send(inSession(subscribe, session), 'ann.9');
    scopes = [];
    const text = (await send(onSession('GET', session), 'ann.6')).text();
    server.resourceUpdated('file:///a');
    const again = await send(inSession({ ...subscribe, id: 2 }, session), 'ann.6');
    await platform.clock.advance(6 * minute);
    expect(await text).not.toContain('notifications/resources/updated');
    expect(again.status).toBe(200);
    // The session itself lives as long as the longest of its tokens.
    await platform.clock.advance(2.5 * minute);
    expect((await send(inSession({ id: 3, method: 'ping' }, session), 'ann.9')).status).toBe(200);
  });
});

describe('a stream whose token is verified again', () => {
  let later: () => Verified | Promise<Verified>;
  const first: Verified = { id: 'ann', audience: '', expiresAt: Infinity, scopes: ['files:read'] };
  let asked = 0;
  async function openStream(): Promise<{ isOver: boolean }> {
    asked = 0;
    later = () => first;
    const verify: Auth['verify'] = async (_token, { resource: audience }) => ({
      ...(++asked === 1 ? first : await later()),
      audience,
    });
    serve({ auth: { verify, recheckMs: minute } });
    const stream = { isOver: false };
    const text = (await send(listen(toolsOnly))).text();
    void text.then(() => (stream.isOver = true));
    await platform.clock.advance(minute);
    expect([asked, stream.isOver]).toEqual([2, false]);
    return stream;
  }
  const unauthorized = (): never => {
    throw new McpError('unauthorized', 'Revoked');
  };

  test.each<[string, () => Verified | Promise<Verified>]>([
    ['is revoked', unauthorized],
    ['has fewer scopes', () => ({ ...first, scopes: ['files:list'] })],
    ['is somebody else’s', () => ({ ...first, id: 'eve' })],
    ['has expired', () => ({ ...first, expiresAt: 1 })],
  ])('ends when it %s', async (_name, of) => {
    const stream = await openStream();
    later = of;
    await platform.clock.advance(minute);
    expect([asked, stream.isOver]).toEqual([3, true]);
    await platform.clock.advance(minute);
    expect(asked).toBe(3);
  });

  test('goes on while nobody can tell', async () => {
    const stream = await openStream();
    later = () => {
      throw new McpError('unavailable', 'The issuer does not answer');
    };
    await platform.clock.advance(minute);
    expect([asked, stream.isOver]).toEqual([3, false]);
    later = unauthorized;
    await platform.clock.advance(minute);
    expect(stream.isOver).toBe(true);
  });
});

test('what is posted to a stream of 2024 has the scopes of the stream, or is refused', async () => {
  scopes = ['files:read'];
  serve();
  const get: Parts = {
    method: 'GET',
    target: '/sse',
    headers: { host: '127.0.0.1', accept: 'text/event-stream' },
  };
  const { body } = await send(get);
  const reader = body!.getReader();
  const first = new TextDecoder().decode((await reader.read()).value);
  const target = /data: (\S+)/.exec(first)?.[1] ?? '';
  const ping = { ...inSession({ id: 1, method: 'ping' }), target };
  const { 'mcp-session-id': _, ...headers } = ping.headers;
  expect((await send({ ...ping, headers })).status).toBe(202);
  scopes = [];
  expect((await send({ ...ping, headers })).status).toBe(404);
  await reader.cancel();
});

describe('the token of a caller', () => {
  const canary = 'canary-5d1e8f';

  cites('auth/no-passthrough');
  test('is nowhere that a handler, a store or a log could find it', async () => {
    const found: unknown[] = [];
    const logged: unknown[] = [];
    server.tool('look', {}, (args, call) => {
      found.push(...everythingIn({ args, call, peer: call.peer, ask: call.ask }));
      throw new Error('logged');
    });
    server.use((next) => (request, io) => {
      found.push(...everythingIn({ request, io }));
      return next(request, io);
    });
    // One that hands back more than it should, too.
    const talkative: Auth = {
      verify: (token, about) =>
        Object.assign(auth.verify('ann', about) as Verified, { token, claims: { token } }),
    };
    serve({
      auth: talkative,
      onRefusal: (...told) => void logged.push(...told),
      onError: (error) => void logged.push(error),
    });
    await send(modernCall('look'), canary);
    const session = await openSession(canary);
    const params = { name: 'look', arguments: {} };
    await send(inSession({ id: 1, method: 'tools/call', params }, session), canary);
    const { headers } = modernCall('look');
    await send({ ...modernCall('look'), headers: { ...headers, accept: 'text/html' } }, canary);
    await send(modernCall('look'), `${canary} `);
    expect(found.length).toBeGreaterThan(100);
    const all = inspect([found, logged, seen], { depth: 20, showHidden: true, getters: true });
    expect(all).toContain("id: 'ann'");
    expect(logged).toHaveLength(2);
    expect(all).not.toContain(canary);
  });

  test('which is how one would be found', () => {
    const hidden = Object.create({
      get deep() {
        return { token: canary };
      },
    }) as object;
    expect(everythingIn({ hidden })).toContain(canary);
  });
});

/** All values that can be reached, by members, getters and prototypes. */
function everythingIn(root: unknown): unknown[] {
  const found = new Set<unknown>();
  const visit = (value: unknown, depth: number): void => {
    if (found.has(value) || depth > 12) return;
    found.add(value);
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return;
    for (let of: object | null = value; of !== null; of = Object.getPrototypeOf(of) as object) {
      for (const key of Reflect.ownKeys(of)) {
        try {
          visit(Reflect.get(of, key, value), depth + 1);
        } catch {
          // Some may not be read without more.
        }
      }
    }
  };
  visit(root, 0);
  return [...found];
}
