import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { type AttackGroup, callOf, legacyCall } from '../attack.js';

const json = JSON.stringify(callOf('wipe'));
const padded = JSON.stringify(callOf('wipe', { zeros: '0'.repeat(1 << 20) }));

export const contentType: AttackGroup = {
  guard: 'content-type',
  stoppedBy: 'src/transports/http/guards/content-type.ts',
  each: { class: 'C', enforcedBy: 'request', answer: { status: 415 }, naive: 'runs' },
  attacks: [
    { name: 'plain text', headers: { 'content-type': 'text/plain' } },
    {
      name: 'plain text that speaks of JSON',
      headers: { 'content-type': 'text/plain;application/json' },
    },
    {
      name: 'a form',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `message=${encodeURIComponent(json)}`,
    },
    {
      name: 'a form whose only field is JSON',
      headers: { 'content-type': 'text/plain' },
      body: `${json.slice(0, -1)},"x":"="}`,
    },
    {
      name: 'a form in parts',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      body: `--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n${json}\r\n--x--\r\n`,
    },
    { name: 'no type', headers: { 'content-type': null }, enforcedBy: 'node' },
    { name: 'an empty type', headers: { 'content-type': '' } },
    { name: 'a type of its own', headers: { 'content-type': 'application/json-rpc' } },
    { name: 'a suffix', headers: { 'content-type': 'application/vnd.api+json' } },
    { name: 'the old name', headers: { 'content-type': 'text/json' } },
    { name: 'two types in one', headers: { 'content-type': 'application/json, text/plain' } },
    { name: 'JSON as a parameter', headers: { 'content-type': 'text/plain; x=application/json' } },
    {
      name: 'another character set',
      headers: { 'content-type': 'application/json; charset=utf-16' },
    },
    { name: 'the one of UTF-7', headers: { 'content-type': 'application/json; charset=utf-7' } },
    {
      name: 'two character sets',
      headers: { 'content-type': 'application/json; charset=utf-8; charset=x' },
    },
    { name: 'a boundary', headers: { 'content-type': 'application/json; boundary=x' } },
    {
      name: 'plain text in a session',
      of: legacyCall('wipe'),
      given: 'a session of alice',
      headers: { 'content-type': 'text/plain' },
    },
    {
      name: 'gzip',
      class: 'N',
      headers: { 'content-encoding': 'gzip' },
      body: gzipSync(padded),
    },
    {
      name: 'gzip in gzip',
      class: 'N',
      headers: { 'content-encoding': 'gzip, gzip' },
      body: gzipSync(json),
    },
    {
      name: 'deflate',
      class: 'N',
      headers: { 'content-encoding': 'deflate' },
      body: deflateSync(padded),
    },
    {
      name: 'brotli',
      class: 'N',
      headers: { 'content-encoding': 'br' },
      body: brotliCompressSync(padded),
    },
    { name: 'an encoding of its own', class: 'N', headers: { 'content-encoding': 'none' } },
    { name: 'an empty encoding', class: 'N', headers: { 'content-encoding': '' } },
    {
      name: 'capital letters',
      class: 'N',
      headers: { 'content-encoding': 'X-GZIP' },
    },
  ],
};
