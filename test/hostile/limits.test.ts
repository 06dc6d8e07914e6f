/** Each bound of the edge, at the bound and one past it. */
import { afterEach, describe, expect, test } from 'vitest';
import type { LimitName, Limits } from '../../src/limits.js';
import {
  callOf,
  initialize,
  inSession,
  legacyCall,
  modern,
  modernCall,
  onSession,
  type Parts,
} from './attack.js';
import { wireBytes } from './bytes.js';
import { type Door, type DoorName, doorNames, openDoor } from './doors.js';
import { Line } from './raw-http.js';

/** One request that is just within a bound, and one that is not. */
interface Bounded {
  readonly limit: LimitName;
  readonly name?: string;
  readonly limits?: Partial<Limits>;
  readonly at: Parts;
  readonly past: Parts;
  readonly status: number;
  readonly code: number;
  readonly doors?: readonly DoorName[];
}

const text = (bytes: number): string => JSON.stringify(callOf('look')).padEnd(bytes);
const sized = (bytes: number): Parts => ({ ...modernCall('look'), body: text(bytes) });
const inChunks = (bytes: number): Parts => ({ ...sized(bytes), chunked: 100 });
const withId = (length: number): Parts => ({
  ...modernCall('look'),
  body: { ...callOf('look'), id: 'i'.repeat(length) },
});

/** A call with arguments as JSON text. */
const withArguments = (json: string): Parts => ({
  ...modernCall('echo'),
  body: JSON.stringify(callOf('echo')).replace('"arguments":{}', `"arguments":${json}`),
});
const nested = (depth: number): Parts =>
  withArguments('{"a":'.repeat(depth) + '1' + '}'.repeat(depth));
const members = (count: number): Parts =>
  withArguments(
    JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [i, 0]))),
  );
const digits = (count: number): Parts => withArguments(`{"a":${'1'.repeat(count)}}`);
const items = (count: number): Parts => withArguments(`{"a":[${Array(count).fill(0).join()}]}`);
const valuesBeside = valuesIn(callOf('echo', { a: [] }));

const headerBytes = (bytes: number): Parts => {
  const parts = {
    ...modernCall('look'),
    headers: { ...modernCall('look').headers, host: 'localhost' },
  };
  const counted = Object.entries({ ...parts.headers, 'Content-Length': '000', 'x-pad': '' });
  const used = counted.reduce((sum, [name, value]) => sum + `${name}${String(value)}`.length, 4);
  return { ...parts, headers: { ...parts.headers, 'x-pad': 'x'.repeat(bytes - used) } };
};
const headerCount = (count: number): Parts => {
  const { headers, ...parts } = modernCall('look');
  const more = count - Object.keys(headers).length - 1;
  const padding = Array.from({ length: more }, (_, at) => [`x-${at}`, 'x']);
  return { ...parts, headers: { ...headers, ...Object.fromEntries(padding) } };
};

const bounds: readonly Bounded[] = [
  {
    limit: 'serverMessageBytesMax',
    name: 'stated',
    limits: { serverMessageBytesMax: 1000 },
    at: sized(1000),
    past: sized(1001),
    status: 413,
    code: 413,
  },
  {
    limit: 'serverMessageBytesMax',
    name: 'in chunks',
    limits: { serverMessageBytesMax: 1000 },
    at: inChunks(1000),
    past: inChunks(1001),
    status: 413,
    code: 413,
  },
  {
    limit: 'serverMessageBytesMax',
    name: 'as it comes',
    at: sized(4 * 1024 * 1024),
    past: sized(4 * 1024 * 1024 + 1),
    status: 413,
    code: 413,
  },
  { limit: 'messageDepthMax', at: nested(62), past: nested(63), status: 400, code: -32600 },
  {
    limit: 'serverMessageNodesMax',
    limits: { serverMessageNodesMax: 100 },
    at: items(100 - valuesBeside),
    past: items(101 - valuesBeside),
    status: 400,
    code: -32600,
  },
  {
    limit: 'objectKeysMax',
    limits: { objectKeysMax: 20 },
    at: members(20),
    past: members(21),
    status: 400,
    code: -32600,
  },
  { limit: 'numberLengthMax', at: digits(64), past: digits(65), status: 400, code: -32600 },
  { limit: 'stringIdLengthMax', at: withId(256), past: withId(257), status: 400, code: -32600 },
  { limit: 'headersMax', at: headerCount(100), past: headerCount(101), status: 431, code: 431 },
  {
    limit: 'headerBytesMax',
    at: headerBytes(16 * 1024 - 1),
    past: headerBytes(16 * 1024),
    status: 431,
    code: 431,
    doors: ['listen'],
  },
];

const open = new Set<Door>();
afterEach(async () => {
  await Promise.all([...open].map((door) => door.close()));
  open.clear();
});

async function openWith(name: DoorName, limits: Partial<Limits>): Promise<Door> {
  const door = await openDoor(name, { limits });
  open.add(door);
  return door;
}

describe.each(doorNames)('by %s', (name) => {
  const here = bounds.filter(({ doors = doorNames }) => doors.includes(name));
  test.each(here)('$limit $name', async ({ limits = {}, at, past, status, code }) => {
    const door = await openWith(name, limits);
    const within = await door.send(at);
    expect(within.heard?.status, within.heard?.body).toBe(200);
    const { heard } = await door.send(past);
    expect(heard?.status, heard?.body).toBe(status);
    expect(JSON.parse(heard?.body ?? '')).toMatchObject({ error: { code } });
  });

  test('callsInFlightMax', async () => {
    const door = await openWith(name, { callsInFlightMax: 2 });
    await door.begin(modernCall('hold'));
    await door.begin(modernCall('hold'));
    expect(await answerOf(door, modernCall('look'))).toEqual(full(429));
    await door.finish();
    expect(await answerOf(door, modernCall('look'))).toEqual(room);
  });

  test('callsInFlightPerPipeMax', async () => {
    const door = await openWith(name, { callsInFlightPerPipeMax: 2 });
    const [one, other] = [await openSession(door), await openSession(door)];
    await door.begin(heldCall(one, 1));
    await door.begin(heldCall(one, 2));
    expect(await answerOf(door, legacyCall('look', one))).toEqual(full(429));
    // A session that is full is nobody else's.
    expect(await answerOf(door, legacyCall('look', other))).toEqual(room);
    await door.finish();
    expect(await answerOf(door, legacyCall('look', one))).toEqual(room);
  });

  test('one id in flight, and again after that', async () => {
    const door = await openWith(name, {});
    const session = await openSession(door);
    await door.begin(heldCall(session, 'attack'));
    const { heard } = await door.send(legacyCall('look', session));
    expect(heard?.status).toBe(400);
    expect(JSON.parse(heard?.body ?? '')).toMatchObject({ id: 'attack', error: { code: -32600 } });
    expect(door.victim.held).toBe(1);
    await door.finish();
    expect(await answerOf(door, legacyCall('look', session))).toEqual(room);
  });

  test('streamsMax, for listens', async () => {
    const door = await openWith(name, { streamsMax: 2 });
    await door.begin(listen);
    await door.begin(listen);
    expect(await answerOf(door, listen)).toEqual(full(429));
    expect(await answerOf(door, modernCall('look'))).toEqual(room);
  });

  test('streamsMax, for streams of sessions', async () => {
    const door = await openWith(name, { streamsMax: 2 });
    for (let count = 0; count < 2; count++) {
      await door.begin(onSession('GET', await openSession(door)));
    }
    const third = await openSession(door);
    expect(await answerOf(door, onSession('GET', third))).toEqual(full(429));
    expect(await answerOf(door, legacyCall('look', third))).toEqual(room);
  });

  test('batchMessagesMax', async () => {
    const door = await openWith(name, {});
    const session = await openSession(door, '2025-03-26');
    const batch = (count: number): Parts => {
      const one = legacyCall('look', session);
      const headers = { ...one.headers, 'mcp-protocol-version': '2025-03-26' };
      return { ...one, headers, body: Array.from({ length: count }, (_, id) => ping(id)) };
    };
    expect(await answerOf(door, batch(50))).toEqual(room);
    const { heard } = await door.send(batch(51));
    expect(heard?.status).toBe(400);
    expect(JSON.parse(heard?.body ?? '')).toMatchObject({ error: { code: -32600 } });
  });

  test('sessionsMax', async () => {
    const door = await openWith(name, { sessionsMax: 2 });
    const [first] = [await openSession(door), await openSession(door)];
    expect(await answerOf(door, initialize)).toEqual(full(503));
    await door.send(onSession('DELETE', first));
    expect(await answerOf(door, initialize)).toEqual(room);
  });

  test('sessionsMax, when all come at once', async () => {
    const door = await openWith(name, { sessionsMax: 3 });
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => door.send(initialize)));
    const statuses = outcomes.map(({ heard }) => heard?.status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(3);
    expect(statuses.filter((status) => status === 503)).toHaveLength(17);
  });
});

test('connectionsMax', async () => {
  const door = await openWith('listen', { connectionsMax: 2 });
  const lines = [await Line.to(door.port!), await Line.to(door.port!)];
  const third = await Line.to(door.port!);
  await third.closed;
  for (const line of lines) {
    line.write(wireBytes(modernCall('look'), { port: door.port! }));
    expect((await line.answer())?.status).toBe(200);
    line.hangUp();
  }
});

test('requestsPerConnectionMax', async () => {
  const door = await openWith('listen', { requestsPerConnectionMax: 2 });
  const line = await Line.to(door.port!);
  const call = wireBytes(modernCall('look'), { port: door.port! });
  line.write(call);
  expect((await line.answer())?.headers.get('connection')).toBe('keep-alive');
  line.write(call);
  const last = await line.answer();
  expect(last?.status).toBe(200);
  expect(last?.headers.get('connection')).toBe('close');
  await line.closed;
});

const listen: Parts = {
  ...modernCall('look'),
  headers: {
    ...modernCall('look').headers,
    'mcp-method': 'subscriptions/listen',
    'mcp-name': null,
  },
  body: modern('subscriptions/listen', { notifications: { toolsListChanged: true } }),
};

function heldCall(session: string, id: string | number): Parts {
  return inSession({ id, method: 'tools/call', params: { name: 'hold', arguments: {} } }, session);
}

function ping(id: number): object {
  return { jsonrpc: '2.0', id, method: 'ping' };
}

async function openSession(door: Door, protocolVersion = '2025-11-25'): Promise<string> {
  const { params, ...begin } = initialize.body as { params: object };
  const body = { ...begin, params: { ...params, protocolVersion } };
  const { heard } = await door.send({ ...initialize, body });
  const session = heard?.headers.get('mcp-session-id') ?? '';
  await door.send(inSession({ method: 'notifications/initialized' }, session));
  return session;
}

const room = { status: 200 };
const full = (status: number): object => ({ status, code: status, retryAfter: '1' });

async function answerOf(door: Door, parts: Parts): Promise<object> {
  const { heard } = await door.send(parts);
  const { status, headers, body } = heard!;
  if (status === 200) return { status };
  const { error } = JSON.parse(body) as { error: { code: number } };
  return { status, code: error.code, retryAfter: headers.get('retry-after') };
}

function valuesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, member) => sum + valuesIn(member), 1);
}
