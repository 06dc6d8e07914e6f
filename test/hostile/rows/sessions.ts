import { type AttackGroup, initialize, inSession, legacyCall, onSession } from '../attack.js';
import { guarded } from './verify.js';

const asBob = { authorization: 'Bearer bob' };
const ping = inSession({ id: 1, method: 'ping' });

export const sessions: AttackGroup = {
  guard: 'sessions',
  cites: ['session/bound-to-user', 'session/ended', 'session/id-required'],
  stoppedBy: 'src/transports/http/sessions.ts',
  each: {
    class: 'E',
    enforcedBy: 'request',
    setup: guarded,
    of: legacyCall('wipe'),
    answer: { status: 404 },
    naive: 'runs',
  },
  attacks: [
    { name: 'a call in a stranger’s session', given: 'a session of alice', headers: asBob },
    {
      name: 'a ping in it',
      given: 'a session of alice',
      of: ping,
      headers: asBob,
      naive: 'answers',
    },
    {
      name: 'a stranger’s stream',
      given: 'a stream of alice',
      of: onSession('GET'),
      headers: asBob,
      naive: 'answers',
    },
    {
      name: 'the end of a stranger’s session',
      given: 'a session of alice',
      of: onSession('DELETE'),
      headers: asBob,
      naive: 'answers',
    },
    {
      name: 'a cancellation of a stranger’s call',
      given: 'a call of alice in flight',
      of: inSession({ method: 'notifications/cancelled', params: { requestId: 'attack' } }),
      headers: asBob,
      naive: 'answers',
    },
    {
      name: 'an answer to a stranger’s question',
      class: 'H',
      given: 'a session of alice',
      of: inSession({ id: 1, result: {} }),
      headers: asBob,
      naive: 'answers',
    },
    {
      name: 'a session that is over',
      given: 'a session that alice has ended',
      headers: { authorization: 'Bearer alice' },
    },
    {
      name: 'a made-up id of the right length',
      class: 'F',
      headers: { ...asBob, 'mcp-session-id': 'A'.repeat(43) },
    },
    { name: 'the first number', class: 'F', headers: { ...asBob, 'mcp-session-id': '1' } },
    { name: 'a pointer', class: 'F', headers: { ...asBob, 'mcp-session-id': '0x7ffd3c0a1b20' } },
    { name: 'a time', class: 'F', headers: { ...asBob, 'mcp-session-id': '1785196800000' } },
    { name: 'an empty id', headers: { ...asBob, 'mcp-session-id': '' } },
    {
      name: 'the name of a member of every object',
      headers: { ...asBob, 'mcp-session-id': '__proto__' },
    },
    { name: 'another one', headers: { ...asBob, 'mcp-session-id': 'constructor' } },
    {
      name: 'the right id and one letter more',
      given: 'a session of alice',
      headers: { authorization: 'Bearer alice', 'mcp-session-id': '{session}A' },
    },
    {
      name: 'the right id twice in one header',
      given: 'a session of alice',
      headers: { authorization: 'Bearer alice', 'mcp-session-id': '{session}, {session}' },
    },
    {
      name: 'an id of 8 KiB',
      class: 'N',
      headers: { ...asBob, 'mcp-session-id': 'A'.repeat(8192) },
    },
    {
      name: 'no session',
      headers: { ...asBob, 'mcp-session-id': null },
      answer: { status: 400, connection: 'closed' },
    },
    {
      name: 'a session in a cookie',
      class: 'C',
      given: 'a session of alice',
      headers: {
        authorization: 'Bearer alice',
        'mcp-session-id': null,
        cookie: 'session={session}',
      },
      answer: { status: 400, connection: 'closed' },
    },
    {
      name: 'a stream without a session',
      of: onSession('GET'),
      headers: { ...asBob, 'mcp-session-id': null },
      answer: { status: 400, connection: 'closed' },
      naive: 'answers',
    },
    {
      name: 'an id that the client chose',
      of: initialize,
      headers: { ...asBob, 'mcp-session-id': 'chosen-by-me' },
      answer: { status: 400, connection: 'closed' },
      naive: 'answers',
    },
    {
      name: 'a handshake within a session',
      given: 'a session of alice',
      of: initialize,
      headers: { authorization: 'Bearer alice', 'mcp-session-id': '{session}' },
      answer: { status: 400, connection: 'closed' },
      naive: 'answers',
    },
    {
      name: 'a modern version in a session',
      class: 'P',
      given: 'a session of alice',
      headers: { authorization: 'Bearer alice', 'mcp-protocol-version': '2026-07-28' },
      answer: { status: 400, code: -32020 },
    },
    {
      name: 'an unknown version in a session',
      class: 'P',
      given: 'a session of alice',
      headers: { authorization: 'Bearer alice', 'mcp-protocol-version': '2024-01-01' },
      answer: { status: 400, connection: 'closed' },
    },
    {
      name: 'an id that a call in flight has',
      class: 'H',
      given: 'a call of alice in flight',
      headers: { authorization: 'Bearer alice' },
      answer: { status: 400, code: -32600 },
    },
    {
      name: 'a second stream beside the first',
      given: 'a stream of alice',
      of: onSession('GET'),
      headers: { authorization: 'Bearer alice' },
      answer: { status: 409 },
      naive: 'answers',
    },
    {
      name: 'a batch in a session of a revision without',
      class: 'N',
      given: 'a session of alice',
      headers: { authorization: 'Bearer alice' },
      body: [legacyCall('wipe').body, legacyCall('wipe').body],
      answer: { status: 400, code: -32600 },
    },
    {
      name: 'a batch in a stranger’s session',
      given: 'a session of alice',
      headers: asBob,
      body: [legacyCall('wipe').body],
    },
    {
      name: 'an answer that nobody waits for',
      class: 'H',
      given: 'a session of alice',
      of: inSession({ id: 99, result: { action: 'accept' } }),
      headers: { authorization: 'Bearer alice' },
      answer: { status: 400, code: -32600 },
      naive: 'answers',
    },
  ],
};

export const eventIds: AttackGroup = {
  guard: 'event ids',
  cites: ['session/bound-to-user'],
  stoppedBy: 'src/transports/http/resume.ts',
  each: {
    class: 'G',
    enforcedBy: 'request',
    setup: guarded,
    of: onSession('GET'),
    given: 'an event of alice',
    answer: { status: 404 },
    naive: 'leaks',
  },
  attacks: [
    {
      name: 'a stranger’s event in a stranger’s session',
      headers: { ...asBob, 'last-event-id': '{event}' },
    },
    {
      name: 'a stranger’s event without a session',
      headers: { ...asBob, 'mcp-session-id': null, 'last-event-id': '{event}' },
      answer: { status: 400, connection: 'closed' },
    },
    {
      name: 'the first event of the first stream',
      headers: { ...asBob, 'last-event-id': '{stream}.0' },
    },
    {
      name: 'an event that was never',
      headers: { authorization: 'Bearer alice', 'last-event-id': 'AAAAAAAAAAAAAAAAAAAAAA.1' },
    },
    {
      name: 'an event past the last',
      headers: { authorization: 'Bearer alice', 'last-event-id': '{stream}.999' },
      answer: { status: 400, code: -32600 },
    },
    { name: 'a number', headers: { authorization: 'Bearer alice', 'last-event-id': '0' } },
    {
      name: 'a number below zero',
      headers: { authorization: 'Bearer alice', 'last-event-id': '{stream}.-1' },
    },
    {
      name: 'a fraction',
      headers: { authorization: 'Bearer alice', 'last-event-id': '{stream}.0.5' },
    },
    { name: 'a pattern', headers: { authorization: 'Bearer alice', 'last-event-id': '*.*' } },
    {
      name: 'a path',
      headers: { authorization: 'Bearer alice', 'last-event-id': '../{stream}.0' },
    },
    {
      name: 'an escape',
      headers: { authorization: 'Bearer alice', 'last-event-id': '{stream}%2e0' },
    },
    {
      name: 'a key of the store',
      headers: { authorization: 'Bearer alice', 'last-event-id': 'bob {stream}.0' },
    },
    {
      name: 'the name of a member of every object',
      headers: { authorization: 'Bearer alice', 'last-event-id': '__proto__.1' },
    },
    {
      name: 'a number past the safe integers',
      headers: { authorization: 'Bearer alice', 'last-event-id': '{stream}.99999999999999999999' },
    },
    { name: 'an empty id', headers: { authorization: 'Bearer alice', 'last-event-id': '' } },
    {
      name: '8 KiB',
      class: 'N',
      headers: { authorization: 'Bearer alice', 'last-event-id': `{stream}.${'0'.repeat(8192)}` },
    },
  ],
};
