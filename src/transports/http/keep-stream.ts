import { McpError } from '../../errors.js';
import type { Limits } from '../../limits.js';
import type { Platform } from '../../platform/platform.js';
import { refusalOf } from './refusal.js';
import { bodyKind, type StreamPlace } from './read-reply.js';
import type { HttpResponse } from './send.js';

export interface KeepStreamOptions {
  /** The connection that is open already, if one is. */
  readonly first: HttpResponse | undefined;
  readonly read: (response: HttpResponse) => Promise<void>;
  /** Where the stream is; kept up to date by `read`. */
  readonly place: StreamPlace;
  readonly reopen: () => Promise<HttpResponse>;
  /** Whether all that was wanted of the stream has come. */
  readonly isDone: () => boolean;
  readonly signal: AbortSignal;
  readonly limits: Limits;
  readonly platform: Platform;
}

/**
 * Reads a legacy event stream over as many connections as it takes, coming back to where it was
 * cut. Resolves when all has come; rejects when the stream cannot be resumed.
 */
export async function keepStream(options: KeepStreamOptions): Promise<void> {
  const { place, limits } = options;
  let response = options.first;
  let failures = 0;
  for (;;) {
    response ??= await connect(options);
    const seen = place.lastEventId;
    const broke = await options.read(response).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    response = undefined;
    if (options.isDone() || options.signal.aborted) return;
    if (broke instanceof McpError && broke.kind !== 'connectionClosed') throw broke;
    // A POST's stream without an event id cannot be resumed; the standing stream begins anew.
    if (place.lastEventId === '' && options.first !== undefined) return;
    failures = place.lastEventId === seen ? failures + 1 : 0;
    if (failures > limits.reconnectsMax) throw givenUp(limits.reconnectsMax);
    await wait(options, delay(options, failures));
  }
}

async function connect(options: KeepStreamOptions): Promise<HttpResponse> {
  for (let attempt = 0; ; attempt++) {
    try {
      const response = await options.reopen();
      if (response.status === 200 && bodyKind(response) === 'stream') return response;
      response.discard();
      throw refusalOf(response);
    } catch (thrown) {
      const error = McpError.from(thrown);
      const mayPass = error.kind === 'connectionFailed' || error.kind === 'unavailable';
      if (!mayPass || options.signal.aborted || attempt >= options.limits.reconnectsMax)
        throw error;
      await wait(options, delay(options, attempt + 1));
    }
  }
}

/** What the server asked for and up to a fifth more; never less (decision 19). */
function delay({ place, limits, platform }: KeepStreamOptions, failures: number): number {
  const chance = platform.random.bytes(1)[0]! / 255;
  if (place.retryMs !== undefined) {
    const asked = Math.min(Math.max(place.retryMs, limits.reconnectMsMin), limits.reconnectMsMax);
    return asked * (1 + chance / 5);
  }
  const ceiling = Math.min(limits.retryMs * 2 ** failures, limits.reconnectMsMax);
  return Math.max(limits.reconnectMsMin, ceiling * chance);
}

function wait({ platform, signal }: KeepStreamOptions, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const stop = platform.clock.after(ms, done, { holdsProcess: true });
    function done(): void {
      stop();
      signal.removeEventListener('abort', done);
      resolve();
    }
    if (signal.aborted) done();
    else signal.addEventListener('abort', done, { once: true });
  });
}

function givenUp(times: number): McpError {
  return new McpError('outcomeUnknown', `The stream was cut ${times} times without news`);
}
