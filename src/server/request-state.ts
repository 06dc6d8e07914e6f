import { McpError } from '../errors.js';
import type { Request } from '../exchange.js';
import type { JsonObject } from '../json-rpc/message.js';
import type { Limits } from '../limits.js';
import { type PlatformCrypto, webCrypto } from '../platform/crypto.js';
import type { Platform } from '../platform/platform.js';
import { createSealing } from '../engine/sealing.js';
import type { SealingKeys } from '../engine/sealing-keys.js';

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

export function createSealer(platform: Platform, limits: Limits, keys: SealingKeys): StateSealer {
  const { clock, crypto = webCrypto } = platform;
  const sealing = createSealing(keys, platform);

  return {
    async seal(state, request, principalId) {
      const expiresAt = clock.now() + limits.requestStateTtlMs;
      const call = await digest(request, principalId, crypto);
      const out = await sealing.seal(JSON.stringify({ ...state, expiresAt }), call);
      if (out.length > limits.requestStateBytesMax) throw tooLarge(state, limits);
      return out;
    },
    async open(sealed, request, principalId) {
      if (typeof sealed !== 'string' || sealed.length > limits.requestStateBytesMax) {
        throw refused();
      }
      const text = await sealing.open(sealed, () => digest(request, principalId, crypto));
      if (text === undefined) throw refused();
      const { expiresAt, ...state } = JSON.parse(text) as RoundState & { expiresAt: number };
      if (clock.now() > expiresAt) throw refused();
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

/** What a state is bound to. Needs Web Crypto, as sealing does. */
async function digest(
  request: Request,
  principalId: string,
  crypto: PlatformCrypto,
): Promise<Uint8Array> {
  const { name, uri, arguments: args } = request.params ?? {};
  const text = canonical([principalId, request.method, name ?? uri ?? null, args ?? {}]);
  return (await crypto.digest(encode(text))) ?? new Uint8Array();
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

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
