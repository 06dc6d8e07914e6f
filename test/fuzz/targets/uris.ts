/** URI templates and header values: nothing throws what is not declared, nothing is injected. */
import { McpError } from '../../../src/errors.js';
import { fromBase64, toBase64 } from '../../../src/protocol/base64.js';
import { decodeHeaderValue, encodeHeaderValue } from '../../../src/protocol/header-value.js';
import { compareParamHeaders, paramHeadersFor } from '../../../src/protocol/param-headers.js';
import { parseUriTemplate } from '../../../src/protocol/uri-template.js';
import type { TemplateValue } from '../../../src/protocol/uri-template-expand.js';
import {
  firstRefusal,
  guardsBeforeAuth,
  guardsBeforeBody,
} from '../../../src/transports/http/guards/index.js';
import { readHead } from '../../../src/transports/http/head.js';
import { plainText } from '../../../src/transports/stdio/plain-text.js';
import { oddText, wellFormed } from '../json.js';
import type { Random } from '../random.js';
import { fewerItems, shorterText, smallerJson } from '../shrink.js';
import { defineTarget, insist, insistSame, type Target } from '../target.js';

interface Input {
  readonly template: string;
  readonly uri: string;
  readonly values: Readonly<Record<string, TemplateValue>>;
  readonly texts: readonly string[];
  /** Names and values in turn. */
  readonly headers: readonly string[];
}

export function urisTarget(): Target {
  return defineTarget<Input>({
    name: 'uris',
    share: 20,
    make: (random) => ({
      template: makeTemplate(random),
      uri: makeUri(random),
      values: Object.fromEntries(names.map((name) => [name, makeValue(random)])),
      texts: [oddText(random), random.pick(sentinels) + oddText(random), makeUri(random)],
      headers: Array.from({ length: random.below(6) }, () => makeHeader(random)).flat(),
    }),
    run(input) {
      runTemplate(input);
      for (const text of input.texts) runText(text);
      runHeaders(input.headers);
    },
    *smaller(input) {
      for (const headers of fewerPairs(input.headers)) yield { ...input, headers };
      for (const texts of fewerItems(input.texts)) yield { ...input, texts };
      for (const template of shorterText(input.template)) yield { ...input, template };
      for (const uri of shorterText(input.uri)) yield { ...input, uri };
      for (const values of smallerJson(input.values)) {
        yield { ...input, values: values as Input['values'] };
      }
    },
    show: (input) => JSON.stringify(input),
  });
}

function* fewerPairs(headers: readonly string[]): Iterable<readonly string[]> {
  for (let at = 0; at < headers.length; at += 2) yield headers.toSpliced(at, 2);
}

function runTemplate({ template, uri, values }: Input): void {
  const read = declared(() => parseUriTemplate(template), 'invalidParams');
  if (read === undefined) return;
  read.match(uri);
  const expanded = declared(() => read.expand(values), 'invalidParams');
  if (expanded === undefined) return;
  insist(/^[\x21-\x7e]*$/.test(expanded), () => `expands to what is no URI: ${expanded}`);
  const found = read.match(expanded);
  if (found === undefined) return;
  for (const name of Object.keys(found)) {
    insist(read.variables.includes(name), () => `finds a variable that is not there: ${name}`);
  }
}

function runText(text: string): void {
  const encoded = encodeHeaderValue(text);
  insist(/^[\x20-\x7e]*$/.test(encoded), () => `a header that injects: ${JSON.stringify(encoded)}`);
  insistSame(decodeHeaderValue(encoded), wellFormed(text), 'The header value and its text');
  const decoded = decodeHeaderValue(text);
  if (decoded !== undefined) {
    insistSame(decodeHeaderValue(encodeHeaderValue(decoded)), decoded, 'Header values');
  }
  const bytes = fromBase64(text);
  if (bytes !== undefined) insistSame(toBase64(bytes), text, 'Base64');
  insist(!/[\0-\x08\x0b-\x1f\x7f-\x9f]/.test(plainText(text)), () => 'is no plain text');
  const args = { a: text };
  const sent = paramHeadersFor(params, args);
  if (wellFormed(text) === text) {
    insistSame(compareParamHeaders(params, args, sent), undefined, 'A parameter and its header');
  }
  compareParamHeaders(params, { a: text.length }, new Map([['mcp-param-a', text]]));
}

const params = [{ header: 'A', key: 'mcp-param-a', path: ['a'], type: 'string' }] as const;

function runHeaders(rawHeaders: readonly string[]): void {
  const head = readHead(rawHeaders, 100);
  if (head instanceof McpError) return;
  const methods = ['POST', 'GET', 'DELETE', 'PUT'];
  for (const method of methods) {
    const request = {
      method,
      target: '/mcp',
      rawHeaders,
      httpVersion: '1.1',
      remoteAddress: undefined,
      body: () => Promise.resolve(new Uint8Array(0)),
    };
    const refusal = firstRefusal(guards, request, head);
    insist(refusal === undefined || refusal instanceof McpError, () => 'refuses by something else');
    if (refusal !== undefined) continue;
    const { host, origin } = head;
    insist(
      /^(?:localhost|127\.0\.0\.1|\[::1\]|a\.example)(?::\d+)?$/i.test(host ?? ''),
      () => `Host ${host}`,
    );
    insist(origin === undefined || origin.toLowerCase() === 'https://a.example', () => `${origin}`);
  }
}

const guardOptions = {
  path: '/mcp',
  morePaths: [],
  allowedHosts: ['a.example'],
  allowedOrigins: ['https://a.example'],
  ownOrigins: () => [],
  asksFirst: false,
  isPrivate: true,
  bytesMax: 1000,
};
const guards = [...guardsBeforeAuth(guardOptions), ...guardsBeforeBody(guardOptions)];

/** The result, or undefined when it was refused as it should be. */
function declared<T>(act: () => T, kind: McpError['kind']): T | undefined {
  try {
    return act();
  } catch (thrown) {
    if (thrown instanceof McpError && thrown.kind === kind) return undefined;
    throw thrown;
  }
}

const names = ['a', 'b', 'long_name', 'x.y', '%41'];
const operators = ['', '', '', '+', '#', '.', '/', ';', '?', '&', '=', '|'];
const literals = [
  'file:///',
  'a',
  '/',
  'é',
  '%2f',
  '%',
  ' ',
  '}',
  '{',
  '?',
  '#x',
  '.',
  ',',
  '=',
  '',
];
const sentinels = ['', '', '=?base64?', '=?base64?aGk=?=', ' ', '\t'];

function makeTemplate(random: Random): string {
  let text = '';
  for (let count = random.below(8); count > 0; count--) {
    if (random.chance(40)) {
      text += random.chance(80) ? random.pick(literals) : oddText(random);
      continue;
    }
    const variables = Array.from({ length: random.between(1, 3) }, () => {
      const name = random.chance(95) ? random.pick(names) : oddText(random);
      return name + random.pick(['', '', '', '*', ':3', ':0', ':9999', ':12345']);
    });
    text += `{${random.pick(operators)}${variables.join(',')}}`;
  }
  return text;
}

function makeUri(random: Random): string {
  let text = '';
  for (let count = random.below(10); count > 0; count--) {
    text += random.chance(70) ? random.pick([...literals, ...uriParts]) : oddText(random);
  }
  return text;
}

const uriParts = [
  'a=1',
  '&b=',
  ';a',
  '%C3%A9',
  '%c3',
  '%zz',
  'a,b',
  '..',
  '/../',
  'aaaaaaaa',
  '😀',
];

function makeValue(random: Random): TemplateValue {
  const way = random.below(8);
  if (way <= 3) return oddText(random);
  if (way === 4) return random.pick([0, -1.5, true, null, undefined]);
  if (way === 5) return random.some(['', 'a', 'b/c', 'é', null], 4);
  return Object.fromEntries(random.some(names, 3).map((name) => [name, oddText(random)]));
}

const headerNames = [
  'Host',
  'host',
  'Origin',
  'Accept',
  'Content-Type',
  'Content-Length',
  'Transfer-Encoding',
  'Content-Encoding',
  'Mcp-Param-A',
  'mcp_method',
  'Sec-Fetch-Site',
  'Sec-Fetch-Mode',
  'Via',
  'X-Other',
];
const headerValues = [
  'localhost',
  'localhost:80',
  '127.0.0.1:65536',
  'a.example',
  'evil@localhost',
  'https://a.example',
  'null',
  'application/json',
  'application/json; charset=utf-8',
  'application/json, text/event-stream',
  'chunked',
  '12',
  '1e3',
  'cross-site',
  'navigate',
  '*/*;q=0',
];

function makeHeader(random: Random): [string, string] {
  const value = random.chance(85) ? random.pick(headerValues) : oddText(random);
  return [random.pick(headerNames), value];
}
