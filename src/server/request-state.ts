import { McpError } from '../errors.js';
import type { Request } from '../exchange.js';
import type { JsonObject } from '../json-rpc/message.js';
import type { Limits } from '../limits.js';
import type { Platform } from '../platform/platform.js';
import { fromBase64Url, toBase64Url } from '../platform/random.js';

/** What travels with the rounds of one call. JSON values only. */
export interface RoundState {
  /** Answers so far, by key. */
  readonly answers: JsonObject;
  /** Results of `call.once`, by key; in an object, because JSON loses what is undefined. */
  readonly once: { readonly [key: string]: { readonly value?: unknown } };
  /** What was said in rounds that the handler repeats: it is not said again. */
  readonly said?: { readonly progress?: number; readonly logs: number };
  /** What the author keeps with the explicit form. */
  readonly own?: unknown;
}

/**
 * Seals and opens `requestState` (2026-07-28 basic/patterns/mrtr): AES-256-GCM over the state,
 * bound to the principal, to method, name and arguments, and to a time.
 */
export interface StateSealer {
  seal(state: RoundState, request: Request, principalId: string): Promise<string>;
  /** Throws invalidParams for anything that this server did not seal for this very call. */
  open(sealed: unknown, request: Request, principalId: string): Promise<RoundState>;
}

const ivBytes = 12;

export function createSealer(
  platform: Platform,
  limits: Limits,
  secret: Uint8Array = platform.random.bytes(32),
): StateSealer {
  const { subtle } = globalThis.crypto;
  const importing = subtle.importKey('raw', Uint8Array.from(secret), 'AES-GCM', false, [
    'encrypt',
    'decrypt',
  ]);

  return {
    async seal(state, request, principalId) {
      const expiresAt = platform.clock.now() + limits.requestStateTtlMs;
      const text = JSON.stringify({ ...state, expiresAt });
      const iv = Uint8Array.from(platform.random.bytes(ivBytes));
      const additionalData = await digest(request, principalId);
      const algorithm = { name: 'AES-GCM', iv, additionalData };
      const sealed = await subtle.encrypt(algorithm, await importing, encode(text));
      const bytes = new Uint8Array(ivBytes + sealed.byteLength);
      bytes.set(iv);
      bytes.set(new Uint8Array(sealed), ivBytes);
      const out = toBase64Url(bytes);
      if (out.length > limits.requestStateBytesMax) throw tooLarge(state, limits);
      return out;
    },
    async open(sealed, request, principalId) {
      if (typeof sealed !== 'string' || sealed.length > limits.requestStateBytesMax)
        throw refused();
      const bytes = fromBase64Url(sealed);
      if (bytes === undefined || bytes.length <= ivBytes) throw refused();
      const iv = bytes.slice(0, ivBytes);
      const additionalData = await digest(request, principalId);
      let text: string;
      try {
        const algorithm = { name: 'AES-GCM', iv, additionalData };
        const opened = await subtle.decrypt(algorithm, await importing, bytes.slice(ivBytes));
        text = new TextDecoder().decode(opened);
      } catch {
        throw refused();
      }
      const { expiresAt, ...state } = JSON.parse(text) as RoundState & { expiresAt: number };
      if (platform.clock.now() > expiresAt) throw refused();
      return state;
    },
  };
}

// One sentence for every reason: a forger learns nothing from the difference.
function refused(): McpError {
  return new McpError('invalidParams', 'requestState is not valid for this call: start it again');
}

function tooLarge(state: RoundState, limits: Limits): McpError {
  const sizes = Object.entries({ ...state.answers, ...state.once }).map(
    ([key, value]) => [JSON.stringify(value)?.length ?? 0, key] as const,
  );
  const [size, key] = sizes.toSorted(([a], [b]) => b - a)[0] ?? [0, 'own'];
  return McpError.from(
    new RangeError(
      `requestState would exceed ${limits.requestStateBytesMax} bytes; ` +
        `the largest part is "${key}" with ${size}. Keep large results elsewhere, seal a handle.`,
    ),
  );
}

async function digest(request: Request, principalId: string): Promise<ArrayBuffer> {
  const { name, uri, arguments: args } = request.params ?? {};
  const text = canonical([principalId, request.method, name ?? uri ?? null, args ?? {}]);
  return globalThis.crypto.subtle.digest('SHA-256', encode(text));
}

/** JSON with sorted keys, so that a client which reorders members still asks the same. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
