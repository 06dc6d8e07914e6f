/** Headers, URIs and addresses, up to the size that can reach them. */
import { isLoopbackHost } from '../../../src/platform/loopback.js';
import { defaultLimits } from '../../../src/limits.js';
import { fromBase64Url, toBase64Url } from '../../../src/platform/random.js';
import { encodeByTable, fromBase64, toBase64 } from '../../../src/protocol/base64.js';
import { decodeHeaderValue, encodeHeaderValue } from '../../../src/protocol/header-value.js';
import {
  compareParamHeaders,
  paramHeadersFor,
  paramHeadersOf,
} from '../../../src/protocol/param-headers.js';
import { expandExpression, encodeReserved } from '../../../src/protocol/uri-template-expand.js';
import { parseUriTemplate } from '../../../src/protocol/uri-template.js';
import { isMetaKey, isReservedMetaKey } from '../../../src/protocol/meta.js';
import { addressKey } from '../../../src/transports/http/address-key.js';
import { readNetwork } from '../../../src/transports/http/addresses.js';
import { firstRefusal } from '../../../src/transports/http/guards/index.js';
import { guardAccept } from '../../../src/transports/http/guards/accept.js';
import { guardContentType } from '../../../src/transports/http/guards/content-type.js';
import { guardFraming } from '../../../src/transports/http/guards/framing.js';
import { guardHost, splitHost } from '../../../src/transports/http/guards/host.js';
import { guardOrigin } from '../../../src/transports/http/guards/origin.js';
import { guardPath } from '../../../src/transports/http/guards/path.js';
import { Head, readHead } from '../../../src/transports/http/head.js';
import {
  compareMirroredHeaders,
  mirroredHeaders,
} from '../../../src/transports/http/mirrored-headers.js';
import { readProxies } from '../../../src/transports/http/proxies.js';
import { readEventId } from '../../../src/transports/http/event-ids.js';
import { fill, type Row, row, rowOfAll } from './measure.js';

const { headerBytesMax, uriBytesMax } = defaultLimits;

export const textRows: readonly Row[] = [
  ...headerRows(),
  ...valueRows(),
  ...templateRows(),
  ...addressRows(),
];

/** Header values end at 16 KiB, all of them together. */
function headerRows(): Row[] {
  const ask = {
    method: 'POST',
    target: '/mcp',
    rawHeaders: [],
    httpVersion: '1.1',
    remoteAddress: undefined,
    body: () => Promise.resolve(new Uint8Array(0)),
  };
  const guards = {
    accept: guardAccept,
    'content-type': guardContentType,
    'content-length': guardFraming,
    'transfer-encoding': guardFraming,
    host: guardHost(['a.example']),
    origin: guardOrigin(['https://a.example'], () => []),
  } as const;
  const files = {
    accept: 'accept',
    'content-type': 'content-type',
    'content-length': 'framing',
    'transfer-encoding': 'framing',
    host: 'host',
    origin: 'origin',
  };
  const exports = {
    accept: 'guardAccept',
    'content-type': 'guardContentType',
    'content-length': 'guardFraming',
    'transfer-encoding': 'guardFraming',
    host: 'guardHost',
    origin: 'guardOrigin',
  };
  const parts = [',', ';', ' ', '*/*,', 'application/json;q=0,', '1', '.', 'a', '\t ', '[', ':'];
  const starts = ['', 'application/json;'];
  const names = Object.keys(guards) as (keyof typeof guards)[];
  return [
    ...names.map((name) =>
      rowOfAll(
        `transports/http/guards/${files[name]}.${exports[name]}`,
        name,
        parts.flatMap((part) => starts.map((start) => (size: number) => start + fill(part, size))),
        (value) =>
          guards[name](ask, Object.assign(new Head(), { host: 'localhost', [name]: value })),
        headerBytesMax,
      ),
    ),
    row(
      'transports/http/guards/path.guardPath',
      'a long path',
      (size) => ({ ...ask, target: fill('/?', size) }),
      (request) => guardPath('/mcp', ['/sse'])(request, new Head()),
      headerBytesMax,
    ),
    row(
      'transports/http/guards/index.firstRefusal',
      'all at once',
      (size) => Object.assign(new Head(), { host: 'localhost', accept: fill('*/*,', size) }),
      (head) => firstRefusal(Object.values(guards), ask, head),
      headerBytesMax,
    ),
    row(
      'transports/http/head.readHead',
      'many headers',
      (size) => Array.from({ length: size / 4 }, (_, at) => `a${at}`),
      (raw) => readHead(raw, Infinity),
      headerBytesMax,
    ),
    row(
      'transports/http/head.readHead',
      'many lines of Accept',
      (size) => Array.from({ length: size / 8 }, () => 'accept'),
      (raw) => readHead(raw, Infinity),
      headerBytesMax,
    ),
    row(
      'transports/http/head.readHead',
      'many underscores',
      (size) => [fill('a_', size), ''],
      (raw) => readHead(raw, Infinity),
      headerBytesMax,
    ),
    row(
      'transports/http/mirrored-headers.compareMirroredHeaders',
      'a long name',
      (size) => {
        const name = `=?base64?${Buffer.from(fill('é', size)).toString('base64')}?=`;
        const head = Object.assign(new Head(), {
          'mcp-protocol-version': '2026-07-28',
          'mcp-method': 'tools/call',
          'mcp-name': name,
        });
        return {
          head,
          request: { id: 1, method: 'tools/call', params: { name: fill('é', size) } },
        };
      },
      ({ head, request }) => compareMirroredHeaders(request, head),
    ),
    row(
      'transports/http/mirrored-headers.mirroredHeaders',
      'a long name',
      (size) => ({ id: 1, method: 'tools/call', params: { name: fill('é', size) } }),
      (request) => mirroredHeaders(request, '2026-07-28'),
    ),
  ];
}

function valueRows(): Row[] {
  const decoded = 'protocol/header-value.decodeHeaderValue';
  const encoded = 'protocol/header-value.encodeHeaderValue';
  const values = ['a', ' ', '\t', '=?base64?', '=', '?=', 'A'];
  const header = { header: 'A', key: 'mcp-param-a', path: ['a'], type: 'string' } as const;
  const wide = (size: number): { properties: object } => ({
    properties: Object.fromEntries(
      Array.from({ length: Math.floor(size / 40) }, (_, at) => [
        `p${at}`,
        { type: 'string', 'x-mcp-header': `H${at}` },
      ]),
    ),
  });
  return [
    rowOfAll(
      decoded,
      'texts of all kinds',
      values.map((part) => (size) => fill(part, size)),
      decodeHeaderValue,
    ),
    rowOfAll(
      decoded,
      'base64 of all kinds',
      values.map((part) => (size) => `=?base64?${fill(part, size)}?=`),
      decodeHeaderValue,
    ),
    rowOfAll(
      encoded,
      'texts of all kinds',
      values.map((part) => (size) => fill(part, size)),
      encodeHeaderValue,
    ),
    row(encoded, 'no ASCII', (size) => fill('é', size), encodeHeaderValue),
    row(
      'protocol/base64.toBase64 protocol/base64.encodeByTable',
      'bytes',
      (size) => new Uint8Array(size),
      (bytes) => {
        toBase64(bytes);
        encodeByTable(bytes);
      },
    ),
    row('protocol/base64.fromBase64', 'base64', (size) => fill('AAAA', size), fromBase64),
    row(
      'platform/random.toBase64Url',
      'bytes',
      (size) => new Uint8Array(size),
      toBase64Url,
      headerBytesMax,
    ),
    row('platform/random.fromBase64Url', 'base64', (size) => fill('AAAA', size), fromBase64Url),
    row('protocol/param-headers.paramHeadersOf', 'many properties', wide, paramHeadersOf),
    row(
      'protocol/param-headers.paramHeadersOf',
      'many alternatives',
      (size) => ({ anyOf: Array.from({ length: size / 20 }, () => ({})) }),
      paramHeadersOf,
    ),
    row(
      'protocol/param-headers.paramHeadersFor protocol/param-headers.compareParamHeaders',
      'a long value',
      (size) => fill('é', size),
      (a) => {
        compareParamHeaders([header], { a }, paramHeadersFor([header], { a }));
      },
    ),
    row(
      'protocol/param-headers.compareParamHeaders',
      'a long number',
      (size) => fill('0', size),
      (text) =>
        compareParamHeaders(
          [{ ...header, type: 'integer' }],
          { a: 1 },
          new Map([['mcp-param-a', text]]),
        ),
    ),
    ...['a', 'a.', 'a/', '/', '-', 'a-'].map((part) =>
      row(
        'protocol/meta.isMetaKey protocol/meta.isReservedMetaKey',
        JSON.stringify(part),
        (size) => fill(part, size),
        (key) => {
          isMetaKey(key);
          isReservedMetaKey(key);
        },
      ),
    ),
  ];
}

/** URIs and templates end at 8 KiB. */
function templateRows(): Row[] {
  const adjacent = Array.from({ length: 60 }, (_, at) => `{v${at}}`).join('');
  const templates = [
    adjacent,
    Array.from({ length: 60 }, (_, at) => `{+v${at}}`).join(''),
    '{+a}{+b}{+c}{+d}/x',
    '{a*}{b*}{c*}!',
    '{a:100}{b:100}{a}{b}',
    '{/a*}{/b*}{?c*}{&d*}',
    '{?a*}{&b*}',
    '{;a*}',
    'a{a}a{b}a{c}a{d}a',
    '{a}{a}{a}{a}',
  ];
  const uris = ['a', 'a/', '/a', '%41', '%C3%A9', 'a,', '&b=1', ';a=1', '?a=1&', 'é', '%', '='];
  const matching = 'protocol/uri-template.parseUriTemplate protocol/uri-template-match.makeMatcher';
  const parsing = 'protocol/uri-template.parseUriTemplate';
  const parsed = ['{a}', '{a,b', '{', '}', 'a', '%', '{a:1}{', '{a.b.c}', `{${'a'.repeat(9)}.`];
  return [
    ...templates.map((text) => {
      const template = parseUriTemplate(text);
      const start = text.startsWith('{?') ? '?a=1' : '';
      return rowOfAll(
        matching,
        text.slice(0, 20),
        uris.map((part) => (size) => start + fill(part, size - 8)),
        (uri) => template.match(uri),
        uriBytesMax,
      );
    }),
    ...parsed.map((part) =>
      row(
        parsing,
        part,
        (size) => fill(part, size),
        (text) => {
          try {
            parseUriTemplate(text);
          } catch {
            // Refused, which takes its time too.
          }
        },
        uriBytesMax,
      ),
    ),
    ...['%', '%41', '[', 'é', 'a', '%4'].map((part) =>
      row(
        'protocol/uri-template-expand.encodeReserved',
        part,
        (size) => fill(part, size),
        encodeReserved,
        uriBytesMax,
      ),
    ),
    ...(['', '+'] as const).map((operator) =>
      row(
        'protocol/uri-template-expand.expandExpression',
        `many values, operator "${operator}"`,
        (size) => Array.from({ length: size / 8 }, () => "a é'(%41"),
        (list) => {
          const variables = [{ name: 'a', explode: true, prefix: undefined }];
          expandExpression({ operator, variables }, { a: list });
        },
      ),
    ),
  ];
}

function addressRows(): Row[] {
  const proxies = readProxies(['10.0.0.0/8']);
  return [
    ...['a', ':', '0', '::', '%', '127.', '0:'].map((part) =>
      row(
        'transports/http/address-key.addressKey transports/http/addresses.readAddress transports/http/addresses.readNetwork platform/loopback.isLoopbackHost transports/http/guards/host.splitHost',
        JSON.stringify(part),
        (size) => fill(part, size),
        (text) => {
          addressKey(text);
          readNetwork(text);
          isLoopbackHost(text);
          splitHost(text);
        },
        headerBytesMax,
      ),
    ),
    ...['10.0.0.1,', ',', ' ', '10.0.0.1:80 ,', '[::1],'].map((part) =>
      row(
        'transports/http/proxies.readProxies',
        JSON.stringify(part),
        (size) => ['X-Forwarded-For', fill(part, size)],
        (raw) => proxies.callerOf('10.0.0.1', raw),
        headerBytesMax,
      ),
    ),
    row(
      'transports/http/event-ids.readEventId',
      'a long id',
      (size) => fill('a1-', size),
      readEventId,
      headerBytesMax,
    ),
  ];
}
