import { pause, waitMs } from '../engine/back-off.js';
import { isPassing } from '../engine/passing.js';
import type { Notification } from '../exchange.js';
import type { JsonObject } from '../json-rpc/message.js';
import type { Limits } from '../limits.js';
import type { Platform } from '../platform/platform.js';
import type { MakeCall } from './call.js';

/** Which changes are of interest. */
export interface ListenFilter {
  readonly tools?: boolean;
  readonly prompts?: boolean;
  readonly resources?: boolean;
  /** Resources whose content is watched, by URI. */
  readonly uris?: readonly string[];
}

/** Something changed; look at it again. */
export type Change =
  | { readonly kind: 'tools' | 'prompts' | 'resources' }
  | { readonly kind: 'resource'; readonly uri: string }
  /**
   * The server has begun to listen; what it does not honour is missing from `filter`. Comes again
   * after every interruption: what changed meanwhile was told to nobody, so look at it all again.
   */
  | { readonly kind: 'listening'; readonly filter: JsonObject };

export interface ListenParts {
  readonly call: MakeCall;
  readonly limits: Limits;
  readonly platform: Platform;
  /** Aborts when the connection has ended for good. */
  readonly ended: AbortSignal;
}

/**
 * Changes as they come, over as many streams as it takes. A change that was not looked at yet
 * stands for later ones like it. Ends when the server says so, or `signal` aborts; throws when
 * listening fails from the start, or the server stays away.
 */
export function listenTo(
  parts: ListenParts,
  filter: ListenFilter,
  signal: AbortSignal | undefined,
): AsyncIterableIterator<Change> {
  const stopper = new AbortController();
  const changes = listening(parts, filter, stopper);
  const stop = (): void => stopper.abort();
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  stopper.signal.addEventListener('abort', () => signal?.removeEventListener('abort', stop));
  return {
    next: () => changes.next(),
    return() {
      // Also when a change is being waited for, which would make the generator itself wait, too.
      stop();
      return changes.return();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* listening(
  parts: ListenParts,
  filter: ListenFilter,
  stopper: AbortController,
): AsyncGenerator<Change, void, undefined> {
  const waiting = new Map<string, Change>();
  let wake = (): void => undefined;
  let ended: { readonly error?: unknown } | undefined;
  let acknowledged: Change = { kind: 'listening', filter: {} };
  const onChange = (change: Change): void => {
    if (change.kind === 'listening') acknowledged = change;
    const key = change.kind === 'resource' ? `resource ${change.uri}` : change.kind;
    // Resources without number, named faster than they are looked at: look at it all again.
    if (waiting.size > parts.limits.subscriptionsPerSessionMax && !waiting.has(key)) {
      waiting.clear();
      waiting.set('listening', acknowledged);
    } else waiting.set(key, change);
    wake();
  };
  const work = keepListening(parts, filter, stopper.signal, onChange).then(
    () => (ended = {}),
    (error: unknown) => (ended = stopper.signal.aborted ? {} : { error }),
  );
  void work.then(() => wake());

  try {
    for (;;) {
      for (const [key, change] of waiting) {
        waiting.delete(key);
        yield change;
      }
      if (ended !== undefined) break;
      if (waiting.size === 0) await new Promise<void>((resolve) => (wake = resolve));
    }
    if ('error' in ended) throw ended.error;
  } finally {
    stopper.abort();
    await work;
  }
}

/** Listens until the server ends it, and again whenever it only broke off. */
async function keepListening(
  { call, limits, platform, ended }: ListenParts,
  filter: ListenFilter,
  signal: AbortSignal,
  onChange: (change: Change) => void,
): Promise<void> {
  const { clock, random } = platform;
  let hasListened = false;
  let failures = 0;
  for (;;) {
    const startedAt = clock.now();
    let hasNews = false;
    const emit = (notification: Notification): void => {
      const change = changeOf(notification, limits.uriBytesMax);
      if (change === undefined) return;
      if (change.kind === 'listening') hasListened = true;
      else hasNews = true;
      onChange(change);
    };
    try {
      const params = { notifications: wireFilter(filter) };
      await call('subscriptions/listen', params, { signal, emit, isStream: true });
      return;
    } catch (thrown) {
      if (!hasListened || !isPassing(thrown) || ended.aborted || signal.aborted) throw thrown;
      // Idle streams are cut by proxies now and then: only those cut soon are failures.
      const lasted = hasNews || clock.now() - startedAt >= limits.reconnectMsMax;
      failures = lasted ? 0 : failures + 1;
      if (failures > limits.reconnectsMax) throw thrown;
      await pause(clock, waitMs(thrown.retryAfterMs, failures, limits, random), signal, ended);
      if (signal.aborted) throw thrown;
    }
  }
}

function wireFilter({ tools, prompts, resources, uris }: ListenFilter): JsonObject {
  return {
    ...(tools === true ? { toolsListChanged: true } : {}),
    ...(prompts === true ? { promptsListChanged: true } : {}),
    ...(resources === true ? { resourcesListChanged: true } : {}),
    ...(uris === undefined ? {} : { resourceSubscriptions: uris }),
  };
}

const kinds: { readonly [method: string]: 'tools' | 'prompts' | 'resources' | undefined } = {
  'notifications/tools/list_changed': 'tools',
  'notifications/prompts/list_changed': 'prompts',
  'notifications/resources/list_changed': 'resources',
};

function changeOf({ method, params }: Notification, uriLengthMax: number): Change | undefined {
  const kind = kinds[method];
  if (kind !== undefined) return { kind };
  if (method === 'notifications/resources/updated') {
    const uri = params?.['uri'];
    // Longer than any that can be asked for: it is the name of nothing.
    if (typeof uri !== 'string' || uri.length > uriLengthMax) return undefined;
    return { kind: 'resource', uri };
  }
  if (method === 'notifications/subscriptions/acknowledged') {
    return { kind: 'listening', filter: (params?.['notifications'] ?? {}) as JsonObject };
  }
  return undefined;
}
