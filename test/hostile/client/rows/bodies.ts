import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { answerTo, type ClientAttackGroup, type Reply } from '../attack.js';

const piece = 'x'.repeat(64 * 1024);
const html = { 'content-type': 'text/html' };
const json = { 'content-type': 'application/json' };
const endless: Reply = { forever: piece };

/** A harmless answer with a great deal of nothing in it. */
const inflated = Buffer.from(
  `{"jsonrpc":"2.0","id":1,"result":{"content":[]}${' '.repeat(9 * 1024 * 1024)}}`,
);
const coded = (coding: string, body: Uint8Array, status = 200): Reply => ({
  status,
  headers: { ...json, 'content-encoding': coding },
  body,
});

export const bodies: ClientAttackGroup = {
  guard: 'the size of an answer',
  stoppedBy: 'src/transports/http/read-reply.ts',
  each: { naive: 'takes', ours: 'tooLarge' },
  attacks: [
    { name: 'JSON that never ends', reply: { ...endless, body: '{"jsonrpc":"2.0","result":"' } },
    {
      name: 'JSON of a gigabyte, as announced',
      reply: { ...endless, headers: { ...json, 'content-length': '1000000000' } },
    },
    {
      name: 'JSON that never ends, by fetch',
      reply: { ...endless, body: '{"jsonrpc":"2.0","result":"' },
      byFetch: true,
    },
    {
      name: 'a web page that never ends',
      reply: { ...endless, headers: html },
      ours: 'badResponse',
    },
    {
      name: 'a web page that never ends, with status 500',
      reply: { ...endless, status: 500, headers: html },
      ours: 'outcomeUnknown',
    },
    {
      name: 'JSON that never ends, with status 500',
      reply: { ...endless, status: 500 },
      ours: 'outcomeUnknown',
    },
    {
      name: 'JSON of a gigabyte, as announced, with status 403',
      reply: { ...endless, status: 403, headers: { ...json, 'content-length': '1000000000' } },
      ours: 'forbidden',
    },
    {
      name: 'JSON that never ends, with status 404',
      reply: { ...endless, status: 404 },
      ours: ['notFound', 'sessionNotFound'],
    },
    {
      name: 'JSON that never ends, with status 429',
      reply: { ...endless, status: 429 },
      ours: 'tooManyRequests',
    },
    {
      name: 'text without a type that never ends',
      reply: { ...endless, headers: {} },
      ours: 'badResponse',
    },
  ],
};

export const codings: ClientAttackGroup = {
  guard: 'bodies that grow when they are read',
  stoppedBy: 'src/transports/http/node-send.ts',
  each: { naive: 'takes', ours: 'badResponse' },
  attacks: [
    { name: 'gzip', reply: coded('gzip', gzipSync(inflated)) },
    { name: 'deflate', reply: coded('deflate', deflateSync(inflated)) },
    { name: 'brotli', reply: coded('br', brotliCompressSync(inflated)) },
    { name: 'gzip with status 500', reply: coded('gzip', gzipSync(inflated), 500) },
    {
      name: 'gzip, by fetch',
      reply: coded('gzip', gzipSync(inflated)),
      byFetch: true,
      ours: 'tooLarge',
    },
    {
      name: 'brotli, by fetch',
      reply: coded('br', brotliCompressSync(inflated)),
      byFetch: true,
      ours: 'tooLarge',
    },
    {
      name: 'a coding that nobody knows',
      reply: coded('nonsense', Buffer.from('?')),
      naive: 'breaks',
    },
    {
      name: 'a coding of a good answer',
      reply: (asked) => coded('zstd', Buffer.from(JSON.stringify(answerTo(asked)))),
      naive: 'believes',
    },
  ],
};

export const silences: ClientAttackGroup = {
  guard: 'answers that never come',
  stoppedBy: 'src/client/call.ts',
  each: { naive: 'waits', ours: 'timeout', passes: 70_000 },
  attacks: [
    { name: 'no answer', reply: { raw: '', then: 'stay' } },
    { name: 'a head and no body', reply: { then: 'stay' } },
    { name: 'half a body', reply: { body: '{"jsonrpc":', then: 'stay' } },
    { name: 'a stream and no event', reply: { events: '', then: 'stay' } },
    { name: 'half an event', reply: { events: 'data: {"json', then: 'stay' } },
    { name: 'half a head', reply: { raw: 'HTTP/1.1 200 OK\r\ncontent-', then: 'stay' } },
    {
      name: 'no answer to the first request',
      at: ['initialize', 'server/discover'],
      does: 'connect',
      reply: { raw: '', then: 'stay' },
    },
    {
      name: 'no answer to the first notification',
      at: 'notifications/initialized',
      eras: ['legacy'],
      does: 'connect',
      reply: { raw: '', then: 'stay' },
    },
    {
      name: 'a refusal whose body stalls',
      reply: { status: 500, body: '{"jsonrpc":', then: 'stay' },
    },
  ],
};
