import { McpError } from '../../../src/errors.js';
import type {
  EndpointOptions,
  TokenContext,
  Verified,
  Verify,
} from '../../../src/transports/http/index.js';
import { letIn } from '../../let-in.js';
import { type AttackGroup, initialize, onSession, plainGet } from '../attack.js';
import { secret } from '../victim.js';

const known = new Set(['alice', 'bob']);

/** A server that asks who is calling, and knows alice and bob. */
export const guarded: EndpointOptions = {
  publicUrl: 'https://mcp.example/mcp',
  auth: letIn((token) => {
    if (!known.has(token)) throw new McpError('unauthorized', 'Show who you are');
    return token;
  }),
};

/** Like it for bob; of anybody else its `verify` says what `of` does. */
function lax(of: (about: TokenContext) => Partial<Verified> | Promise<Verified>): EndpointOptions {
  const verify: Verify = (token, about) => {
    const whole = { id: 'bob', audience: about.resource, expiresAt: Infinity };
    return token === 'bob' ? whole : (of(about) as Verified);
  };
  return { ...guarded, auth: { verify } };
}

const bothEras: EndpointOptions = { ...guarded, httpSse: true };
const elsewhere = 'https://other.example/mcp';
const throwsText = lax(() => {
  throw new TypeError(`the key file ${secret} is missing`);
});
const rejects = lax(() => Promise.reject(new Error(secret)));
const eve = { authorization: 'Bearer eve' };

const challenge = ['www-authenticate', 'Bearer'] as const;
const refused = {
  status: 401,
  header: ['www-authenticate', 'Bearer error="invalid_token"'],
} as const;

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
    {
      name: 'somebody unknown',
      headers: { authorization: 'Bearer mallory' },
      answer: refused,
    },
    { name: 'an empty header', headers: { authorization: '' }, answer: refused },
    { name: 'a token in another header', headers: { 'x-api-key': 'alice' } },
    { name: 'a token in a cookie', headers: { cookie: 'authorization=Bearer alice' } },
    {
      name: 'two tokens in one',
      headers: { authorization: 'Bearer alice, Bearer bob' },
      answer: refused,
    },
    { name: 'no scheme', headers: { authorization: 'alice' }, answer: refused },
    { name: 'another scheme', headers: { authorization: 'Basic alice' }, answer: refused },
    { name: 'nothing in it', headers: { authorization: 'Bearer ' }, answer: refused },
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
    {
      name: 'a verify that returns nothing',
      setup: lax(() => undefined as never),
      headers: eve,
      answer: refused,
    },
    {
      name: 'a verify that names nobody',
      setup: lax(({ resource }) => ({ id: '', audience: resource, expiresAt: Infinity })),
      headers: eve,
      answer: refused,
    },
    {
      name: 'a verify that names no audience',
      setup: lax(() => ({ id: 'eve', expiresAt: Infinity })),
      headers: eve,
      answer: refused,
    },
    {
      name: 'a verify that names another audience',
      setup: lax(() => ({ id: 'eve', audience: elsewhere, expiresAt: Infinity })),
      headers: eve,
      answer: refused,
    },
    {
      name: 'a verify that names a part of the audience',
      setup: lax(() => ({ id: 'eve', audience: 'https://mcp.example', expiresAt: Infinity })),
      headers: eve,
      answer: refused,
    },
    {
      name: 'a verify that names no end',
      setup: lax(({ resource }) => ({ id: 'eve', audience: resource })),
      headers: eve,
      answer: refused,
    },
    {
      name: 'a verify that names an end that is no number',
      setup: lax(({ resource }) => ({ id: 'eve', audience: resource, expiresAt: NaN })),
      headers: eve,
      answer: refused,
    },
    {
      name: 'a verify that names an end that is over',
      setup: lax(({ resource, now }) => ({ id: 'eve', audience: resource, expiresAt: now })),
      headers: eve,
      answer: refused,
    },
    {
      name: 'a verify that throws',
      class: 'M',
      setup: throwsText,
      headers: eve,
      answer: { status: 500, code: -32603 },
    },
    {
      name: 'a verify that rejects',
      class: 'M',
      setup: rejects,
      headers: eve,
      answer: { status: 500, code: -32603 },
    },
  ],
};
