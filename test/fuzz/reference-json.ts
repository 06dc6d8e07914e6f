/** A second, plain reading of JSON and of the envelope, to hold the real one against. */
import { defaultLimits } from '../../src/limits.js';

const { messageDepthMax, objectKeysMax, numberLengthMax, stringIdLengthMax, batchMessagesMax } =
  defaultLimits;

/** What must be answered to one text. */
export type Expected =
  /** One answer with this id. */
  | { readonly kind: 'request'; readonly id: string | number; readonly value: Members }
  | { readonly kind: 'notification'; readonly value: Members }
  | { readonly kind: 'response'; readonly id: unknown }
  /** An error; with the id where it could be read, which `ids` are the possible ones of. */
  | { readonly kind: 'refused'; readonly code: readonly number[]; readonly ids: readonly unknown[] }
  | { readonly kind: 'batch'; readonly members: readonly Expected[] };

export type Members = { readonly [name: string]: unknown };

const parseError = -32700;
const invalidRequest = -32600;

export function expectedOf(bytes: Uint8Array): Expected {
  let text: string;
  try {
    text = strict.decode(bytes);
  } catch {
    return { kind: 'refused', code: [parseError, invalidRequest], ids: looseIds(bytes) };
  }
  const reader = new Reader(text);
  const isJson = reader.readAll();
  // The bounds are looked at first, even in what turns out to be no JSON.
  if (!isJson) return { kind: 'refused', code: [parseError, invalidRequest], ids: looseIds(bytes) };
  if (reader.fault) return { kind: 'refused', code: [invalidRequest], ids: looseIds(bytes) };
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value)) return expectedOfValue(value);
  if (value.length === 0 || value.length > batchMessagesMax) return refused();
  return { kind: 'batch', members: value.map(expectedOfValue) };
}

function expectedOfValue(value: unknown): Expected {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refused();
  const message = value as Members;
  const id = message['id'];
  const ids = isId(id) ? [id] : [];
  const has = (name: string): boolean => Object.hasOwn(message, name);
  const fault: Expected = { kind: 'refused', code: [invalidRequest], ids };
  // What looks like an answer is never answered where there is nobody to tell.
  const answerFault: Expected = { kind: 'response', id };
  if (message['jsonrpc'] !== '2.0') {
    return !has('method') && (has('result') || has('error')) ? answerFault : fault;
  }
  if (has('method')) {
    const good =
      typeof message['method'] === 'string' &&
      !has('result') &&
      !has('error') &&
      (!has('params') || isPlain(message['params']));
    if (!good) return fault;
    if (!has('id')) return { kind: 'notification', value: message };
    return isId(id) ? { kind: 'request', id, value: message } : fault;
  }
  return has('result') || has('error') ? { kind: 'response', id } : fault;
}

function refused(): Expected {
  return { kind: 'refused', code: [invalidRequest], ids: [] };
}

function isId(value: unknown): value is string | number {
  return typeof value === 'string'
    ? value.length <= stringIdLengthMax
    : Number.isSafeInteger(value);
}

function isPlain(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whatever could be meant as an id in a text that is no message. */
function looseIds(bytes: Uint8Array): unknown[] {
  const text = lenient.decode(bytes);
  const ids: unknown[] = [];
  // Also one that begins within another: in what is no JSON, any quote may begin a name.
  for (const [, found = ''] of text.matchAll(/(?="id"\s*:\s*("(?:[^"\\]|\\[^])*"|-?\d+))/g)) {
    try {
      ids.push(JSON.parse(found));
    } catch {
      // What has no value cannot be an id.
    }
  }
  return ids;
}

/** Whether a text that is no message shows a member of an answer. */
export function mayBeResponse(bytes: Uint8Array): boolean {
  return /"(?:result|error)"/.test(lenient.decode(bytes));
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });

/** RFC 8259 by recursive descent. */
class Reader {
  readonly #text: string;
  #at = 0;
  /** True when some bound or rule beyond the grammar is broken. */
  fault = false;

  constructor(text: string) {
    this.#text = text;
  }

  readAll(): boolean {
    const good = this.#value(0);
    this.#space();
    return good && this.#at === this.#text.length;
  }

  #value(depth: number): boolean {
    this.#space();
    const char = this.#text[this.#at];
    if (char === '{') return this.#object(depth + 1);
    if (char === '[') return this.#list(depth + 1);
    if (char === '"') return this.#string() !== undefined;
    return this.#token(word) !== '' || this.#number();
  }

  #object(depth: number): boolean {
    if (depth > messageDepthMax) this.fault = true;
    this.#at++;
    const names = new Set<string>();
    let count = 0;
    if (this.#takes('}')) return true;
    do {
      this.#space();
      const name = this.#string();
      if (name === undefined || !this.#takes(':') || !this.#value(depth)) return false;
      names.add(name);
      if (++count > objectKeysMax || names.size < count || name === '__proto__') this.fault = true;
    } while (this.#takes(','));
    return this.#takes('}');
  }

  #list(depth: number): boolean {
    if (depth > messageDepthMax) this.fault = true;
    this.#at++;
    if (this.#takes(']')) return true;
    do {
      if (!this.#value(depth)) return false;
    } while (this.#takes(','));
    return this.#takes(']');
  }

  #string(): string | undefined {
    const found = this.#token(string);
    return found === '' ? undefined : (JSON.parse(found) as string);
  }

  #number(): boolean {
    const found = this.#token(number);
    if (found.length > numberLengthMax) this.fault = true;
    return found !== '';
  }

  #token(kind: RegExp): string {
    kind.lastIndex = this.#at;
    const found = kind.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #takes(char: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #space(): void {
    this.#token(space);
  }
}

const space = /[ \t\r\n]*/y;
const word = /true|false|null/y;
const string = /"(?:[^"\\\0-\x1f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
