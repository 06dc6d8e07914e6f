/** What pages of listed origins may do and read, and that nobody else may. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EndpointOptions } from '../../src/transports/http/index.js';
import { initialize, modernCall, onSession, type Parts, plainGet } from './attack.js';
import { type Door, doorNames, openDoor } from './doors.js';
import { letIn } from '../let-in.js';

const app = 'https://app.example';
const setup: EndpointOptions = { allowedOrigins: [app, 'https://Other.example:8443'] };
const look = modernCall('look');

const from = (origin: string, parts: Parts = look): Parts => ({
  ...parts,
  headers: { ...parts.headers, origin },
});
const asks = (origin: string, headers: Parts['headers'] = {}): Parts => ({
  ...from(origin, plainGet),
  method: 'OPTIONS',
  headers: { ...from(origin, plainGet).headers, ...ask, ...headers },
});
const ask = {
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'content-type,mcp-method',
};

/** The headers of CORS, by their short names. */
async function grantsTo(door: Door, parts: Parts): Promise<Record<string, string | number>> {
  const { heard } = await door.send(parts);
  const grants: Record<string, string | number> = { status: heard!.status };
  for (const [name, value] of heard!.headers) {
    if (name.startsWith('access-control-') || name === 'vary') {
      grants[name.replace('access-control-', '')] = value;
    }
  }
  return grants;
}

const readable = {
  'allow-origin': app,
  'expose-headers':
    'Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate, Retry-After, X-Request-Id',
  vary: 'Origin',
};
const known =
  'accept, authorization, content-type, last-event-id, mcp-method, mcp-name, ' +
  'mcp-protocol-version, mcp-session-id, traceparent, tracestate, baggage';
const allowed = {
  status: 204,
  ...readable,
  'allow-methods': 'POST, GET, DELETE',
  'allow-headers': known,
  'max-age': '600',
};

describe.each(doorNames)('by %s', (name) => {
  let door: Door;
  beforeAll(async () => void (door = await openDoor(name, setup)));
  afterAll(() => door.close());

  test('a listed page reads answers, refusals and streams', async () => {
    const wrongType = { ...look, headers: { ...look.headers, 'content-type': 'text/plain' } };
    const unknown = onSession('GET', 'nobody');
    expect(await grantsTo(door, from(app))).toEqual({ status: 200, ...readable });
    expect(await grantsTo(door, from(app, initialize))).toEqual({ status: 200, ...readable });
    expect(await grantsTo(door, from(app, wrongType))).toEqual({ status: 415, ...readable });
    expect(await grantsTo(door, from(app, unknown))).toEqual({ status: 404, ...readable });
    const other = await grantsTo(door, from('https://other.example:8443'));
    expect(other).toMatchObject({ status: 200, 'allow-origin': 'https://other.example:8443' });
  });

  test('a listed page may send what the protocol needs, and arguments in headers', async () => {
    expect(await grantsTo(door, asks(app))).toEqual(allowed);
    const more = 'x-evil, Mcp-Param-Region,mcp-param-a b, cookie, mcp-param-';
    expect(await grantsTo(door, asks(app, { 'access-control-request-headers': more }))).toEqual({
      ...allowed,
      'allow-headers': `${known}, mcp-param-region`,
    });
  });

  test('nobody else is told anything', async () => {
    const strangers = ['https://evil.example', 'null', 'https://app.example:8443', `${app}.evil`];
    for (const origin of strangers) {
      expect(await grantsTo(door, from(origin)), origin).toEqual({ status: 403 });
      expect(await grantsTo(door, asks(origin)), origin).toEqual({ status: 403 });
    }
    expect(await grantsTo(door, look), 'no page').toEqual({ status: 200 });
    const noQuestion = asks(app, { 'access-control-request-method': null });
    expect(await grantsTo(door, noQuestion)).toEqual({ status: 405, ...readable });
    const { heard } = await door.send(noQuestion);
    expect(heard?.headers.get('allow')).toBe('POST, GET, DELETE, OPTIONS');
    const rebound = from(app, { ...look, headers: { ...look.headers, host: 'evil.example' } });
    expect((await grantsTo(door, rebound))['status']).toBe(403);
  });
});

test('pages of the server itself do not ask, and nobody is asked who they are', async () => {
  const asked: unknown[] = [];
  const auth = letIn((token) => {
    asked.push(token);
    return 'bob';
  });
  const door = await openDoor('listen', { ...setup, auth, publicUrl: 'https://mcp.example' });
  for (const origin of ['https://mcp.example', 'http://localhost:{port}', 'https://evil.example']) {
    const { heard } = await door.send(asks(origin, { authorization: 'Bearer page' }));
    expect([origin, heard?.status]).toEqual([origin, origin.includes('evil') ? 403 : 405]);
  }
  expect(asked).not.toContain('page');
  await door.close();
});

test('without a listed origin nobody is told of OPTIONS', async () => {
  const door = await openDoor('listen', {});
  const { heard } = await door.send({ ...plainGet, method: 'OPTIONS' });
  expect([heard?.status, heard?.headers.get('allow')]).toEqual([405, 'POST, GET, DELETE']);
  await door.close();
});

test('a preflight is answered before anybody is asked who they are, and a refusal is read', async () => {
  const auth = letIn((token) => (token === 'bob' ? 'bob' : ''));
  const door = await openDoor('listen', { ...setup, auth });
  expect(await grantsTo(door, asks(app))).toEqual(allowed);
  expect(await grantsTo(door, from(app))).toEqual({ status: 401, ...readable });
  expect(door.victim.runs).toBe(0);
  await door.close();
});
