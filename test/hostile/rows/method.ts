import { type AttackGroup, plainGet } from '../attack.js';

const allow = ['allow', 'POST, GET, DELETE'] as const;

export const method: AttackGroup = {
  guard: 'method',
  stoppedBy: 'src/transports/http/guards/method.ts',
  each: {
    enforcedBy: 'request',
    answer: { status: 400, connection: 'closed' },
    naive: 'runs',
  },
  attacks: [
    { name: 'PUT', method: 'PUT', answer: { status: 405, header: allow } },
    { name: 'PATCH', method: 'PATCH', answer: { status: 405, header: allow } },
    { name: 'QUERY', method: 'QUERY', enforcedBy: 'node', answer: { status: 405, header: allow } },
    { name: 'PROPFIND', method: 'PROPFIND', answer: { status: 405, header: allow } },
    { name: 'LOCK', method: 'LOCK', answer: { status: 405, header: allow } },
    { name: 'PURGE', method: 'PURGE', answer: { status: 405, header: allow } },
    {
      name: 'OPTIONS with a body',
      method: 'OPTIONS',
    },
    {
      name: 'a preflight',
      class: 'D',
      of: { ...plainGet, method: 'OPTIONS' },
      headers: {
        origin: 'http://127.0.0.1:{port}',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
      naive: 'answers',
      answer: { status: 405, header: allow },
    },
    {
      name: 'a preflight into the private network',
      class: 'D',
      of: { ...plainGet, method: 'OPTIONS' },
      headers: { 'access-control-request-private-network': 'true' },
      naive: 'answers',
      answer: { status: 405, header: allow },
    },
    {
      name: 'HEAD',
      of: { ...plainGet, method: 'HEAD' },
      enforcedBy: 'node',
      naive: 'answers',
      answer: { status: 405, code: 'none', header: allow },
    },
    {
      name: 'TRACE',
      method: 'TRACE',
      enforcedBy: 'node',
      answer: { status: 405, header: allow },
    },
    {
      name: 'CONNECT',
      raw: 'CONNECT db.internal:5432 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n',
      enforcedBy: 'listener',
      naive: 'answers',
      answer: { status: 405, connection: 'closed', header: allow },
    },
    {
      name: 'a method of its own',
      method: 'WIPE',
      enforcedBy: 'listener',
    },
    {
      name: 'an override by header',
      method: 'PUT',
      headers: { 'x-http-method-override': 'POST' },
      answer: { status: 405, header: allow },
    },
    {
      name: 'an upgrade to WebSocket',
      of: plainGet,
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        accept: null,
      },
      naive: 'answers',
      answer: { status: 400, connection: 'closed' },
    },
    {
      name: 'an upgrade to HTTP/2 with a settings header',
      of: plainGet,
      headers: {
        connection: 'Upgrade, HTTP2-Settings',
        upgrade: 'h2c',
        'http2-settings': 'AAMAAABk',
      },
      naive: 'answers',
      answer: { status: 400, connection: 'closed' },
    },
    {
      name: 'an expectation that is none',
      headers: { expect: '200-ok' },
      enforcedBy: 'listener',
      answer: { status: 417, connection: 'closed' },
    },
    {
      name: 'an announced body that is refused before it is sent for',
      headers: { expect: '100-continue', host: 'evil.example' },
      enforcedBy: 'listener',
      answer: { status: 403, connection: 'closed' },
    },
  ],
};
