import type { Exchange, Middleware } from '../exchange.js';
import type { JsonObject } from '../json-rpc/message.js';
import type { Limits } from '../limits.js';
import type { Platform } from '../platform/platform.js';
import { extensionSettings, refuseExtensionIds } from '../protocol/extensions.js';
import type { MethodRow, MethodRows } from '../protocol/methods.js';
import type { ClientCapabilities, ServerCapabilities } from '../protocol/modern.types.js';
import type { MakeCall } from './call.js';

/** Something beyond the protocol's core that a client knows; of use with servers that do, too. */
export interface ClientExtension {
  /** A prefix and a name, such as `com.example/weather`. */
  readonly id: string;
  /** What the client declares with it. Default: {}. */
  readonly settings?: JsonObject;
  /** What its methods look like; see `extensionMethod`. */
  readonly methods?: readonly MethodRow[];
  /** Sees every request and turns results of a kind of its own into complete ones. */
  readonly open?: (host: ClientExtensionHost) => Middleware;
}

/** What a client lends to its extensions. */
export interface ClientExtensionHost {
  /** Makes a call of its own, with its own timeout. */
  readonly call: MakeCall;
  /** Answers a question of the server. */
  readonly answers: Exchange;
  readonly limits: Limits;
  readonly platform: Platform;
  /** Aborts when the connection has ended for good. */
  readonly ended: AbortSignal;
}

export function rowsOf(extensions: readonly ClientExtension[]): MethodRows {
  return new Map(
    extensions.flatMap(({ methods = [] }) => methods.map((row) => [row.method, row] as const)),
  );
}

/** What a client declares of its extensions. */
export function declaredBy(
  extensions: readonly ClientExtension[],
): Pick<ClientCapabilities, 'extensions'> {
  refuseExtensionIds(extensions.map(({ id }) => id));
  if (extensions.length === 0) return {};
  return {
    extensions: Object.fromEntries(extensions.map(({ id, settings = {} }) => [id, settings])),
  };
}

/** Those that the server has declared as well. */
export function sharedWith(
  capabilities: ServerCapabilities,
  extensions: readonly ClientExtension[],
): readonly ClientExtension[] {
  return extensions.filter(({ id }) => extensionSettings(capabilities, id) !== undefined);
}
