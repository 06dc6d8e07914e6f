/** Requests whose line, names or values are odd, and what comes in several pieces. */
import {
  bodyOf,
  chunked,
  chunksOf,
  hidden,
  honest,
  host,
  lengthOf,
  linesOf,
  open,
  post,
  type Row,
  send,
  sendBare,
  smuggled,
  whole,
} from './requests.js';

const length = lengthOf(honest);
const bodyOnly = [`X-Marker: ${open}`, 'Content-Type: application/json', lengthOf(smuggled)];

const hosts: readonly Row[] = [
  { name: 'Host: twice, another second', bytes: send(['Host: evil.example', length], honest) },
  { name: 'Host: twice the same', bytes: send([`Host: ${host}`, length], honest) },
  {
    name: 'Host: none',
    bytes: sendBare(post, [...linesOf(open).slice(1), length], honest),
  },
  {
    name: 'Host: none, HTTP/1.0',
    bytes: sendBare('POST /mcp HTTP/1.0', [...linesOf(open).slice(1), length], honest),
  },
  {
    name: 'Host: a list',
    bytes: sendBare(post, [`Host: ${host}, evil.example`, ...linesOf(open).slice(1)], ''),
  },
  {
    name: 'Host: a blank before the colon, and another',
    bytes: send(['Host : evil.example', length], honest),
  },
  {
    name: 'Host: a user before it',
    bytes: sendBare(
      post,
      [`Host: evil.example@${host}`, ...linesOf(open).slice(1), length],
      honest,
    ),
  },
  {
    name: 'target: absolute, of another Host',
    bytes: send([length], honest, 'POST http://evil.example/mcp HTTP/1.1'),
  },
  {
    name: 'target: absolute, of this Host',
    bytes: send([length], honest, `POST http://${host}/mcp HTTP/1.1`),
  },
  {
    name: 'target: absolute, of another scheme',
    bytes: send([length], honest, `POST ftp://${host}/mcp HTTP/1.1`),
  },
];

const lines: readonly Row[] = [
  ['an encoded letter', 'POST /%6dcp HTTP/1.1'],
  ['an encoded line end and a call', `POST /mcp%20HTTP/1.1%0d%0aX:%20y HTTP/1.1`],
  ['a fragment', 'POST /mcp#there HTTP/1.1'],
  ['two slashes', 'POST //mcp HTTP/1.1'],
  ['a way up', 'POST /x/../mcp HTTP/1.1'],
  ['an encoded way up', 'POST /x/%2e%2e/mcp HTTP/1.1'],
  ['a backslash', 'POST /x/..\\mcp HTTP/1.1'],
  ['a query', 'POST /mcp?a=b HTTP/1.1'],
  ['NUL', 'POST /mcp\0 HTTP/1.1'],
  ['a byte above 127', 'POST /mcp\xe9 HTTP/1.1'],
  ['two blanks', 'POST  /mcp  HTTP/1.1'],
  ['a tab', 'POST\t/mcp\tHTTP/1.1'],
  ['a blank at its end', 'POST /mcp HTTP/1.1 '],
  ['a blank in the path', 'POST /mcp x HTTP/1.1'],
  ['a blank at its beginning', ' POST /mcp HTTP/1.1'],
  ['a lower-case method', 'post /mcp HTTP/1.1'],
  ['an unknown method', 'SMUGGLE /mcp HTTP/1.1'],
  ['a star', 'OPTIONS * HTTP/1.1'],
  ['HTTP/0.9 in words', 'POST /mcp HTTP/0.9'],
  ['HTTP/1.2', 'POST /mcp HTTP/1.2'],
  ['HTTP/2.0', 'POST /mcp HTTP/2.0'],
  ['HTTP/01.1', 'POST /mcp HTTP/01.1'],
  ['http in lower case', 'POST /mcp http/1.1'],
  ['an authority', 'CONNECT evil.example:443 HTTP/1.1', 'CONNECT'],
  ['TRACE', 'TRACE /mcp HTTP/1.1'],
  ['70 KB', `POST /mcp?${'a'.repeat(70_000)} HTTP/1.1`],
].map(([name = '', first = '', method = 'POST']) => ({
  name: `line: ${name}`,
  bytes: send([length], honest, first),
  method,
}));

const versions: readonly Row[] = [
  { name: 'HTTP/0.9: a line and no more', bytes: 'GET /mcp\r\n' },
  { name: 'HTTP/0.9: a line, and a call behind', bytes: `GET /mcp\r\n${smuggled}` },
  {
    name: 'HTTP/1.0: a good call',
    isGood: true,
    bytes: send([length], honest, 'POST /mcp HTTP/1.0'),
  },
  {
    name: 'HTTP/1.0: a call behind one that is not kept alive',
    bytes: send([length], `${honest}${smuggled}`, 'POST /mcp HTTP/1.0'),
  },
  {
    name: 'HTTP/2: the preface, and a call behind',
    bytes: `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${smuggled}`,
  },
  {
    name: 'h2c: an upgrade, and a call behind',
    isSound: true,
    bytes: `${send(
      ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk', length],
      honest,
    )}${smuggled}`,
  },
  {
    name: 'h2c: an upgrade by GET, the preface and a call behind',
    isSound: true,
    bytes: send(
      ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'],
      `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${smuggled}`,
      'GET /mcp HTTP/1.1',
    ),
  },
  {
    name: 'WebSocket: an upgrade, and a call behind',
    isSound: true,
    bytes: send(
      ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='],
      smuggled,
      'GET /mcp HTTP/1.1',
    ),
  },
];

const bodies: readonly Row[] = [
  ...['GET', 'HEAD', 'DELETE', 'OPTIONS', 'PUT'].map((method) => ({
    name: `a call as the body of ${method}`,
    method,
    bytes: sendBare(`${method} /mcp HTTP/1.1`, [`Host: ${host}`, ...bodyOnly], smuggled),
  })),
  {
    name: 'a call as chunks of GET',
    bytes: send([chunked], chunksOf(smuggled), 'GET /mcp HTTP/1.1'),
  },
  { name: 'a call as the body of a call', bytes: send([lengthOf(smuggled)], smuggled) },
  {
    name: 'a call as the argument of a call',
    bytes: send(
      [lengthOf(`{"jsonrpc":"2.0","id":1,"method":"x","params":${JSON.stringify(smuggled)}}`)],
      `{"jsonrpc":"2.0","id":1,"method":"x","params":${JSON.stringify(smuggled)}}`,
    ),
  },
  {
    name: 'a call in a body of a size that is refused',
    bytes: send(['Content-Length: 99999999'], smuggled),
  },
  {
    name: 'a call as a body of the wrong type',
    bytes: sendBare(
      post,
      [`Host: ${host}`, 'Content-Type: text/plain', lengthOf(smuggled), `X-Marker: ${open}`],
      smuggled,
    ),
  },
  {
    name: 'Expect: 100-continue, not waiting',
    isGood: true,
    bytes: send(['Expect: 100-continue', length], honest),
  },
  {
    name: 'Expect: 100-continue with a call as body',
    bytes: send(['Expect: 100-continue', lengthOf(smuggled)], smuggled),
  },
  {
    name: 'Expect: a call as the body of GET',
    bytes: send(['Expect: 100-continue', lengthOf(smuggled)], smuggled, 'GET /mcp HTTP/1.1'),
  },
  {
    name: 'Expect: something else, a call as body',
    bytes: send(['Expect: 200-ok', lengthOf(smuggled)], smuggled),
  },
  {
    name: 'Expect: y 100-continue, a call as body',
    bytes: send(['Expect: y 100-continue', lengthOf(smuggled)], smuggled),
  },
  {
    name: 'gone in the middle of a body',
    hangsUp: true,
    bytes: send([`Content-Length: ${honest.length + smuggled.length}`], honest),
  },
  { name: 'gone in the middle of a chunk', hangsUp: true, bytes: send([chunked], '2710\r\n{"a') },
  { name: 'gone in the middle of the head', hangsUp: true, bytes: linesOf(open).join('\r\n') },
  { name: 'gone behind a whole call', hangsUp: true, bytes: whole(open) },
];

const names: readonly Row[] = [
  ['a colon first', ':X-A: b'],
  ['no colon', 'nothing'],
  ['a bracket', 'X[A]: b'],
  ['NUL', 'X-\0A: b'],
  ['NUL in a value', 'X-A: b\0c'],
  ['a byte above 127 in a value', 'X-A: b\xffc'],
  ['a folded line', 'X-A: b\r\n c'],
  ['a folded line that is a header', `X-A: b\r\n\tContent-Length: 0`],
  ['a bare line feed and a length', 'X-A: b\nContent-Length: 0'],
  ['a bare carriage return and a length', 'X-A: b\rContent-Length: 0'],
  ['an underscore for Host', 'Host_: evil.example'],
  ['an underscore for X-Forwarded-For', 'X_Forwarded_For: 127.0.0.1'],
  ['an underscore for Mcp-Name', 'Mcp_Name: other'],
  ['an underscore for Content-Type', 'Content_Type: text/plain'],
  ['__proto__', '__proto__: x'],
  ['a value of 70 KB', `X-A: ${'a'.repeat(70_000)}`],
  ['120 of them', Array.from({ length: 120 }, (_, at) => `X-${at}: b`).join('\r\n')],
  ['Upgrade alone', 'Upgrade: h2c'],
  ['Connection names Host', 'Connection: Host, Mcp-Method'],
  ['Connection names all that matters', 'Connection: close, Content-Type, Mcp-Name, X-Marker'],
].map(([name = '', line = '']) => ({
  name: `header: ${name}`,
  bytes: send([line, length], honest),
}));

const pipelines: readonly Row[] = [
  { name: 'pipeline: two good calls', isPipeline: true, bytes: whole(open) + whole(hidden) },
  {
    name: 'pipeline: chunks, then a length',
    isPipeline: true,
    bytes: send([chunked], chunksOf(honest)) + smuggled,
  },
  {
    name: 'pipeline: blank lines between two calls',
    isSound: true,
    bytes: `${whole(open)}\r\n\r\n${smuggled}`,
  },
  {
    name: 'pipeline: a call behind a Connection: close',
    bytes: send([length, 'Connection: close'], honest) + smuggled,
  },
  {
    name: 'pipeline: a call behind two Hosts',
    bytes: send(['Host: evil.example', length], honest) + smuggled,
  },
  {
    name: 'pipeline: a call behind two Hosts, both behind a good call',
    bytes: `${whole(open)}${send(['Host: evil.example', length], honest)}${smuggled}`,
  },
  {
    name: 'pipeline: a call behind the body of GET, both behind a good call',
    bytes: `${whole(open)}${send([length], honest, 'GET /mcp HTTP/1.1')}${smuggled}`,
  },
  {
    name: 'pipeline: a call behind an Expect, both behind a good call',
    bytes: `${whole(open)}${send(['Expect: 200-ok', 'Content-Length: 2'], '{}')}${smuggled}`,
  },
  {
    name: 'pipeline: rubbish behind a call',
    bytes: `${whole(open)}xyz\r\n\r\n${smuggled}`,
  },
  {
    name: 'pipeline: half a call behind a call',
    bytes: whole(open) + smuggled.slice(0, -20),
  },
  {
    name: 'pipeline: a body of two calls, stated as one',
    isSound: true,
    bytes: send([length], `${honest}${smuggled}${bodyOf(hidden)}`),
  },
];

export const headRows: readonly Row[] = [
  ...hosts,
  ...lines,
  ...versions,
  ...bodies,
  ...names,
  ...pipelines,
];
