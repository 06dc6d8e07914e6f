/** Messages: well-formed ones of the protocol, and what becomes of them when they are changed. */
import { anyTree, mutate, mutateBytes, oddText, textOf, treeOf } from './json.js';
import type { Random } from './random.js';

const modernMeta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'fuzz', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

type Params = { readonly [name: string]: unknown };
type Template = readonly [method: string, params?: Params];

const args: readonly Params[] = [
  {},
  { text: 'hi', n: 1.5, list: [1, null, true], o: { a: {} } },
  { a: 1, b: 2 },
  { region: 'north' },
  { region: 'Zürich' },
  { mail: 'aaaa@b.example', list: ['a', 1, 2], mode: { x: 1 } },
  { what: 'news' },
];
const tools = ['echo', 'add', 'region', 'strict', 'talk', 'ask', 'boom', 'sorry', 'nobody', ''];
const uris = [
  'memo://one',
  'file:///abc',
  'memo://a/b?q=1&lang=de&lang=fr',
  'other://x',
  'file:///',
];
const progress = [{ progressToken: 'p' }, { progressToken: 7 }, {}];

/** Requests that both eras have. */
function common(random: Random): Template {
  const way = random.below(9);
  if (way <= 3) {
    const _meta = random.pick(progress);
    return ['tools/call', { name: random.pick(tools), arguments: random.pick(args), _meta }];
  }
  if (way === 4) return ['resources/read', { uri: random.pick(uris) }];
  if (way === 5) return ['prompts/get', { name: 'brief', arguments: { topic: 'x' } }];
  if (way === 6) {
    const ref = random.pick([
      { type: 'ref/prompt', name: 'brief' },
      { type: 'ref/resource', uri: 'memo://{+path}{?q,lang*}' },
    ]);
    const name = random.pick(['topic', 'path']);
    return [
      'completion/complete',
      { ref, argument: { name, value: 'o' }, context: { arguments: {} } },
    ];
  }
  const lists = ['tools/list', 'resources/list', 'resources/templates/list', 'prompts/list'];
  return [random.pick(lists), random.chance(30) ? { cursor: 'x' } : {}];
}

function modernTemplate(random: Random): Template {
  const way = random.below(8);
  if (way === 0) return ['server/discover', {}];
  if (way === 1) {
    const notifications = { toolsListChanged: true, resourceSubscriptions: ['memo://one'] };
    return ['subscriptions/listen', { notifications }];
  }
  if (way === 2) {
    const inputResponses = { who: { action: 'accept', content: { who: 'me' } } };
    return ['tools/call', { name: 'ask', arguments: {}, inputResponses, requestState: 'AAAA' }];
  }
  return common(random);
}

function legacyTemplate(random: Random): Template {
  const way = random.below(10);
  if (way === 0) return ['ping', {}];
  if (way === 1) return ['logging/setLevel', { level: random.pick(['debug', 'error', 'loud']) }];
  if (way === 2)
    return [
      random.pick(['resources/subscribe', 'resources/unsubscribe']),
      { uri: random.pick(uris) },
    ];
  if (way === 3) return initialize(random);
  return common(random);
}

function initialize(random: Random): Template {
  const protocolVersion = random.pick([
    '2024-11-05',
    '2025-03-26',
    '2025-06-18',
    '2025-11-25',
    '1',
  ]);
  return [
    'initialize',
    { protocolVersion, capabilities: {}, clientInfo: { name: 'f', version: '1' } },
  ];
}

const notifications: readonly Template[] = [
  ['notifications/initialized'],
  ['notifications/cancelled', { requestId: 1, reason: 'x' }],
  ['notifications/progress', { progressToken: 'p', progress: 1 }],
  ['notifications/roots/list_changed'],
  ['notifications/nothing', {}],
];

const responses: readonly object[] = [
  { jsonrpc: '2.0', id: 1, result: {} },
  { jsonrpc: '2.0', id: 'x', error: { code: -32000, message: 'no' } },
  { jsonrpc: '2.0', id: null, error: { code: -1.5, message: 'no' } },
];

const ids = [1, 1, 2, 'a', 'fuzz', '', 0, -1, 'é', 9007199254740991];

/** One message as an object, well-formed. */
function wellFormed(random: Random, modern: boolean): object {
  const way = random.below(20);
  if (way === 0) return random.pick(responses);
  const isNotice = way <= 2;
  const [method, params] = isNotice
    ? random.pick(notifications)
    : modern
      ? modernTemplate(random)
      : legacyTemplate(random);
  const meta = params?.['_meta'] as Params | undefined;
  const whole = modern ? { ...params, _meta: { ...modernMeta, ...meta } } : params;
  return {
    jsonrpc: '2.0',
    ...(isNotice ? {} : { id: random.pick(ids) }),
    method,
    ...(whole === undefined ? {} : { params: whole }),
  };
}

/** The bytes of one message, which is well-formed in one of ten cases. */
export function makeMessage(random: Random, modern: boolean): Uint8Array {
  const way = random.below(20);
  if (way === 0) return encoder.encode(textOf(anyTree(random), random));
  let tree = treeOf(wellFormed(random, modern));
  if (way === 1) {
    const more = Array.from({ length: random.below(3) }, () => treeOf(wellFormed(random, modern)));
    tree = { kind: 'list', items: [tree, ...more] };
  }
  if (way > 3) tree = mutate(tree, random);
  const bytes = encoder.encode(textOf(tree, random));
  return random.chance(20) ? mutateBytes(bytes, random) : bytes;
}

const encoder = new TextEncoder();

/** What a client of the modern era repeats in headers, sometimes wrongly. */
export function mirrorHeaders(message: unknown, random: Random): string[] {
  const { method, params } = (message ?? {}) as { method?: unknown; params?: Params | null };
  const meta = params?.['_meta'] as Params | null | undefined;
  const version = meta?.['io.modelcontextprotocol/protocolVersion'];
  const name = params?.['name'] ?? params?.['uri'];
  const region = (params?.['arguments'] as Params | null | undefined)?.['region'];
  const headers: [string, unknown][] = [
    ['mcp-protocol-version', version ?? '2026-07-28'],
    ['mcp-method', method],
    ['mcp-name', name],
    ['mcp-param-region', region],
  ];
  return headers.flatMap(([header, value]) => {
    if (random.chance(3)) return [header, printable(oddText(random))];
    if (value === undefined || random.chance(2)) return [];
    return [header, printable(typeof value === 'string' ? value : JSON.stringify(value))];
  });
}

/** What a header can hold, as Node's parser lets it through. */
function printable(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  return `=?base64?${Buffer.from(text).toString('base64')}?=`;
}
