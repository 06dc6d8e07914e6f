/** Messages, lines and events: up to 1 MiB of the worst of them. */
import { countKeys } from '../../../src/json-rpc/count-keys.js';
import {
  encodeAnswer,
  encodeError,
  encodeNotification,
  encodeMessage,
  encodeResult,
} from '../../../src/json-rpc/encode.js';
import { envelopeFault } from '../../../src/json-rpc/envelope.js';
import { oversizedMessage, type ParseBounds, parseMessage } from '../../../src/json-rpc/parse.js';
import { isRequestId, peekEnvelope, peekId } from '../../../src/json-rpc/peek-id.js';
import { endOfString, scanJson } from '../../../src/json-rpc/scan.js';
import { McpError } from '../../../src/errors.js';
import { read } from '../../../src/protocol/check.js';
import { check } from '../../../src/protocol/check.js';
import { methodRow } from '../../../src/protocol/methods.js';
import { createByteList } from '../../../src/transports/byte-list.js';
import { createSseDecoder } from '../../../src/transports/http/sse-decode.js';
import { encodeSseComment, encodeSseEvent } from '../../../src/transports/http/sse-encode.js';
import { createLineSplitter } from '../../../src/transports/stdio/lines.js';
import { plainText } from '../../../src/transports/stdio/plain-text.js';
import { fill, type Row, row, rowOfAll } from './measure.js';

/** Bounds that stop nothing, so that all of the input is worked on. */
const bounds: ParseBounds = {
  bytesMax: Infinity,
  nodesMax: Infinity,
  depthMax: 1000,
  objectKeysMax: Infinity,
  numberLengthMax: Infinity,
  stringIdLengthMax: 256,
  batchMessagesMax: Infinity,
};

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const request = (params: string): Uint8Array =>
  bytesOf(`{"jsonrpc":"2.0","id":1,"method":"a","params":${params}}`);
const namesUpTo = (size: number): string =>
  Array.from({ length: Math.floor(size / 12) }, (_, at) => `"name${at}":1`).join(',');

/** A message has no more values, and an object no more members, than that many bytes of them. */
const manyValues = 128 * 1024;
const manyMembers = 120 * 1024;
/** Enough where every byte comes by itself. */
const manyPieces = 128 * 1024;

type Text = readonly [name: string, make: (size: number) => Uint8Array, most?: number];

const texts: readonly Text[] = [
  ['one long string', (size) => request(`{"a":"${fill('a', size)}"}`)],
  ['a string of escapes', (size) => request(`{"a":"${fill('\\\\', size)}"}`)],
  ['a string of escaped quotes', (size) => request(`{"a":"${fill('\\"', size)}"}`)],
  ['runs of backslashes', (size) => request(`{"a":"${fill(`${'\\'.repeat(200)}\\"x`, size)}"}`)],
  ['many strings', (size) => request(`{"a":[${fill('"",', size)}""]}`), manyValues],
  ['many objects', (size) => request(`{"a":[${fill('{},', size)}{}]}`), manyValues],
  [
    'many lists, deep',
    (size) => request(`{"a":[${fill(`${'['.repeat(60)}${']'.repeat(60)},`, size)}1]}`),
    manyValues,
  ],
  ['many numbers', (size) => request(`{"a":[${fill('1,', size)}1]}`), manyValues],
  ['one long number', (size) => request(`{"a":${fill('1', size)}}`)],
  ['many names', (size) => request(`{${namesUpTo(size)}}`), manyMembers],
  ['one name again and again', (size) => request(`{${fill('"a":1,', size)}"a":1}`), manyMembers],
  ['a batch', (size) => bytesOf(`[${fill('{"jsonrpc":"2.0","id":1,"method":"a"},', size)}1]`)],
  ['no end of a string', (size) => bytesOf(`{"id":"${fill('\\"', size)}`)],
  ['only quotes', (size) => bytesOf(fill('"', size))],
  ['only openings', (size) => bytesOf(fill('[]', size))],
  ['spaces', (size) => bytesOf(`${fill(' ', size)}1`)],
  ['no UTF-8', (size) => new Uint8Array(size).fill(0xff)],
  ['many ids', (size) => bytesOf(`{${fill('"id":1,"error":', size)}`)],
];

const result = (size: number): { content: unknown[] } => ({
  content: Array.from({ length: Math.floor(size / 40) }, () => ({
    type: 'text',
    text: 'a "b" \n',
  })),
});

const parsing = 'json-rpc/parse.parseMessage';
const checked = methodRow('tools/call')!;

/** V8 keeps the names of large objects in a table and sorts them to walk it: n log n. */
const sortedMax = 2.7;

export const messageRows: readonly Row[] = readMessages().map((one) =>
  one.name === 'many names' ? { ...one, growthMax: sortedMax } : one,
);

function readMessages(): Row[] {
  return [
    ...texts.map(([name, make, most]) =>
      row(parsing, name, make, (bytes) => parseMessage(bytes, bounds), most),
    ),
    ...texts.map(([name, make]) =>
      row('json-rpc/scan.scanJson', name, make, (bytes) => scanJson(bytes, bounds)),
    ),
    ...texts.map(([name, make]) =>
      row('json-rpc/peek-id.peekEnvelope json-rpc/peek-id.peekId', name, make, (bytes) => {
        peekEnvelope(bytes);
        peekId(bytes);
      }),
    ),
    row('json-rpc/parse.oversizedMessage', 'many ids', texts.at(-1)![1], (bytes) =>
      oversizedMessage(bytes, bytes.length, bounds),
    ),
    row(
      'json-rpc/scan.endOfString',
      'escaped quotes',
      (size) => bytesOf(fill('\\"', size)),
      (bytes) => endOfString(bytes, 0),
    ),
    row(
      'json-rpc/count-keys.countKeys',
      'many names',
      (size) => JSON.parse(`{${namesUpTo(size)}}`) as object,
      countKeys,
      manyMembers,
    ),
    row('json-rpc/count-keys.countKeys', 'many objects', result, countKeys),
    row(
      'json-rpc/envelope.envelopeFault',
      'many members',
      (size) => JSON.parse(`{"jsonrpc":"2.0","method":"a",${namesUpTo(size)}}`) as object,
      (value) => envelopeFault(value, bounds),
    ),
    row(
      'json-rpc/peek-id.isRequestId',
      'a long id',
      (size) => fill('a', size),
      (id) => isRequestId(id, 256),
    ),
    row(
      'json-rpc/encode.encodeMessage json-rpc/encode.encodeResult',
      'many items',
      result,
      (value) => encodeMessage({ jsonrpc: '2.0', id: 1, result: value }),
    ),
    row(
      'json-rpc/encode.encodeMessage json-rpc/encode.encodeResult',
      'a long string',
      (size) => ({ a: fill('"\n', size) }),
      (value) => encodeResult(1, value),
    ),
    row(
      'json-rpc/encode.encodeAnswer json-rpc/encode.encodeError',
      'much data',
      (size) => new McpError('internal', 'x', { data: result(size) }),
      (error) => {
        encodeAnswer(1, error);
        encodeError(undefined, error);
      },
    ),
    row(
      'json-rpc/encode.encodeNotification json-rpc/progress-json.progressJson',
      'progress with a long message',
      (size) => ({ progressToken: 1, progress: 1, message: fill('"\n', size) }),
      (params) => encodeNotification({ method: 'notifications/progress', params }),
    ),
    row('protocol/check.read protocol/check.check', 'many items of a result', result, (value) =>
      checked.checkResult(value),
    ),
    row(
      'protocol/check.read protocol/check.check',
      'many arguments',
      (size) => ({ name: 'a', arguments: JSON.parse(`{${namesUpTo(size)}}`) as object }),
      (value) => {
        checked.checkParams(value);
        check(checked.params, value);
        read(checked.params, value, 'params', 'invalidParams');
      },
    ),
    ...lineRows(),
    ...eventRows(),
    rowOfAll(
      'transports/stdio/plain-text.plainText',
      'sequences of all kinds',
      ['\x1b[', '\x1b]', '\x1b[0;', '\x1b[0 ', '\x1b]0;a\x07', 'a\u202e', '\x1b'].map(
        (part) => (size) => fill(part, size),
      ),
      plainText,
      manyPieces,
    ),
    row(
      'transports/stdio/plain-text.plainText',
      'one sequence without end',
      (size) => `\x1b[${fill('0', size)}`,
      plainText,
    ),
    row(
      'transports/stdio/plain-text.plainText',
      'one command without end',
      (size) => `\x1b]${fill('0', size)}`,
      plainText,
    ),
  ];
}

function lineRows(): Row[] {
  const split = (bytes: Uint8Array, step: number): void => {
    const lines = createLineSplitter({
      lineBytesMax: 4 * 1024 * 1024,
      onLine: () => undefined,
      onOversized: () => undefined,
    });
    for (let at = 0; at < bytes.length; at += step) lines.feed(bytes.subarray(at, at + step));
    lines.end();
  };
  const covers = 'transports/stdio/lines.createLineSplitter transports/byte-list.createByteList';
  const inputs: readonly (readonly [string, string, number])[] = [
    ['one line, a byte at a time', 'a', 1],
    ['one line in pieces of 5 KB', 'a', 5000],
    ['empty lines', '\n', 1_000_000],
    ['carriage returns', '\r', 3],
    ['short lines, cut anywhere', 'abcdef\r\n', 5],
  ];
  return [
    ...inputs.map(([name, part, step]) =>
      row(
        covers,
        name,
        (size) => bytesOf(fill(part, size)),
        (bytes) => split(bytes, step),
        step < 10 ? manyPieces : undefined,
      ),
    ),
    row(
      'transports/byte-list.createByteList',
      'single bytes',
      (size) => size,
      (size) => {
        const list = createByteList();
        const byte = new Uint8Array(1);
        for (let at = 0; at < size; at++) list.append(byte);
        list.take();
      },
    ),
  ];
}

function eventRows(): Row[] {
  const decode = (bytes: Uint8Array, step: number): void => {
    const decoder = createSseDecoder({
      eventBytesMax: 4 * 1024 * 1024,
      onEvent: (event) => event.data,
    });
    for (let at = 0; at < bytes.length; at += step) decoder.feed(bytes.subarray(at, at + step));
    decoder.end();
  };
  const covers = 'transports/http/sse-decode.createSseDecoder';
  const inputs: readonly (readonly [string, string, number])[] = [
    ['one line, a byte at a time', 'a', 1],
    ['lines that end in CR', 'data: a\r', 1_000_000],
    ['lines that end in CR, then a long one', '\r', 1_000_000],
    ['lines of data', 'data:\n', 1_000_000],
    ['lines of data, cut anywhere', 'data: abc\r\n', 7],
    ['small events', 'data: a\n\n', 1_000_000],
    ['comments', ':\n', 1_000_000],
    ['ids', 'id: a\n\n', 1_000_000],
    ['long numbers', 'retry: 123456789123456789\n', 1_000_000],
  ];
  return [
    ...inputs.map(([name, part, step]) =>
      row(
        covers,
        name,
        (size) => bytesOf(fill(part, size)),
        (bytes) => decode(bytes, step),
        step < 10 ? manyPieces : undefined,
      ),
    ),
    row(
      covers,
      'CRs before one long line',
      (size) => bytesOf(fill('\r', size / 2) + fill('a', size / 2)),
      (bytes) => decode(bytes, 1_000_000),
    ),
    ...['\r\n', '\n', 'a', '\r'].map((part) =>
      row(
        'transports/http/sse-encode.encodeSseEvent',
        JSON.stringify(part),
        (size) => fill(part, size),
        (data) => encodeSseEvent({ data }),
      ),
    ),
    row(
      'transports/http/sse-encode.encodeSseComment',
      'a long comment',
      (size) => fill('a', size),
      encodeSseComment,
    ),
  ];
}
