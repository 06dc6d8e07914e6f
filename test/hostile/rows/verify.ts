import { McpError } from '../../../src/errors.js';
import type { EndpointOptions } from '../../../src/transports/http/index.js';
import { type AttackGroup, initialize, onSession, plainGet } from '../attack.js';
import { secret } from '../victim.js';

const known = new Set(['Bearer alice', 'Bearer bob']);

/** A server that asks who is calling, and knows alice and bob. */
export const guarded: EndpointOptions = {
  publicUrl: 'https://mcp.example/mcp',
  verify({ authorization = '' }) {
    if (!known.has(authorization)) throw new McpError('unauthorized', 'Show who you are');
    return { id: authorization.slice('Bearer '.length) };
  },
};

const bothEras: EndpointOptions = { ...guarded, httpSse: true };
const bob = 'Bearer bob';
const saysNothing: EndpointOptions = {
  ...guarded,
  verify: ({ authorization }) => (authorization === bob ? { id: 'bob' } : (undefined as never)),
};
const saysNobody: EndpointOptions = {
  ...guarded,
  verify: ({ authorization }) => ({ id: authorization === bob ? 'bob' : '' }),
};
const throwsText: EndpointOptions = {
  ...guarded,
  verify({ authorization }) {
    if (authorization === bob) return { id: 'bob' };
    throw new TypeError(`the key file ${secret} is missing`);
  },
};
const rejects: EndpointOptions = {
  ...guarded,
  verify: ({ authorization }) =>
    authorization === bob ? { id: 'bob' } : Promise.reject(new Error(secret)),
};

const challenge = ['www-authenticate', 'Bearer'] as const;

export const verify: AttackGroup = {
  guard: 'verify',
  cites: ['guards/authentication'],
  stoppedBy: 'src/transports/http/endpoint.ts',
  each: {
    class: 'I',
    enforcedBy: 'request',
    setup: guarded,
    answer: { status: 401, header: challenge },
    naive: 'runs',
  },
  attacks: [
    { name: 'nobody' },
    { name: 'somebody unknown', headers: { authorization: 'Bearer mallory' } },
    { name: 'an empty header', headers: { authorization: '' } },
    { name: 'a token in another header', headers: { 'x-api-key': 'alice' } },
    { name: 'a token in a cookie', headers: { cookie: 'authorization=Bearer alice' } },
    { name: 'two tokens in one', headers: { authorization: 'Bearer alice, Bearer bob' } },
    { name: 'a name in a header', headers: { 'x-forwarded-user': 'alice', 'x-user': 'alice' } },
    { name: 'nobody on GET', of: onSession('GET', 'x'), naive: 'answers' },
    { name: 'nobody on DELETE', of: onSession('DELETE', 'x'), naive: 'answers' },
    { name: 'nobody, to begin a session', of: initialize, naive: 'answers' },
    {
      name: 'nobody on the stream of 2024',
      setup: bothEras,
      of: plainGet,
      target: '/sse',
      naive: 'answers',
    },
    { name: 'nobody on the messages of 2024', setup: bothEras, target: '/messages?sessionId=x' },
    { name: 'a verify that returns nothing', setup: saysNothing, headers: { authorization: 'x' } },
    { name: 'a verify that names nobody', setup: saysNobody, headers: { authorization: 'x' } },
    {
      name: 'a verify that throws',
      class: 'M',
      setup: throwsText,
      answer: { status: 500, code: -32603 },
    },
    {
      name: 'a verify that rejects',
      class: 'M',
      setup: rejects,
      answer: { status: 500, code: -32603 },
    },
  ],
};
