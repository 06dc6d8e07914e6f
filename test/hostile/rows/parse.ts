import { type AttackGroup, callOf } from '../attack.js';

const json = JSON.stringify(callOf('wipe'));
const bytes = Buffer.from(json);

/** The good call with `more` behind its first brace. */
const withMore = (more: string): string => `{${more},${json.slice(1)}`;

/** The good call with bytes in place of the word `attack`. */
const withBytes = (...values: readonly number[]): Buffer => {
  const at = bytes.indexOf('attack');
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(values), bytes.subarray(at + 6)]);
};

/** The good call with this text as its id. */
const withId = (id: string): string => json.replace('"attack"', id);

/** The good call with this text as an argument. */
const withArgument = (value: string): string =>
  json.replace('"arguments":{}', `"arguments":${value}`);

const nested = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
const { params } = callOf('wipe') as { params: object };
const call = `"method":"tools/call","params":${JSON.stringify(params)}`;

const notJson = { status: 400, code: -32700 } as const;
const notRpc = { status: 400, code: -32600 } as const;

export const text: AttackGroup = {
  guard: 'parse: text',
  stoppedBy: 'src/json-rpc/parse.ts',
  each: { class: 'P', enforcedBy: 'request', answer: notJson, naive: 'runs' },
  attacks: [
    { name: 'a byte that is no UTF-8', body: withBytes(0xff) },
    { name: 'a sequence that is cut short', body: withBytes(0xe2, 0x82) },
    { name: 'a slash in too many bytes', body: withBytes(0xc0, 0xaf) },
    { name: 'a surrogate as bytes', body: withBytes(0xed, 0xa0, 0x80) },
    { name: 'a code point past the last', body: withBytes(0xf4, 0x90, 0x80, 0x80) },
    { name: 'Latin-1', body: withBytes(0xe9) },
    { name: 'a byte order mark', body: Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]) },
    { name: 'UTF-16', body: Buffer.from(json, 'utf16le'), naive: 'crashes', class: 'M' },
    { name: 'text before the message', body: `x${json}` },
    { name: 'text behind the message', body: `${json}x` },
    { name: 'two messages', body: `${json}\n{}`, naive: 'crashes', class: 'M' },
    { name: 'a comma too many', body: `[${json},]`, naive: 'crashes', class: 'M' },
    { name: 'a comment', body: `/**/${json}` },
    { name: 'a prefix against JSON hijacking', body: `)]}',\n${json}` },
    { name: 'single quotes', body: json.replaceAll('"', "'"), naive: 'crashes', class: 'M' },
    {
      name: 'a control character in a string',
      body: withId('"a\x01b"'),
      naive: 'crashes',
      class: 'M',
    },
    { name: 'NaN', body: withArgument('{"a":NaN}'), naive: 'crashes', class: 'M' },
    { name: 'nothing but a brace', body: '{', naive: 'crashes', class: 'M' },
    { name: 'blanks', body: '   ', naive: 'crashes', class: 'M' },
    { name: 'an empty body', body: '', naive: 'answers' },
    { name: 'a raw NUL behind the message', body: `${json}\0` },
  ],
};

export const shape: AttackGroup = {
  guard: 'parse: shape',
  cites: ['guards/floods'],
  stoppedBy: 'src/json-rpc/scan.ts',
  each: { class: 'N', enforcedBy: 'request', answer: notRpc, naive: 'runs' },
  attacks: [
    { name: 'objects 65 deep', body: withArgument(nested(63)) },
    { name: 'lists 200 deep', body: withArgument(`{"a":${'['.repeat(200)}${']'.repeat(200)}}`) },
    {
      name: 'objects so deep that a copy overflows the stack',
      class: 'M',
      body: withArgument(nested(9000)),
      naive: 'crashes',
    },
    { name: 'brackets and nothing else', body: '['.repeat(100_000), naive: 'crashes', class: 'M' },
    { name: 'a list of 100,001', body: withArgument(`{"a":[${'0,'.repeat(100_000)}0]}`) },
    {
      name: 'empty objects by the thousand',
      body: withArgument(`{"a":[${'{},'.repeat(120_000)}{}]}`),
    },
    {
      name: 'an object with 10,001 members',
      body: withArgument(`{${Array.from({ length: 10_001 }, (_, at) => `"${at}":0`).join()}}`),
    },
    { name: 'a number of 65 digits', body: withArgument(`{"a":${'9'.repeat(65)}}`) },
    { name: 'a fraction of 1,000 digits', body: withArgument(`{"a":0.${'3'.repeat(1000)}}`) },
    { name: 'an exponent of 100 digits', body: withArgument(`{"a":1e${'0'.repeat(100)}1}`) },
  ],
};

export const keys: AttackGroup = {
  guard: 'parse: keys',
  stoppedBy: 'src/json-rpc/count-keys.ts',
  each: { class: 'P', enforcedBy: 'request', answer: notRpc, naive: 'runs' },
  attacks: [
    { name: 'two methods, the harmless one first', body: withMore('"method":"ping"') },
    { name: 'two ids', body: withMore('"id":7') },
    { name: 'two params', body: withMore('"params":{}') },
    {
      name: 'two names of the tool',
      body: json.replace('"name":"wipe"', '"name":"look","name":"wipe"'),
    },
    {
      name: 'two names, one of them escaped',
      body: json.replace('"name":"wipe"', '"n\\u0061me":"look","name":"wipe"'),
    },
    { name: 'two equal arguments deep down', body: withArgument('{"a":[{"b":1,"b":2}]}') },
    { name: 'two empty names', body: withArgument('{"":1,"":2}') },
    {
      name: 'a prototype for the message',
      body: `{"jsonrpc":"2.0","id":1,"__proto__":{${call}}}`,
    },
    { name: 'a prototype for the arguments', body: withArgument('{"__proto__":{"admin":true}}') },
    {
      name: 'an escaped prototype',
      body: withArgument('{"\\u005f_proto__":{"admin":true}}'),
    },
    { name: 'a prototype within a list', body: withArgument('{"a":[{"__proto__":null}]}') },
  ],
};

export const ids: AttackGroup = {
  guard: 'parse: ids',
  cites: ['rpc/id-not-null', 'rpc/id'],
  stoppedBy: 'src/json-rpc/peek-id.ts',
  each: { class: 'H', enforcedBy: 'request', answer: notRpc, naive: 'runs' },
  attacks: [
    { name: 'null', body: withId('null') },
    { name: 'true', body: withId('true') },
    { name: 'a list', body: withId('["attack"]') },
    { name: 'an object', body: withId('{"toString":"x"}') },
    { name: 'a fraction', body: withId('1.5') },
    { name: 'past the safe integers', body: withId('9007199254740992') },
    { name: 'two safe integers that round to one', body: withId('9007199254740993') },
    { name: 'below the safe integers', body: withId('-9007199254740993') },
    { name: 'infinite', body: withId('1e400') },
    { name: 'a text of 257 characters', body: withId(`"${'i'.repeat(257)}"`) },
    { name: 'a megabyte', class: 'N', body: withId(`"${'i'.repeat(1 << 20)}"`) },
  ],
};

export const envelope: AttackGroup = {
  guard: 'parse: envelope',
  stoppedBy: 'src/json-rpc/envelope.ts',
  each: { class: 'P', enforcedBy: 'request', answer: notRpc, naive: 'runs' },
  attacks: [
    { name: 'no version', body: json.replace('"jsonrpc":"2.0",', '') },
    { name: 'another version', body: json.replace('2.0', '1.0') },
    { name: 'the version as a number', body: json.replace('"2.0"', '2.0') },
    { name: 'METHOD', body: json.replace('"method"', '"METHOD"') },
    {
      name: 'Params and Method',
      body: json.replace('"method"', '"Method"').replace('"params"', '"Params"'),
    },
    { name: 'a method and a result', body: withMore('"result":{}') },
    { name: 'a method and an error', body: withMore('"error":{"code":1,"message":"x"}') },
    { name: 'a batch', class: 'N', body: `[${json}]` },
    { name: 'a batch of a thousand', class: 'N', body: `[${Array(1000).fill(json).join()}]` },
    { name: 'an empty batch', body: '[]', naive: 'answers' },
    { name: 'a batch in a batch', body: `[[${json}]]`, naive: 'answers' },
    { name: 'null', class: 'M', body: 'null', naive: 'crashes' },
    { name: 'a number', body: '7', naive: 'answers' },
    { name: 'a text', body: '"tools/call"', naive: 'answers' },
    { name: 'an empty object', body: '{}', naive: 'answers' },
    { name: 'no method', body: '{"jsonrpc":"2.0","id":1}', naive: 'answers' },
    {
      name: 'a method that is a list',
      body: json.replace('"tools/call"', '["tools/call"]'),
      naive: 'answers',
    },
    {
      name: 'a method that is null',
      body: '{"jsonrpc":"2.0","id":1,"method":null}',
      naive: 'answers',
    },
    {
      name: 'params that are a list',
      body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":["wipe"]}',
      naive: 'answers',
    },
    {
      name: 'params that are a text',
      body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":"wipe"}',
      naive: 'answers',
    },
    {
      name: 'a result that nobody asked for',
      class: 'H',
      body: '{"jsonrpc":"2.0","id":1,"result":{}}',
      naive: 'answers',
    },
    {
      name: 'an error without a message',
      body: '{"jsonrpc":"2.0","id":1,"error":{"code":-1}}',
      naive: 'answers',
    },
    {
      name: 'a result with an error',
      body: '{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}',
      naive: 'answers',
    },
  ],
};
