/** Requests whose body ends in two places, depending on who reads them. */
import {
  chunked,
  chunksOf,
  hexOf,
  honest,
  lengthOf,
  type Row,
  send,
  smuggled,
} from './requests.js';

const length = lengthOf(honest);
/** A reader who knows no chunks finds a call in this; one who does finds a body. */
const inChunks = chunksOf(smuggled);

const lengthsAndChunks: readonly Row[] = [
  {
    name: 'CL.TE: a length over a last chunk with a call behind',
    bytes: send([`Content-Length: ${smuggled.length + 5}`, chunked], `0\r\n\r\n${smuggled}`),
  },
  {
    name: 'CL.TE, the length second',
    bytes: send([chunked, `Content-Length: ${smuggled.length + 5}`], `0\r\n\r\n${smuggled}`),
  },
  {
    name: 'TE.CL: a length that ends before a chunk with a call',
    bytes: send([`Content-Length: ${hexOf(smuggled).length + 2}`, chunked], inChunks),
  },
  { name: 'a length of 0, and chunks', bytes: send(['Content-Length: 0', chunked], inChunks) },
  {
    name: 'a length, and a coding hidden by a blank before the colon',
    bytes: send(['Content-Length: 0', 'Transfer-Encoding : chunked'], inChunks),
  },
  {
    name: 'chunks, and a length hidden by a blank before the colon',
    bytes: send([`Content-Length : ${inChunks.length}`, chunked], `0\r\n\r\n${smuggled}`),
  },
  {
    name: 'chunks, and a length with an underscore',
    bytes: send([chunked, `Content_Length: 5`], inChunks),
  },
  {
    name: 'a length, and a coding with an underscore',
    bytes: send([length, 'Transfer_Encoding: chunked'], honest),
  },
  {
    name: 'a length and chunks in HTTP/1.0',
    bytes: send(['Content-Length: 0', chunked], inChunks, 'POST /mcp HTTP/1.0'),
  },
  {
    name: 'chunks in HTTP/1.0, kept alive',
    bytes: send([chunked, 'Connection: keep-alive'], inChunks, 'POST /mcp HTTP/1.0'),
  },
  {
    name: 'Connection names Content-Length',
    bytes: send(['Connection: Content-Length', `Content-Length: ${smuggled.length}`], smuggled),
  },
  {
    name: 'Connection names Transfer-Encoding',
    bytes: send(['Connection: close, Transfer-Encoding', chunked], inChunks),
  },
];

const codings: readonly Row[] = [
  ['gzip, chunked', 'Transfer-Encoding: gzip, chunked'],
  ['chunked, identity', 'Transfer-Encoding: chunked, identity'],
  ['identity, chunked', 'Transfer-Encoding: identity, chunked'],
  ['identity', 'Transfer-Encoding: identity'],
  ['chunked, chunked', 'Transfer-Encoding: chunked, chunked'],
  ['chunked on two lines', `${chunked}\r\n${chunked}`],
  ['chunked, then something else on a line of its own', `${chunked}\r\nTransfer-Encoding: cow`],
  ['something else, then chunked on a line of its own', `Transfer-Encoding: cow\r\n${chunked}`],
  ['xchunked', 'Transfer-Encoding: xchunked'],
  ['chunked with a parameter', 'Transfer-Encoding: chunked;q=1'],
  ['"chunked" in quotes', 'Transfer-Encoding: "chunked"'],
  ['chunked after a tab', 'Transfer-Encoding:\tchunked'],
  ['chunked after a vertical tab', 'Transfer-Encoding:\x0bchunked'],
  ['chunked before a vertical tab', 'Transfer-Encoding: chunked\x0b'],
  ['chunked and a comma', 'Transfer-Encoding: chunked,'],
  ['a comma and chunked', 'Transfer-Encoding: ,chunked'],
  ['CHUNKED', 'TRANSFER-ENCODING: CHUNKED'],
  ['chunked on a folded line', 'Transfer-Encoding:\r\n chunked'],
  ['chunked after NUL', 'Transfer-Encoding: \0chunked'],
  ['an empty coding', 'Transfer-Encoding:'],
  ['a name that begins with a blank', ' Transfer-Encoding: chunked'],
  ['a name behind a bare line feed', `X-A: b\n${chunked}`],
  ['a name behind a bare carriage return', `X-A: b\r${chunked}`],
  ['a name with a letter of another alphabet', 'Transfer-\xc5ncoding: chunked'],
].map(([name = '', line = '']) => ({ name: `TE.TE: ${name}`, bytes: send([line], inChunks) }));

const ended = `\r\n0\r\n\r\n${smuggled}`;
const sound = 'sound';
const whileChunked = (rest: string): string => send([chunked], rest);

const chunkTricks: readonly Row[] = [
  ['a size with 0x', `0x${inChunks}`],
  ['a size with a sign', `+${inChunks}`],
  ['a size below zero', `-${inChunks}`],
  ['a size with blanks before it', `  ${inChunks}`],
  ['a size with an underscore', `1_0\r\n${smuggled}${ended}`],
  ['a size with zeros before it', `00000000${hexOf(honest)}\r\n${honest}${ended}`, sound],
  [
    'a size with 20 zeros before it',
    `${'0'.repeat(20)}${hexOf(honest)}\r\n${honest}${ended}`,
    sound,
  ],
  ['a size beyond 64 bits', `10000000000000000${hexOf(honest)}\r\n${honest}${ended}`],
  ['a size that is no number', `zz\r\n${smuggled}${ended}`],
  ['an empty size', `\r\n${smuggled}${ended}`],
  ['a last chunk of many zeros', `${hexOf(honest)}\r\n${honest}\r\n0000\r\n\r\n${smuggled}`, sound],
  ['an extension', `${hexOf(honest)};a="b"\r\n${honest}${ended}`, sound],
  ['an extension with a bare line feed', `1;\nX\r\n0\r\n\r\n${smuggled}`],
  ['an extension with a bare carriage return', `1;\rX\r\nX\r\n0\r\n\r\n${smuggled}`],
  ['an extension of 20 KB', `${hexOf(honest)};${'a'.repeat(20_000)}\r\n${honest}${ended}`, sound],
  ['lines that end in a bare line feed', `${hexOf(smuggled)}\n${smuggled}\n0\n\n`],
  ['lines that end in a bare carriage return', `${hexOf(smuggled)}\r${smuggled}\r0\r\r`],
  ['a chunk longer than it says', `3\r\nabcdef${ended}`],
  ['a chunk shorter than it says', `${hexOf(`${honest}${ended}`)}\r\n${honest}${ended}`],
  ['a blank after the size', `${hexOf(honest)} \r\n${honest}${ended}`],
  ['no line end behind the data', `${hexOf(honest)}\r\n${honest}0\r\n\r\n${smuggled}`],
  [
    'a last chunk that ends in bare line feeds',
    `${hexOf(honest)}\r\n${honest}\r\n0\n\n${smuggled}`,
  ],
].map(([name = '', rest = '', is = '']) => ({
  name: `chunks: ${name}`,
  bytes: whileChunked(rest),
  isSound: is === sound,
}));

const trailers: readonly Row[] = [
  {
    name: 'trailers: a length',
    isSound: true,
    bytes: whileChunked(
      `${hexOf(honest)}\r\n${honest}\r\n0\r\nContent-Length: 5\r\n\r\n${smuggled}`,
    ),
  },
  {
    name: 'trailers: a Host and who is calling',
    bytes: whileChunked(
      `${hexOf(honest)}\r\n${honest}\r\n0\r\nHost: evil.example\r\nAuthorization: x\r\n\r\n`,
    ),
  },
  {
    name: 'trailers: a request line',
    bytes: whileChunked(`${hexOf(honest)}\r\n${honest}\r\n0\r\n${smuggled}`),
  },
];

const lengths: readonly Row[] = [
  ['twice the same', `${length}\r\n${length}`],
  ['0 and the length', `Content-Length: 0\r\n${length}`],
  ['the length and 0', `${length}\r\nContent-Length: 0`],
  ['a list', `${length}, ${honest.length}`],
  ['a list of two that differ', `Content-Length: 0, ${honest.length}`],
  ['a plus sign', `Content-Length: +${honest.length}`],
  ['a minus sign', `Content-Length: -${honest.length}`],
  ['hexadecimal', `Content-Length: 0x${hexOf(honest)}`],
  ['an exponent', 'Content-Length: 1e3'],
  ['beyond 64 bits', `Content-Length: 18446744073709551616`],
  ['digits with a blank', 'Content-Length: 1 0'],
  ['a blank before the colon', `Content-Length : ${honest.length}`],
  ['nothing', 'Content-Length:'],
  ['zeros before it', `Content-Length: 0000${honest.length}`, sound],
  ['a folded line', `Content-Length:\r\n ${honest.length}`],
  ['NUL behind it', `Content-Length: ${honest.length}\0`],
].map(([name = '', line = '', is = '']) => ({
  name: `length: ${name}`,
  isSound: is === sound,
  bytes: send([line], name === 'twice the same' ? honest : `${honest}${smuggled}`),
}));

export const framingRows: readonly Row[] = [
  ...lengthsAndChunks,
  ...codings,
  ...chunkTricks,
  ...trailers,
  ...lengths,
];
