import { type Answers, capabilitiesOf, createAnswers } from '../client/answers.js';
import type { LogMessage } from '../client/call.js';
import { type ClientExtension, declaredBy } from '../client/extension.js';
import { createPatience, type Patience } from '../client/patience.js';
import type { ResponseCache } from '../client/response-cache.js';
import type { RetryChoice } from '../client/retry-lost.js';
import type { Credentials } from '../credentials.js';
import type { Caller } from '../eras/caller.js';
import type { EraCache } from '../eras/verdict-cache.js';
import type { Exchange, Middleware } from '../exchange.js';
import { type Limits, resolveLimits } from '../limits.js';
import { type Platform, systemPlatform } from '../platform/platform.js';
import type { Implementation, LoggingLevel } from '../protocol/modern.types.js';
import { type LegacyRevision, newestModern } from '../protocol/revisions.js';

/** `auto` speaks the newest era that the server knows; the others insist. */
export type EraChoice = 'auto' | 'modern' | 'legacy';

export interface ConnectOptions {
  /** Who this client is. Default: sallyport. */
  readonly client?: Implementation;
  readonly era?: EraChoice;
  /** The revision to open a session with, where the server has sessions. Default: the newest. */
  readonly revision?: LegacyRevision;
  /** How questions of the server are answered; what is missing is not offered. */
  readonly answers?: Answers;
  /** The least severe level of log messages that are wanted. Default: `info` with `onLog`. */
  readonly logLevel?: LoggingLevel;
  /** Log messages of all calls that have no listener of their own. */
  readonly onLog?: (message: LogMessage) => void;
  /** Told what a user should know, such as a tool that was left out. Default: nobody. */
  readonly onWarning?: (warning: string) => void;
  /**
   * How to get in where an HTTP server wants to know who calls: `oauth`, `clientCredentials` and so
   * on, of `sallyport/auth`. Default: by `headers` alone.
   */
  readonly auth?: Credentials;
  /** Headers of every HTTP request. */
  readonly headers?: { readonly [name: string]: string };
  /** A fetch of your own instead of the transport's HTTP client. */
  readonly fetch?: typeof globalThis.fetch;
  /** Where it is kept which era a server speaks; false asks anew. Default: this process. */
  readonly eraCache?: EraCache | false;
  /**
   * Where answers are kept for as long as the server allows; clients that are handed the same cache
   * share those that are public. False keeps none. Default: a cache of this client alone.
   */
  readonly cache?: ResponseCache | false;
  /**
   * Which calls are made again, once, when the answer was lost on the way. Default: `hinted`, those
   * that only look and those of tools that were listed as read-only or idempotent; any other call
   * then fails with an error of kind `outcomeUnknown`.
   */
  readonly retry?: RetryChoice;
  /** What this client knows beyond the protocol's core. All are off by default. */
  readonly extensions?: readonly ClientExtension[];
  readonly middleware?: readonly Middleware[];
  readonly limits?: Partial<Limits>;
  readonly platform?: Platform;
  /** Gives up connecting when it aborts. */
  readonly signal?: AbortSignal;
}

/** What one connection is made with: the options, and what follows from them. */
export interface Parts {
  readonly options: ConnectOptions;
  readonly limits: Limits;
  readonly platform: Platform;
  readonly caller: Caller;
  readonly answers: Exchange;
  readonly patience: Patience;
  readonly nextId: () => number;
}

export function readOptions(options: ConnectOptions): Parts {
  const { answers = {}, logLevel, onLog, extensions = [] } = options;
  const patience = createPatience();
  let lastId = 0;
  return {
    options,
    limits: resolveLimits(options.limits),
    platform: options.platform ?? systemPlatform,
    caller: {
      protocolVersion: newestModern,
      clientInfo: options.client ?? { name: 'sallyport', version: '0.1.0' },
      capabilities: { ...capabilitiesOf(answers), ...declaredBy(extensions) },
      logLevel: logLevel ?? (onLog === undefined ? undefined : 'info'),
    },
    answers: patience.during(createAnswers(answers)),
    patience,
    nextId: () => ++lastId,
  };
}
