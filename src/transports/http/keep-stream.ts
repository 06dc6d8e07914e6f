import { pause, waitMs } from '../../engine/back-off.js';
import { isPassing } from '../../engine/passing.js';
import { McpError } from '../../errors.js';
import type { Cancelling } from '../../exchange.js';
import type { Limits } from '../../limits.js';
import type { Platform } from '../../platform/platform.js';
import { bodyKind, type StreamPlace } from './read-reply.js';
import { readRefusal } from './refusal.js';
import type { HttpResponse } from './requests.js';

export interface KeepStreamOptions {
  /** The connection that is open already, if one is. */
  readonly first: HttpResponse | undefined;
  readonly read: (response: HttpResponse) => Promise<void>;
  /** Where the stream is; kept up to date by `read`. */
  readonly place: StreamPlace;
  readonly reopen: () => Promise<HttpResponse>;
  /** Whether all that was wanted of the stream has come. */
  readonly isDone: () => boolean;
  /** Aborts when nobody wants the stream any more. */
  readonly signal: Cancelling;
  readonly limits: Limits;
  readonly platform: Platform;
}

/**
 * Reads a legacy event stream over as many connections as it takes, coming back where it was cut.
 * Resolves when nothing more comes; rejects when the stream cannot be resumed.
 */
export async function keepStream(options: KeepStreamOptions): Promise<void> {
  const { place, limits, signal } = options;
  const { clock } = options.platform;
  let failures = 0;
  let response: HttpResponse | undefined = options.first ?? (await connect(options));
  while (response !== undefined) {
    const seen = place.lastEventId;
    const openedAt = clock.now();
    const broke = await readUntil(signal, response, options.read);
    if (options.isDone() || signal.aborted) return;
    if (broke instanceof McpError && broke.kind !== 'connectionClosed') throw broke;
    // A POST's stream without an event id cannot be resumed; the standing stream begins anew.
    if (place.lastEventId === '' && options.first !== undefined) return;
    // Idle streams are cut by proxies now and then: only those cut soon are failures.
    const cutSoon = clock.now() - openedAt < limits.reconnectMsMax;
    failures = cutSoon && place.lastEventId === seen ? failures + 1 : 0;
    if (failures > limits.reconnectsMax) throw givenUp(limits.reconnectsMax);
    await wait(options, delay(options, failures, options.place.retryMs));
    response = await connect(options);
  }
}

/** Reads one connection, letting it go when `signal` aborts; resolves with what broke it off. */
async function readUntil(
  signal: Cancelling,
  response: HttpResponse,
  read: (response: HttpResponse) => Promise<void>,
): Promise<unknown> {
  const letGo = (): void => response.discard();
  signal.addEventListener('abort', letGo, { once: true });
  if (signal.aborted) letGo();
  try {
    return await read(response);
  } catch (thrown) {
    return thrown;
  } finally {
    signal.removeEventListener('abort', letGo);
  }
}

/** The stream's next connection; undefined when nothing follows, or nobody wants it. */
async function connect(options: KeepStreamOptions): Promise<HttpResponse | undefined> {
  const { signal, limits } = options;
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      const response = await options.reopen();
      if (response.status === 200 && bodyKind(response) === 'stream') return response;
      if (response.status !== 204) throw await readRefusal(response, limits);
      // What event sources are told that shall not come back (WHATWG HTML, section 9.2).
      response.discard();
      return undefined;
    } catch (thrown) {
      const error = McpError.from(thrown);
      if (!mayBeGiven(error) || attempt >= limits.reconnectsMax) throw notResumed(error);
      const asked = error.retryAfterMs ?? options.place.retryMs;
      await wait(options, delay(options, attempt + 1, asked));
    }
  }
  return undefined;
}

/** Whether the server may give the stream a little later. */
export function mayBeGiven(thrown: unknown): boolean {
  // It may take a while to see that our last connection is dead.
  return isPassing(thrown, 'streamConflict');
}

function delay(
  { limits, platform }: KeepStreamOptions,
  failures: number,
  asked: number | undefined,
): number {
  return waitMs(asked, failures, limits, platform.random);
}

// Between two connections nothing else keeps the process up for the answer.
function wait({ platform, signal }: KeepStreamOptions, ms: number): Promise<void> {
  return pause(platform.clock, ms, signal);
}

function givenUp(times: number): McpError {
  return new McpError('outcomeUnknown', `The stream was cut ${times} times without news`);
}

// Whatever the refusal says, it is not of the request, which may have been done.
function notResumed(cause: McpError): McpError {
  return new McpError('outcomeUnknown', `The stream cannot be resumed: ${cause.message}`, {
    cause,
  });
}
