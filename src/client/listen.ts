import type { Notification } from '../exchange.js';
import type { JsonObject } from '../json-rpc/message.js';
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
  /** The server has begun to listen; what it does not honour is missing from `filter`. */
  | { readonly kind: 'listening'; readonly filter: JsonObject };

/** Changes as they come. A change that was not looked at yet stands for later ones like it. */
export async function* listenTo(
  call: MakeCall,
  filter: ListenFilter,
  signal: AbortSignal | undefined,
): AsyncGenerator<Change, void, undefined> {
  const stopper = new AbortController();
  const waiting = new Map<string, Change>();
  let wake = (): void => undefined;
  let ended: { readonly error?: unknown } | undefined;

  const emit = (notification: Notification): void => {
    const change = changeOf(notification);
    if (change === undefined) return;
    waiting.set(change.kind === 'resource' ? `resource ${change.uri}` : change.kind, change);
    wake();
  };
  const stop = (): void => stopper.abort();
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  const listening = call(
    'subscriptions/listen',
    { notifications: wireFilter(filter) },
    { signal: stopper.signal, emit, isStream: true },
  ).then(
    () => (ended = {}),
    (error: unknown) => (ended = stopper.signal.aborted ? {} : { error }),
  );
  void listening.then(() => wake());

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
    signal?.removeEventListener('abort', stop);
    stop();
    await listening;
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

function changeOf({ method, params }: Notification): Change | undefined {
  const kind = kinds[method];
  if (kind !== undefined) return { kind };
  if (method === 'notifications/resources/updated') {
    return { kind: 'resource', uri: String(params?.['uri']) };
  }
  if (method === 'notifications/subscriptions/acknowledged') {
    return { kind: 'listening', filter: (params?.['notifications'] ?? {}) as JsonObject };
  }
  return undefined;
}
