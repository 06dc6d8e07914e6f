import type { Pipe } from './engine/pipe.js';
import { servePipe as serve, type ServedPipe } from './eras/serve-pipe.js';
import type { Principal, Served } from './exchange.js';
import { type Limits, resolveLimits } from './limits.js';
import { type Platform, systemPlatform } from './platform/platform.js';

export type { ParseFailure } from './json-rpc/parse.js';
export type { Message } from './json-rpc/message.js';
export type { Pipe, PipeReceiver } from './engine/pipe.js';
export type { ServedPipe } from './eras/serve-pipe.js';

export interface ServePipeOptions {
  /** Who is at the other end, as far as the transport can vouch for it. */
  readonly principal?: Principal;
  readonly limits?: Partial<Limits>;
  readonly platform?: Platform;
}

/**
 * Serves both eras over a transport of your own: anything that carries whole messages both ways.
 * A client takes the same kind of pipe: `connect(pipe)`.
 */
export function servePipe(served: Served, pipe: Pipe, options: ServePipeOptions = {}): ServedPipe {
  return serve(served, pipe, {
    principal: options.principal ?? { id: 'pipe' },
    limits: resolveLimits(options.limits),
    platform: options.platform ?? systemPlatform,
  });
}
