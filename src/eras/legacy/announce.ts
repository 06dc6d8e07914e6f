import { McpError } from '../../errors.js';
import type { Exchange, Io, Notification, Peer } from '../../exchange.js';
import type { Limits } from '../../limits.js';

/**
 * The unsolicited notices of a legacy session. They are internal `subscriptions/listen` exchanges,
 * so that a server knows one way only to tell of changes.
 */
export interface Announce {
  /** Gives the notices somewhere to go and begins to listen for list changes. */
  start(emit: Io['emit']): void;
  /** `resources/subscribe`. Throws past the bound. */
  subscribe(uri: string): void;
  unsubscribe(uri: string): void;
  /** Ends all listening. */
  stop(): void;
}

const everyList = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };

export function createAnnounce(exchange: Exchange, peerNow: () => Peer, limits: Limits): Announce {
  const listens = new Map<string, AbortController>();
  let target: Io['emit'] | undefined;
  let lists: AbortController | undefined;

  const emit: Io['emit'] = (notification: Notification) => {
    // Legacy peers know no acknowledgement.
    if (notification.method === 'notifications/subscriptions/acknowledged') return;
    return target?.(notification);
  };
  const listen = (notifications: { readonly [type: string]: unknown }): AbortController => {
    const stopper = new AbortController();
    const io: Io = { signal: stopper.signal, peer: peerNow(), emit };
    const request = { id: 0, method: 'subscriptions/listen', params: { notifications } };
    // A server that offers no listening has nothing to announce.
    exchange(request, io).catch(() => undefined);
    return stopper;
  };

  return {
    start(newTarget) {
      target = newTarget;
      lists ??= listen(everyList);
    },
    subscribe(uri) {
      if (listens.has(uri)) return;
      if (listens.size >= limits.subscriptionsPerSessionMax) {
        throw new McpError('tooManyRequests', 'This session watches too many resources');
      }
      listens.set(uri, listen({ resourceSubscriptions: [uri] }));
    },
    unsubscribe(uri) {
      listens.get(uri)?.abort();
      listens.delete(uri);
    },
    stop() {
      lists?.abort();
      for (const stopper of listens.values()) stopper.abort();
      listens.clear();
      target = undefined;
    },
  };
}
