import type { Asked, ClientAttackGroup, Reply } from '../attack.js';

const to =
  (status: number, path = '/mcp') =>
  ({ elsewhere }: Asked): Reply => ({ status, headers: { location: `${elsewhere}${path}` } });

export const redirects: ClientAttackGroup = {
  guard: 'redirects',
  stoppedBy: 'src/transports/http/refusal.ts',
  each: { naive: 'leaks', ours: 'badResponse' },
  attacks: [
    { name: '301 to another origin', reply: to(301) },
    { name: '302 to another origin', reply: to(302) },
    { name: '303 to another origin', reply: to(303) },
    { name: '307 to another origin', reply: to(307) },
    { name: '308 to another origin', reply: to(308) },
    { name: '308 to another origin, by fetch', reply: to(308), byFetch: true },
    {
      name: '308 of the first request',
      reply: to(308),
      at: ['initialize', 'server/discover'],
      does: 'connect',
    },
    {
      name: '308 without a scheme',
      reply: ({ elsewhere }) => ({
        status: 308,
        headers: { location: elsewhere.replace('http:', '') },
      }),
    },
    {
      name: '308 to itself',
      reply: { status: 308, headers: { location: '/mcp' } },
      naive: 'storms',
    },
    {
      name: '308 to a file',
      reply: { status: 308, headers: { location: 'file:///etc/passwd' } },
      naive: 'breaks',
    },
    {
      name: '308 to nowhere',
      reply: { status: 308, headers: { location: 'http://[' } },
      naive: 'breaks',
    },
    {
      name: 'an endpoint event of another origin',
      at: ['initialize', 'GET'],
      eras: ['legacy'],
      does: 'connect',
      reply: ({ method, elsewhere }) =>
        method === 'GET'
          ? { events: `event: endpoint\ndata: ${elsewhere}/messages\n\n`, then: 'stay' }
          : { status: 405 },
      ours: ['methodNotAllowed', 'badResponse'],
    },
    {
      name: 'an endpoint event without a scheme',
      at: ['initialize', 'GET'],
      eras: ['legacy'],
      does: 'connect',
      reply: ({ method, elsewhere }) =>
        method === 'GET'
          ? {
              events: `event: endpoint\ndata: ${elsewhere.replace('http:', '')}/m\n\n`,
              then: 'stay',
            }
          : { status: 405 },
      ours: ['methodNotAllowed', 'badResponse'],
    },
  ],
};

export const heads: ClientAttackGroup = {
  guard: 'answers that are no HTTP',
  stoppedBy: 'src/transports/http/node-send.ts',
  each: { naive: 'breaks', ours: 'outcomeUnknown' },
  attacks: [
    { name: 'another protocol', reply: { raw: 'SSH-2.0-OpenSSH\r\n' } },
    { name: 'a malformed status', reply: { raw: 'HTTP/1.1 abc OK\r\n\r\n' } },
    {
      name: 'a head of 100 KB',
      reply: { raw: `HTTP/1.1 200 OK\r\nx: ${'1'.repeat(100_000)}\r\n\r\n` },
    },
    {
      name: 'ten thousand headers',
      reply: { raw: `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(10_000)}\r\n` },
    },
    {
      name: 'a negative length',
      reply: {
        raw: 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: -1\r\n\r\n{}',
      },
    },
    {
      name: 'a body shorter than announced',
      reply: {
        raw: 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{}',
      },
    },
    {
      name: 'a broken chunk',
      reply: {
        raw: 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n{}',
      },
    },
    {
      name: 'a header with a bare line feed',
      reply: { raw: 'HTTP/1.1 200 OK\r\nx: a\nb\r\ncontent-length: 0\r\n\r\n' },
    },
    {
      name: 'a switch of protocols',
      reply: {
        raw: 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
        then: 'stay',
      },
      naive: 'waits',
    },
    { name: 'nothing at all', reply: { raw: '' } },
    {
      name: 'interim answers without end',
      reply: {
        raw: 'HTTP/1.1 103 Early Hints\r\n\r\n',
        forever: 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(1000),
      },
      naive: 'takes',
    },
  ],
};
