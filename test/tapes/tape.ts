import { isJsonObject, type JsonObject } from '../../src/json-rpc/message.js';

/** One line of a tape, as it stands in its file. */
export interface TapeLine {
  /** Who speaks: the client, the server; `cut` is a reader that goes; the rest is for people. */
  readonly from: 'client' | 'server' | 'cut' | 'nobody';
  readonly text: string;
}

export interface Tape {
  readonly over: 'stdio' | 'http';
  readonly lines: readonly TapeLine[];
}

/** What a tape has in place of what differs from run to run, or is the same everywhere. */
const values: { readonly [placeholder: string]: unknown } = {
  $modern: {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'tape', version: '1.0.0' },
    'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } },
  },
  $server: { 'io.modelcontextprotocol/serverInfo': { name: 'tape', version: '1.0.0' } },
};

/** What a run has learned for the placeholders that the server fills: `$sealed`, `$session`. */
export type Learned = Map<string, string>;

export function parseTape(text: string): Tape {
  const lines = text
    .replace(/\n$/, '')
    .split('\n')
    .map((line): TapeLine => {
      if (line.startsWith('> ')) return { from: 'client', text: line.slice(2) };
      if (line.startsWith('< ')) return { from: 'server', text: line.slice(2) };
      if (line === 'x' || line.startsWith('x ')) return { from: 'cut', text: line };
      if (line === '' || line.startsWith('#')) return { from: 'nobody', text: line };
      throw new Error(`A tape line begins with "> ", "< ", "x" or "#": ${line}`);
    });
  const isHttp = lines.some(({ from, text: said }) => from === 'client' && /^[A-Z]/.test(said));
  return { over: isHttp ? 'http' : 'stdio', lines };
}

export function formatTape(lines: readonly TapeLine[]): string {
  const marks = { client: '> ', server: '< ', cut: '', nobody: '' };
  return `${lines.map(({ from, text }) => marks[from] + text).join('\n')}\n`;
}

/** What the client says, with everything put in. */
export function fillIn(text: string, learned: Learned): string {
  let filled = text;
  for (const [name, value] of learned) filled = filled.replaceAll(name, value);
  for (const [name, value] of Object.entries(values)) {
    filled = filled.replaceAll(`"${name}"`, JSON.stringify(value));
  }
  return filled.startsWith('{') ? `{"jsonrpc":"2.0",${filled.slice(1)}` : filled;
}

/** A message of the server without what all messages have. */
export function asLine(message: JsonObject): string {
  const { jsonrpc, ...rest } = message;
  if (jsonrpc !== '2.0') throw new Error(`No JSON-RPC message: ${JSON.stringify(message)}`);
  return JSON.stringify(rest);
}

/** Remembers what later lines of the client repeat. */
export function learn(said: string, learned: Learned): void {
  const { session, sealed } = secretsIn(said);
  if (session !== undefined) learned.set('$session', session);
  if (sealed !== undefined) learned.set('$sealed', sealed);
}

/** What the server said, with placeholders for what differs from run to run. */
export function generalize(said: string): string {
  const { session, sealed } = secretsIn(said);
  return said
    .replace(session ?? '$session', () => '$session')
    .replace(sealed ?? '$sealed', () => '$sealed')
    .replace(JSON.stringify(values['$server']), '"$server"');
}

/** Whether what the server said is what the tape has. */
export function matches(expected: string, said: string): boolean {
  const [before, wanted] = split(expected);
  const [prefix, got] = split(said);
  const isSession = before.endsWith('$session') && secretsIn(said).session !== undefined;
  return (isSession || before === prefix) && matchesValue(wanted, got);
}

function secretsIn(said: string): { session?: string | undefined; sealed?: string | undefined } {
  return {
    session: /^Mcp-Session-Id: ([\w-]{43})$/.exec(said)?.[1],
    sealed: /"requestState":"([\w.-]{40,})"/.exec(said)?.[1],
  };
}

/** The JSON at the end of a line, and what stands before it. */
function split(text: string): [before: string, value: unknown] {
  const at = text.indexOf('{');
  if (at < 0) return [text, undefined];
  return [text.slice(0, at), JSON.parse(text.slice(at))];
}

function matchesValue(expected: unknown, actual: unknown): boolean {
  if (expected === '$any') return actual !== undefined;
  if (expected === '$sealed') return typeof actual === 'string' && actual.length > 40;
  if (typeof expected === 'string' && expected in values) {
    return JSON.stringify(values[expected]) === JSON.stringify(actual);
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return false;
    return expected.every((one, at) => matchesValue(one, actual[at]));
  }
  if (!isJsonObject(expected)) return expected === actual;
  if (!isJsonObject(actual)) return false;
  const names = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  return [...names].every((name) => matchesValue(expected[name], actual[name]));
}
