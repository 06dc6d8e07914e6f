/** What one caller may take, where callers can be told apart; and that nobody else notices. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { McpError } from '../../src/errors.js';
import { defaultLimits, type Limits } from '../../src/limits.js';
import {
  createEndpoint,
  type Endpoint,
  type EndpointOptions,
} from '../../src/transports/http/index.js';
import { textOf } from '../../src/transports/http/wire.js';
import { initialize, inSession, modern, modernCall, onSession, type Parts } from './attack.js';
import { bodyBytes, headerLines } from './bytes.js';
import { createVictim, type Victim } from './victim.js';
import { letIn } from '../let-in.js';

const alice = { authorization: 'Bearer alice' };
const bob = { authorization: 'Bearer bob' };
const wrong = { authorization: 'Bearer wrong' };
const [here, there] = ['192.0.2.1', '192.0.2.2'];

const guarded: EndpointOptions = {
  publicUrl: 'https://mcp.example',
  auth: letIn((name) => {
    if (name === 'alice' || name === 'bob') return name;
    throw new McpError('unauthorized', 'Who is it?');
  }),
};

let victim: Victim;
let endpoint: Endpoint;

function open(limits: Partial<Limits>, options: EndpointOptions = guarded): void {
  endpoint = createEndpoint(victim.served, { ...options, limits });
}

// Rates are counted by the clock of the system.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  victim = createVictim();
});
afterEach(async () => {
  victim.release();
  await endpoint.close(0);
  vi.useRealTimers();
});

interface Heard {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends a request from an address, as a listener would hand it over; resolves with its head. */
function send(parts: Parts, headers: Parts['headers'], remoteAddress = here): Promise<Heard> {
  const all = { ...parts.headers, host: 'mcp.example', ...headers };
  const body = parts.body === undefined ? Buffer.alloc(0) : bodyBytes(parts.body, {});
  return new Promise((resolve) => {
    void endpoint.handle(
      {
        method: parts.method,
        target: parts.target,
        rawHeaders: headerLines(all, {}).flat(),
        httpVersion: '1.1',
        remoteAddress,
        body: () => Promise.resolve(body),
      },
      {
        vanished: false,
        send: (status, said, text = '') => resolve({ status, headers: said, body: textOf(text) }),
        open: (status, said) => resolve({ status, headers: said, body: '' }),
        write: () => true,
        end: () => undefined,
        cut: () => undefined,
        onDrain: () => undefined,
        onVanish: () => undefined,
      },
    );
  });
}

const look = modernCall('look');
const about = { name: 'stranger', version: '1' };

async function statuses(count: number, act: () => Promise<Heard>): Promise<string> {
  const all = [];
  for (let at = 0; at < count; at++) all.push((await act()).status);
  const groups = new Map<number, number>();
  for (const status of all) groups.set(status, (groups.get(status) ?? 0) + 1);
  return [...groups].map(([status, times]) => `${times} x ${status}`).join(', ');
}

describe('by rate', () => {
  test('requests of one principal, from wherever they come', async () => {
    open({ requestBurstMax: 4, requestsPerSecondMax: 2 });
    expect(await statuses(3, () => send(look, alice))).toBe('3 x 200');
    expect(await statuses(3, () => send(look, alice, there))).toBe('1 x 200, 2 x 429');
    expect(await statuses(4, () => send(look, bob))).toBe('4 x 200');
    const { headers, body } = await send(look, alice);
    expect(headers['retry-after']).toBe('2');
    expect(JSON.parse(body)).toMatchObject({ error: { code: 429 } });
    vi.advanceTimersByTime(2000);
    expect(await statuses(5, () => send(look, alice))).toBe('4 x 200, 1 x 429');
  });

  test('guesses of one address, and no request without any', async () => {
    open({ failedLoginsPerMinuteMax: 3 });
    expect(await statuses(5, () => send(look, wrong))).toBe('3 x 401, 2 x 429');
    expect((await send(look, alice)).status, 'not even a good guess is told').toBe(429);
    expect((await send(look, alice, there)).status).toBe(200);
    expect(await statuses(5, () => send(look, {}, there))).toBe('5 x 401');
    expect((await send(look, alice, there)).status, 'asking what is needed is no guess').toBe(200);
    vi.advanceTimersByTime(60_000);
    expect((await send(look, alice)).status).toBe(200);
  });

  test('requests of one address that shows nothing', async () => {
    open({ strangerRequestBurstMax: 4, strangerRequestsPerSecondMax: 2 });
    expect(await statuses(6, () => send(look, {}))).toBe('4 x 401, 2 x 429');
    expect(await statuses(4, () => send(look, {}, there))).toBe('4 x 401');
    expect((await send(look, alice)).status).toBe(200);
  });

  test('questions of one address where tokens come from', async () => {
    const issuers = ['https://login.example'];
    const auth = { ...guarded.auth!, issuers };
    open({ strangerRequestBurstMax: 4, strangerRequestsPerSecondMax: 2 }, { ...guarded, auth });
    const target = '/.well-known/oauth-protected-resource/mcp';
    const ask: Parts = { method: 'GET', target, headers: {} };
    expect(await statuses(3, () => send(ask, {}))).toBe('3 x 200');
    expect(await statuses(2, () => send(look, {}))).toBe('1 x 401, 1 x 429');
    expect(await statuses(2, () => send(ask, {}))).toBe('2 x 429');
    expect((await send(ask, {}, there)).status).toBe(200);
    expect((await send(look, alice)).status).toBe(200);
  });

  test('requests of one address, where everybody is welcome', async () => {
    open({ strangerRequestBurstMax: 4 }, { publicUrl: 'https://mcp.example' });
    expect(await statuses(6, () => send(look, {}))).toBe('4 x 200, 2 x 429');
    expect(await statuses(6, () => send(look, {}, '127.0.0.1'))).toBe('6 x 200');
  });

  test('handshakes of one principal', async () => {
    open({ sessionsPerMinuteMax: 2 });
    expect(await statuses(4, () => send(initialize, alice))).toBe('2 x 200, 2 x 429');
    expect((await send(initialize, bob)).status).toBe(200);
    expect((await send(look, alice)).status).toBe(200);
  });

  test('guesses that come all at once, though the one who is right is heard', async () => {
    const asked: string[] = [];
    const auth = letIn((name) => {
      asked.push(name);
      if (name === 'alice') return name;
      throw new McpError('unauthorized', 'Who is it?');
    });
    open({ failedLoginsPerMinuteMax: 5 }, { ...guarded, auth });
    const good = await Promise.all(Array.from({ length: 100 }, () => send(look, alice)));
    expect(new Set(good.map(({ status }) => status))).toEqual(new Set([200]));
    asked.length = 0;
    const guesses = Array.from({ length: 100 }, () => send(look, wrong, there));
    const heard = (await Promise.all(guesses)).map(({ status }) => status);
    expect(heard.filter((status) => status === 401)).toHaveLength(5);
    expect(heard.filter((status) => status === 429)).toHaveLength(95);
    expect(asked).toHaveLength(5);
  });

  test('nobody behind a proxy that does not say for whom, which the log is told once', async () => {
    const told: string[] = [];
    const trustedProxies = ['10.0.0.0/8'];
    const onError = ({ message }: McpError): void => void told.push(message);
    const limits = { strangerRequestBurstMax: 2 };
    open(limits, { publicUrl: 'https://mcp.example', trustedProxies, onError });
    expect(await statuses(5, () => send(look, {}, '10.0.0.1'))).toBe('5 x 200');
    expect(told).toEqual([expect.stringMatching(/^10\.0\.0\.1 is one of trustedProxies.*do not/)]);
    const from = (hop: string): Promise<Heard> =>
      send(look, { 'x-forwarded-for': hop }, '10.0.0.1');
    expect(await statuses(4, () => from(here))).toBe('2 x 200, 2 x 429');
    expect(await statuses(2, () => from(there))).toBe('2 x 200');
    // Nobody gets round the limits by claiming to be this machine.
    let hop = 0;
    expect(await statuses(4, () => from(`127.0.0.${++hop}`))).toBe('2 x 200, 2 x 429');
    expect(told).toHaveLength(1);
  });

  test('the requests of a batch, each of them', async () => {
    open({ strangerRequestBurstMax: 6 }, { publicUrl: 'https://mcp.example' });
    const version = '2025-03-26';
    const params = { protocolVersion: version, capabilities: {}, clientInfo: about };
    const hello = { jsonrpc: '2.0', id: 'hello', method: 'initialize', params };
    const { headers } = await send({ ...initialize, body: hello }, {});
    const session = headers['mcp-session-id'] ?? '';
    const pings = (count: number): Parts => ({
      ...inSession({}, session),
      headers: { ...inSession({}, session).headers, 'mcp-protocol-version': version },
      body: Array.from({ length: count }, (_, id) => ({ jsonrpc: '2.0', id, method: 'ping' })),
    });
    expect((await send(pings(4), {})).status).toBe(200);
    expect((await send(pings(2), {})).status).toBe(429);
    expect((await send(pings(2), {}, there)).status).toBe(200);
  });

  test('nobody at their own desk', async () => {
    const limits = { strangerRequestBurstMax: 1, requestBurstMax: 1, sessionsPerMinuteMax: 1 };
    open(limits, {});
    const local = { host: '127.0.0.1' };
    expect(await statuses(9, () => send(look, local, '127.0.0.1'))).toBe('9 x 200');
    expect(await statuses(9, () => send(initialize, local, '127.0.0.1'))).toBe('9 x 200');
  });
});

describe('by number', () => {
  test('calls in flight of one principal', async () => {
    open({ callsPerPrincipalMax: 2 });
    const held = [send(modernCall('hold'), alice), send(modernCall('hold'), alice)];
    await victim.holding(2);
    expect((await send(look, alice)).status).toBe(429);
    expect((await send(look, bob)).status).toBe(200);
    victim.release();
    await Promise.all(held);
    expect((await send(look, alice)).status).toBe(200);
  });

  test('sessions of one principal', async () => {
    open({ sessionsPerPrincipalMax: 2 });
    const { headers } = await send(initialize, alice);
    expect(await statuses(2, () => send(initialize, alice))).toBe('1 x 200, 1 x 429');
    expect((await send(initialize, bob)).status).toBe(200);
    const session = headers['mcp-session-id']!;
    expect((await send(onSession('DELETE', session), alice)).status).toBe(200);
    expect((await send(initialize, alice)).status).toBe(200);
  });

  test('streams of one principal, of both eras together', async () => {
    open({ streamsPerPrincipalMax: 2 });
    const listen: Parts = {
      ...look,
      headers: { ...look.headers, 'mcp-method': 'subscriptions/listen', 'mcp-name': null },
      body: modern('subscriptions/listen', { notifications: { toolsListChanged: true } }),
    };
    const { headers } = await send(initialize, alice);
    const get = onSession('GET', headers['mcp-session-id'] ?? '');
    expect((await send(get, alice)).status).toBe(200);
    expect(await statuses(2, () => send(listen, alice))).toBe('1 x 200, 1 x 429');
    expect((await send(listen, bob)).status).toBe(200);
  });
});

describe('by number of one address, where everybody is welcome:', () => {
  const options = { publicUrl: 'https://mcp.example' };

  test('calls in flight', async () => {
    open({ callsPerPrincipalMax: 2 }, options);
    const held = [send(modernCall('hold'), {}), send(modernCall('hold'), {})];
    await victim.holding(2);
    expect((await send(look, {})).status).toBe(429);
    expect((await send(look, {}, there)).status).toBe(200);
    expect((await send(look, {}, '127.0.0.1')).status).toBe(200);
    victim.release();
    await Promise.all(held);
    expect((await send(look, {})).status).toBe(200);
  });

  test('sessions, whoever ends them', async () => {
    open({ sessionsPerPrincipalMax: 2 }, options);
    const { headers } = await send(initialize, {});
    expect(await statuses(2, () => send(initialize, {}))).toBe('1 x 200, 1 x 429');
    expect((await send(initialize, {}, there)).status).toBe(200);
    const end = onSession('DELETE', headers['mcp-session-id'] ?? '');
    expect((await send(end, {}, there)).status).toBe(200);
    expect(await statuses(2, () => send(initialize, {}))).toBe('1 x 200, 1 x 429');
  });

  test('streams', async () => {
    open({ streamsPerPrincipalMax: 1 }, options);
    const opened = [await send(initialize, {}), await send(initialize, {})];
    const [first, second] = opened.map(({ headers }) =>
      onSession('GET', headers['mcp-session-id'] ?? ''),
    );
    expect((await send(first!, {})).status).toBe(200);
    expect((await send(second!, {})).status).toBe(429);
    expect((await send(second!, {}, there)).status).toBe(200);
  });
});

describe('when there is too much of it', () => {
  test('new work is refused, what runs goes on, and all is well again after that', async () => {
    open({ loadCrowdMin: 0 });
    let lag = 0;
    endpoint.watchLoad({ lagMs: () => lag, heapPercent: () => 10, stop: () => undefined });
    const held = send(modernCall('hold'), alice);
    await victim.holding(1);
    lag = 1000;
    vi.advanceTimersByTime(2 * defaultLimits.loadCheckMs);
    const { status, headers, body } = await send(look, alice);
    expect([status, headers['retry-after']]).toEqual([503, '1']);
    expect(JSON.parse(body)).toMatchObject({ error: { code: 503 } });
    expect((await send(initialize, alice)).status).toBe(503);
    const ready: Parts = { method: 'GET', target: '/readyz', headers: {} };
    expect((await send(ready, {})).status).toBe(503);
    victim.release();
    expect((await held).status).toBe(200);
    lag = 0;
    vi.advanceTimersByTime(2 * defaultLimits.loadCheckMs);
    expect((await send(look, alice)).status).toBe(200);
    expect((await send(ready, {})).status).toBe(200);
  });

  test('who only asks whether it is ready is no crowd', async () => {
    open({ loadCrowdMin: 4 });
    endpoint.watchLoad({ lagMs: () => 9999, heapPercent: () => 10, stop: () => undefined });
    const ready: Parts = { method: 'GET', target: '/readyz', headers: {} };
    for (let look = 0; look < 3; look++) {
      expect(await statuses(9, () => send(ready, {}))).toBe('9 x 200');
      vi.advanceTimersByTime(defaultLimits.loadCheckMs);
    }
    expect((await send(look, alice)).status).toBe(200);
  });
});
