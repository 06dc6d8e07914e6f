import { type AttackGroup, plainGet, wipe } from '../attack.js';

const body = JSON.stringify(wipe.body);

/** A raw request with the headers of a good call, `lines` among them. */
function raw(first: string, lines: readonly string[], text: string, lineEnd = '\r\n'): string {
  const good = Object.entries(wipe.headers).map(([name, value]) => `${name}: ${String(value)}`);
  return [first, ...good, ...lines, '', text].join(lineEnd);
}

const post = 'POST /mcp HTTP/1.1';
const length = `Content-Length: ${body.length}`;
const asChunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
/** What a smuggler hides: a whole call behind a request that seems to be over. */
const hidden = raw(post, [length], body);

export const framing: AttackGroup = {
  guard: 'framing',
  stoppedBy: 'src/transports/http/guards/framing.ts',
  each: {
    class: 'V',
    enforcedBy: 'listener',
    answer: { status: 400, connection: 'closed' },
    naive: 'runs',
  },
  attacks: [
    {
      name: 'a length and chunks, the call behind the last chunk',
      raw: raw(post, ['Content-Length: 5', 'Transfer-Encoding: chunked'], `0\r\n\r\n${hidden}`),
    },
    {
      name: 'chunks and a length, the other way round',
      raw: raw(post, ['Transfer-Encoding: chunked', 'Content-Length: 5'], `0\r\n\r\n${hidden}`),
    },
    {
      name: 'chunks, and a length of 0',
      raw: raw(post, ['Content-Length: 0', 'Transfer-Encoding: chunked'], asChunk),
    },
    {
      name: 'a coding before chunked that nobody undoes',
      enforcedBy: 'node',
      raw: raw(post, ['Transfer-Encoding: gzip, chunked'], asChunk),
    },
    {
      name: 'chunked named twice in one header',
      raw: raw(post, ['Transfer-Encoding: chunked, chunked'], asChunk),
    },
    {
      name: 'chunked on two lines',
      raw: raw(post, ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], asChunk),
    },
    {
      name: 'chunked with a parameter',
      raw: raw(post, ['Transfer-Encoding: chunked;q=1'], asChunk),
    },
    {
      name: 'identity and then chunked',
      enforcedBy: 'node',
      raw: raw(post, ['Transfer-Encoding: identity, chunked'], asChunk),
    },
    {
      name: 'identity alone, and the call behind it',
      raw: raw(post, ['Transfer-Encoding: identity'], hidden),
    },
    {
      name: 'a coding with a letter too many, and the call behind it',
      raw: raw(post, ['Transfer-Encoding: xchunked'], hidden),
    },
    {
      name: 'a vertical tab before chunked',
      raw: raw(post, ['Transfer-Encoding: \x0bchunked'], asChunk),
    },
    {
      name: 'a call behind a request that is refused',
      enforcedBy: 'node',
      raw: raw(post, ['Transfer-Encoding: gzip, chunked'], `${asChunk}${hidden}`),
    },
    {
      name: 'a call behind two Hosts',
      enforcedBy: 'node',
      raw: raw(post, ['Host: evil.example', length], `${body}${hidden}`),
    },
    {
      name: 'two equal lengths',
      raw: raw(post, [length, length], body),
    },
    {
      name: 'two lengths that differ',
      raw: raw(post, ['Content-Length: 0', length], body),
    },
    {
      name: 'a list of equal lengths',
      raw: raw(post, [`Content-Length: ${body.length}, ${body.length}`], body),
    },
    {
      name: 'a length with a sign',
      raw: raw(post, [`Content-Length: +${body.length}`], body),
    },
    {
      name: 'a length in hexadecimal',
      raw: raw(post, [`Content-Length: 0x${body.length.toString(16)}`], body),
    },
    {
      name: 'a length below zero',
      raw: raw(post, ['Content-Length: -1'], hidden),
    },
    {
      name: 'a length too great for any number',
      raw: raw(post, ['Content-Length: 99999999999999999999999'], body),
    },
    {
      name: 'a chunk size with 0x',
      raw: raw(post, ['Transfer-Encoding: chunked'], `0x${asChunk}`),
    },
    {
      name: 'a chunk size with a sign',
      raw: raw(post, ['Transfer-Encoding: chunked'], `+${asChunk}`),
    },
    {
      name: 'a chunk that is longer than it says',
      raw: raw(post, ['Transfer-Encoding: chunked'], asChunk.replace('\r\n0', 'xx\r\n0')),
    },
    {
      name: 'chunks separated by a bare line feed',
      raw: raw(post, ['Transfer-Encoding: chunked'], asChunk.replaceAll('\r\n', '\n')),
    },
    {
      name: 'lines ended by a bare line feed',
      raw: raw(post, [length], body, '\n'),
    },
    {
      name: 'lines ended by a bare carriage return',
      raw: raw(post, [`X-A: b\rX-B: c`, length], body),
    },
    {
      name: 'a space before the colon',
      raw: raw(post, ['Content-Length : 0', length], body),
    },
    {
      name: 'a folded header',
      raw: raw(post, ['X-A: b', ' folded', length], body),
    },
    {
      name: 'a header that begins with a blank',
      raw: raw(post, [' Transfer-Encoding: chunked'], asChunk),
    },
    {
      name: 'NUL in a header',
      raw: raw(post, ['X-A: b\0c', length], body),
    },
    {
      name: 'a header without a name',
      raw: raw(post, [': chunked', length], body),
    },
    {
      name: 'a header without a colon',
      raw: raw(post, ['nothing', length], body),
    },
    {
      name: 'a body behind GET',
      of: plainGet,
      enforcedBy: 'node',
      body: wipe.body,
    },
    {
      name: 'a body behind DELETE',
      method: 'DELETE',
      enforcedBy: 'request',
    },
    {
      name: 'chunks behind GET',
      method: 'GET',
      enforcedBy: 'node',
      chunked: 20,
    },
    {
      name: 'chunks in HTTP/1.0',
      version: '1.0',
      enforcedBy: 'node',
      chunked: 20,
    },
    {
      name: 'HTTP/1.0 without Host',
      version: '1.0',
      headers: { host: null },
      enforcedBy: 'node',
    },
    {
      name: 'HTTP/0.9 with headers',
      version: '0.9',
      enforcedBy: 'node',
    },
    {
      name: 'HTTP/2.0 in the request line',
      version: '2.0',
      enforcedBy: 'node',
    },
    {
      name: 'HTTP/1.2',
      version: '1.2',
    },
    {
      name: 'a request line without a version',
      raw: `GET /mcp?message=${encodeURIComponent(body)}\r\n\r\n`,
    },
    {
      name: 'the preface of HTTP/2',
      raw: `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${hidden}`,
    },
    {
      name: 'an absolute target that disagrees with Host',
      target: 'http://evil.example/mcp',
      enforcedBy: 'node',
    },
    {
      name: 'an absolute target that agrees',
      target: 'http://127.0.0.1:{port}/mcp',
      enforcedBy: 'node',
    },
    {
      name: 'a target without a slash',
      target: 'mcp',
    },
    {
      name: 'a target that is a star',
      target: '*',
      enforcedBy: 'node',
    },
    {
      name: 'a lower-case method',
      method: 'post',
    },
    {
      name: 'a length that is no number to web requests either',
      headers: { 'content-length': '1e3' },
      enforcedBy: 'web',
    },
    {
      name: 'a length that is a fraction',
      headers: { 'content-length': '1.5' },
      enforcedBy: 'web',
      naive: 'crashes',
    },
  ],
};
