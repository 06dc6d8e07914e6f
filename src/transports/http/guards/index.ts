import type { McpError } from '../../../errors.js';
import type { Head } from '../head.js';
import type { WireRequest } from '../wire.js';
import { guardAccept } from './accept.js';
import { guardBodySize } from './body-size.js';
import { guardContentType } from './content-type.js';
import { guardFetchMetadata } from './fetch-metadata.js';
import { guardFraming } from './framing.js';
import type { Guard } from './guard.js';
import { guardHiddenExposure } from './hidden-exposure.js';
import { guardHost } from './host.js';
import { guardMethod, guardMethodOfMetadata } from './method.js';
import { guardOrigin } from './origin.js';
import { guardPath } from './path.js';

export interface GuardOptions {
  readonly path: string;
  /** Paths beside it, which take a query. */
  readonly morePaths: readonly string[];
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly ownOrigins: () => readonly string[];
  /** Pages of other origins may call: browsers ask first whether they may. */
  readonly asksFirst: boolean;
  /** Nobody is asked who they are, and the server listens on this machine only. */
  readonly isPrivate: boolean;
  readonly bytesMax: number;
}

/** Guards before anybody is asked who they are, in their order. */
export function guardsBeforeAuth(options: GuardOptions): readonly Guard[] {
  return [
    guardFraming,
    guardHost(options.allowedHosts),
    guardPath(options.path, options.morePaths),
    guardMethod(options.asksFirst),
    guardOrigin(options.allowedOrigins, options.ownOrigins),
    guardFetchMetadata,
    ...(options.isPrivate ? [guardHiddenExposure] : []),
  ];
}

/** Guards of what clients read to learn where tokens come from: anybody may. */
export function guardsOfMetadata(options: GuardOptions): readonly Guard[] {
  return [
    guardFraming,
    guardHost(options.allowedHosts),
    guardMethodOfMetadata(options.asksFirst),
    guardOrigin(options.allowedOrigins, options.ownOrigins),
    guardFetchMetadata,
  ];
}

/** Guards after that, and still before the body. */
export function guardsBeforeBody(options: GuardOptions): readonly Guard[] {
  return [guardContentType, guardAccept, guardBodySize(options.bytesMax)];
}

export function firstRefusal(
  guards: readonly Guard[],
  request: WireRequest,
  head: Head,
): McpError | undefined {
  for (const guard of guards) {
    const refusal = guard(request, head);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
