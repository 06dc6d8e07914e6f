/** What guards must let through: a guard that refuses everybody stops every attack, too. */
import { describe, expect, test } from 'vitest';
import type { EndpointOptions } from '../../src/transports/http/index.js';
import { type Attack, initialize, modernCall, onSession, partsOf } from './attack.js';
import { doorNames } from './doors.js';
import { refusedByHost } from './hosts.js';
import { guarded } from './rows/verify.js';
import { doorTo, expectManners } from './run.js';

interface Allowed extends Pick<
  Attack,
  'name' | 'of' | 'target' | 'version' | 'headers' | 'chunked'
> {
  readonly setup?: EndpointOptions;
  /** Default 200. */
  readonly status?: number;
  /** The answer says that a page may read it. */
  readonly readable?: true;
  /** Where only a socket can say it. */
  readonly onSockets?: true;
}

const asItComes: EndpointOptions = {};
const bob = { authorization: 'Bearer bob' };
const json = 'application/json';

const requests: readonly Allowed[] = [
  { name: 'a plain call' },
  { name: 'localhost', headers: { host: 'localhost' } },
  { name: 'capital letters in localhost', headers: { host: 'LocalHost:{port}' } },
  { name: 'the port of a container outside', headers: { host: '127.0.0.1:65535' } },
  { name: 'IPv6', headers: { host: '[::1]:{port}' } },
  { name: 'IPv6 without a port', headers: { host: '[::1]' } },
  { name: 'a listed name', setup: { allowedHosts: ['a.example'] }, headers: { host: 'a.example' } },
  {
    name: 'its capital letters',
    setup: { allowedHosts: ['A.example'] },
    headers: { host: 'a.EXAMPLE' },
  },
  {
    name: 'a listed pair',
    setup: { allowedHosts: ['a.example:81'] },
    headers: { host: 'a.example:81' },
  },
  { name: 'the public name', setup: guarded, headers: { host: 'mcp.example', ...bob } },
  {
    name: 'the public name behind a proxy',
    setup: guarded,
    headers: { host: 'mcp.example', via: '1.1 a', 'x-forwarded-for': '203.0.113.9', ...bob },
  },
  {
    name: 'a page of the server itself',
    headers: { origin: 'http://localhost:{port}', 'sec-fetch-site': 'same-origin' },
    onSockets: true,
  },
  {
    name: 'a page of a listed origin',
    setup: { allowedOrigins: ['https://app.example'] },
    headers: { origin: 'https://app.example', 'sec-fetch-site': 'cross-site' },
    readable: true,
  },
  {
    name: 'a page of the public origin',
    setup: guarded,
    headers: { origin: 'https://mcp.example', ...bob },
  },
  { name: 'a character set', headers: { 'content-type': `${json}; charset=utf-8` } },
  {
    name: 'a quoted character set',
    headers: { 'content-type': 'Application/JSON ; charset="UTF-8"' },
  },
  { name: 'the identity encoding', headers: { 'content-encoding': 'identity' } },
  { name: 'any type wanted', headers: { accept: '*/*' } },
  { name: 'no wish', headers: { accept: null } },
  { name: 'wishes with weights', headers: { accept: 'text/event-stream;q=0.5, application/*' } },
  { name: 'wishes on two lines', headers: { accept: [json, 'text/event-stream'] } },
  { name: 'chunks', chunked: 7 },
  { name: 'an unknown header', headers: { 'x-trace_id': '1', cookie: 'a=b' } },
  {
    name: 'an upgrade that is offered, as Java does',
    headers: { connection: 'Upgrade', upgrade: 'h2c' },
  },
  { name: 'a name in base64', headers: { 'mcp-name': '=?base64?bG9vaw==?=' } },
  { name: 'a name with blanks around it', headers: { 'mcp-name': ' look\t' } },
  { name: 'a handshake', of: initialize },
  { name: 'HTTP/1.0 with Host', version: '1.0', onSockets: true },
  {
    name: 'the health check, whatever the Host',
    of: { method: 'GET', target: '/healthz', headers: { host: 'probe' } },
  },
  {
    name: 'the ready check',
    of: { method: 'HEAD', target: '/readyz', headers: { host: 'probe' } },
  },
  {
    name: 'a stream of a session that is none, asked for in the right way',
    of: onSession('GET', 'unknown'),
    status: 404,
  },
];

describe.each(doorNames)('by %s', (name) => {
  const said = requests.filter(
    ({ onSockets, setup, ...request }) =>
      (onSockets === undefined || name === 'listen') &&
      refusedByHost(name, partsOf(request, request.of), setup) === undefined,
  );
  test.each(said)('$name', async (request) => {
    const door = await doorTo(name, request.setup ?? asItComes);
    const parts = partsOf(request, request.of ?? modernCall('look'));
    const { heard } = await door.send(parts);
    expect(heard?.status, heard?.body).toBe(request.status ?? 200);
    const headers = new Map(heard!.headers);
    expect(headers.has('access-control-allow-origin')).toBe(request.readable ?? false);
    headers.delete('access-control-allow-origin');
    headers.delete('access-control-expose-headers');
    expectManners({ ...heard!, headers });
  });
});

test('an HTTP/1.0 answer ends with its connection, a stream as well', async () => {
  const door = await doorTo('listen', asItComes);
  const want = { progressToken: 1 };
  for (const of of [modernCall('look'), modernCall('echo', { text: 'a' }, want)]) {
    const { heard, connection } = await door.send({ ...of, version: '1.0' });
    expect(connection).toBe('closed');
    expect(heard?.headers.has('transfer-encoding')).toBe(false);
    expect(heard?.body).toContain('"result"');
  }
});
