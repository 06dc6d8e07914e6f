import { type AttackGroup, inSession, wipe } from '../attack.js';

const many = (count: number): { [name: string]: string } =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-${at}`, '']));

export const head: AttackGroup = {
  guard: 'head',
  stoppedBy: 'src/transports/http/head.ts',
  each: {
    class: 'V',
    enforcedBy: 'node',
    answer: { status: 400, connection: 'closed' },
    naive: 'runs',
  },
  attacks: [
    {
      name: 'two Hosts, the good one first',
      headers: { host: ['127.0.0.1:{port}', 'evil.example'] },
      enforcedBy: 'request',
    },
    {
      name: 'two Hosts, the good one last',
      headers: { host: ['evil.example', '127.0.0.1:{port}'] },
      enforcedBy: 'request',
    },
    {
      name: 'the same Host twice',
      headers: { host: ['127.0.0.1:{port}', '127.0.0.1:{port}'] },
      enforcedBy: 'request',
    },
    {
      name: 'two Origins, the good one first',
      headers: { origin: ['http://127.0.0.1:{port}', 'http://evil.example'] },
      enforcedBy: 'request',
      answer: { status: 400, connection: 'closed', onWeb: { status: 403 } },
    },
    {
      name: 'two content types',
      headers: { 'content-type': ['application/json', 'text/plain'] },
      enforcedBy: 'request',
      answer: { status: 400, connection: 'closed', onWeb: { status: 415 } },
    },
    {
      name: 'two Authorizations',
      headers: { authorization: ['Bearer alice', 'Bearer bob'] },
    },
    {
      name: 'two session ids',
      of: inSession({ id: 1, method: 'tools/call', params: { name: 'wipe' } }),
      given: 'a session of alice',
      headers: { 'mcp-session-id': ['{session}', 'other'] },
      enforcedBy: 'request',
      answer: { status: 400, connection: 'closed', onWeb: { status: 404 } },
    },
    {
      name: 'two names of the tool',
      class: 'P',
      headers: { 'mcp-name': ['look', 'wipe'] },
      enforcedBy: 'request',
      answer: { status: 400, connection: 'closed', onWeb: { status: 400, code: -32020 } },
    },
    {
      name: 'two methods',
      class: 'P',
      headers: { 'mcp-method': ['tools/list', 'tools/call'] },
      enforcedBy: 'request',
      answer: { status: 400, connection: 'closed', onWeb: { status: 400, code: -32020 } },
    },
    {
      name: 'two versions',
      class: 'P',
      headers: { 'mcp-protocol-version': ['2025-11-25', '2026-07-28'] },
      enforcedBy: 'request',
      answer: { status: 400, connection: 'closed', onWeb: { status: 400, code: -32020 } },
    },
    {
      name: 'two values of one parameter',
      class: 'P',
      headers: { 'mcp-param-region': ['eu', 'us'] },
    },
    {
      name: 'Host spelt with another case beside Host',
      headers: { HOST: 'evil.example' },
    },
    {
      name: 'two Sec-Fetch-Site',
      headers: { 'sec-fetch-site': ['same-origin', 'cross-site'] },
    },
    {
      name: 'an underscore twin of Content-Length',
      headers: { content_length: '0' },
      enforcedBy: 'request',
    },
    {
      name: 'an underscore twin of Transfer-Encoding',
      headers: { Transfer_Encoding: 'chunked' },
      enforcedBy: 'request',
    },
    {
      name: 'an underscore twin of the session id',
      headers: { mcp_session_id: 'x' },
      enforcedBy: 'request',
    },
    {
      name: 'a session id with one underscore',
      headers: { 'mcp-session_id': 'x' },
      enforcedBy: 'request',
    },
    {
      name: 'an underscore twin of the name',
      class: 'P',
      headers: { mcp_name: 'look' },
      enforcedBy: 'request',
    },
    {
      name: 'an underscore twin of a parameter',
      class: 'P',
      headers: { mcp_param_region: 'eu' },
      enforcedBy: 'request',
    },
    {
      name: 'an underscore twin of X-Forwarded-For',
      class: 'I',
      headers: { x_forwarded_for: '127.0.0.1' },
      enforcedBy: 'request',
    },
    {
      name: 'an underscore twin of Last-Event-ID',
      headers: { last_event_id: '1' },
      enforcedBy: 'request',
    },
    {
      name: 'trailers in place of headers',
      headers: { 'mcp-name': null },
      raw: [
        'POST /mcp HTTP/1.1',
        ...Object.entries(wipe.headers)
          .filter(([name]) => name !== 'mcp-name')
          .map(([name, value]) => `${name}: ${String(value)}`),
        'Trailer: Mcp-Name',
        'Transfer-Encoding: chunked',
        '',
        JSON.stringify(wipe.body).length.toString(16),
        JSON.stringify(wipe.body),
        '0',
        'Mcp-Name: wipe',
        '',
        '',
      ].join('\r\n'),
      answer: { status: 400, code: -32020 },
    },
    {
      name: 'one header too many',
      class: 'N',
      headers: many(101),
      enforcedBy: 'request',
      answer: { status: 431, connection: 'closed' },
    },
    {
      name: 'a foreign Origin behind so many headers that it is dropped',
      class: 'A',
      headers: { ...many(150), origin: 'http://evil.example' },
      enforcedBy: 'request',
      answer: { status: 431, connection: 'closed' },
    },
    {
      name: 'headers of 17 KiB',
      class: 'N',
      headers: { 'x-a': 'a'.repeat(17 * 1024) },
      enforcedBy: 'listener',
      answer: { status: 431, connection: 'closed' },
    },
    {
      name: 'a target of 17 KiB',
      class: 'N',
      target: `/mcp?${'a'.repeat(17 * 1024)}`,
      enforcedBy: 'listener',
      answer: { status: 431, connection: 'closed' },
    },
    {
      name: 'a header named __proto__',
      class: 'M',
      headers: { ['__proto__']: 'x', constructor: 'y', 'mcp-name': null },
      enforcedBy: 'request',
      answer: { status: 400, code: -32020 },
    },
  ],
};
