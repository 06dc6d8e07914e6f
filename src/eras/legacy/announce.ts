import { McpError } from '../../errors.js';
import type { Exchange, Io, Notification, Peer } from '../../exchange.js';
import type { Limits } from '../../limits.js';
import { extensionIds, withExtension } from '../../protocol/extensions.js';
import { isTerminal, taskNotice, type TaskState } from '../../protocol/tasks.js';
import { taskNoticeBefore, toTask } from './task-words.js';

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
  /** Tells what becomes of a task until it has ended; nothing past the bound. */
  watchTask(taskId: string): void;
  /** Ends all listening. */
  stop(): void;
}

const everyList = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };

export function createAnnounce(exchange: Exchange, peerNow: () => Peer, limits: Limits): Announce {
  const listens = new Map<string, AbortController>();
  const tasks = new Map<string, AbortController>();
  let target: Io['emit'] | undefined;
  let lists: AbortController | undefined;

  const emit: Io['emit'] = (notification: Notification) => {
    // Legacy peers know no acknowledgement.
    if (notification.method === 'notifications/subscriptions/acknowledged') return;
    return target?.(notification);
  };
  const listen = (
    notifications: { readonly [type: string]: unknown },
    own: Partial<Io> = {},
  ): AbortController => {
    const stopper = new AbortController();
    const io: Io = {
      signal: stopper.signal,
      // What a session may be told of follows from the token that was shown last.
      get peer() {
        return peerNow();
      },
      emit,
      ...own,
    };
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
    watchTask(taskId) {
      if (tasks.size >= limits.subscriptionsPerSessionMax) return;
      const peer = peerNow();
      const capabilities = withExtension(peer.capabilities, extensionIds.tasks, {});
      const own = { peer: { ...peer, capabilities } };
      const tell = (state: TaskState): void | Promise<void> => {
        if (isTerminal(state.status)) {
          tasks.get(taskId)?.abort();
          tasks.delete(taskId);
        }
        return target?.({ method: taskNoticeBefore, params: toTask(state) });
      };
      const look = async (io: Io): Promise<void> => {
        const request = { id: 0, method: 'tasks/get', params: { taskId } };
        const state = (await exchange(request, io)) as unknown as TaskState;
        if (isTerminal(state.status) && tasks.has(taskId)) await tell(state);
      };
      const stopper = listen(
        { taskIds: [taskId] },
        {
          ...own,
          emit({ method, params }) {
            if (method === taskNotice) return tell(params as unknown as TaskState);
            // It may have ended before anybody listened.
            const io = { ...own, signal: stopper.signal, emit: () => undefined };
            look(io).catch(() => undefined);
          },
        },
      );
      tasks.set(taskId, stopper);
    },
    stop() {
      for (const stopper of tasks.values()) stopper.abort();
      tasks.clear();
      lists?.abort();
      for (const stopper of listens.values()) stopper.abort();
      listens.clear();
      target = undefined;
    },
  };
}
