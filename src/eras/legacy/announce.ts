import { McpError } from '../../errors.js';
import type { Exchange, Io, Notification, Peer } from '../../exchange.js';
import { isJsonObject, type JsonObject } from '../../json-rpc/message.js';
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
  /** The notices go somewhere else from now on: another node has them. */
  pause(): void;
  /**
   * Tells of everything that is listened to as if it had changed: nobody knows what did while
   * nobody listened.
   */
  tellAll(): Promise<void>;
  /** Tells what was noticed elsewhere; nothing where the notices do not go from here. */
  tell(notification: Notification): void;
  /**
   * `resources/subscribe`. Rejects with McpError past the bound, and where the caller may not be
   * told of the resource: as if it did not exist.
   */
  subscribe(uri: string): Promise<void>;
  unsubscribe(uri: string): void;
  /** Tells what becomes of a task until it has ended; nothing past the bound. */
  watchTask(taskId: string): void;
  /** Ends all listening. */
  stop(): void;
}

interface Watch {
  /** Resolves once it is watched; rejects if this caller may not. */
  readonly begun: Promise<void>;
  stop(): void;
}

const acknowledged = 'notifications/subscriptions/acknowledged';
const everyList = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };
const listNotices: { readonly [member: string]: string } = {
  toolsListChanged: 'notifications/tools/list_changed',
  promptsListChanged: 'notifications/prompts/list_changed',
  resourcesListChanged: 'notifications/resources/list_changed',
};

export function createAnnounce(
  exchange: Exchange,
  peerNow: () => Peer,
  limits: Limits,
  elsewhere: (notification: Notification) => void = () => undefined,
): Announce {
  const listens = new Map<string, Watch>();
  const tasks = new Map<string, AbortController>();
  let target: Io['emit'] | undefined;
  let lists: AbortController | undefined;
  /** Which of them the server tells of; known once it has acknowledged. */
  let honoured: Promise<JsonObject> = Promise.resolve({});

  const emit: Io['emit'] = (notification: Notification) => {
    // Legacy peers know no acknowledgement.
    if (notification.method === acknowledged) return;
    return target?.(notification);
  };
  const listenToLists = (): void => {
    honoured = new Promise((resolve) => {
      const heard: Io['emit'] = (notification) => {
        if (notification.method !== acknowledged) return emit(notification);
        const filter = notification.params?.['notifications'];
        resolve(isJsonObject(filter) ? filter : {});
      };
      lists = listen(everyList, { emit: heard }, () => resolve({}));
    });
  };
  const listen = (
    notifications: { readonly [type: string]: unknown },
    own: Partial<Io> = {},
    onOver: () => void = () => undefined,
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
    void exchange(request, io).then(onOver, onOver);
    return stopper;
  };
  const watchResource = (uri: string): Watch => {
    let stopper: AbortController | undefined;
    const begun = new Promise<void>((resolve, reject) => {
      const heard: Io['emit'] = (notification) => {
        if (notification.method !== acknowledged) return emit(notification);
        if (isLeftOut(uri, notification)) reject(notFound(uri));
        else resolve();
      };
      stopper = listen({ resourceSubscriptions: [uri] }, { emit: heard }, resolve);
    });
    return { begun, stop: () => stopper?.abort() };
  };

  return {
    start(newTarget) {
      target = newTarget;
      if (lists === undefined) listenToLists();
    },
    pause() {
      target = undefined;
      lists?.abort();
      lists = undefined;
    },
    async tellAll() {
      const told = Object.entries(await honoured).filter(([, isTold]) => isTold === true);
      for (const [member] of told) {
        const method = listNotices[member];
        if (method !== undefined) void target?.({ method });
      }
      for (const uri of listens.keys()) {
        void target?.({ method: 'notifications/resources/updated', params: { uri } });
      }
    },
    tell: (notification) => void target?.(notification),
    async subscribe(uri) {
      const known = listens.get(uri);
      if (known !== undefined) return known.begun;
      if (listens.size >= limits.subscriptionsPerSessionMax) {
        throw new McpError('tooManyRequests', 'This session watches too many resources');
      }
      const watch = watchResource(uri);
      listens.set(uri, watch);
      try {
        await watch.begun;
      } catch (thrown) {
        watch.stop();
        if (listens.get(uri) === watch) listens.delete(uri);
        throw thrown;
      }
    },
    unsubscribe(uri) {
      listens.get(uri)?.stop();
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
        // Only the node that a task was asked of watches it, wherever the notices go.
        const notification = { method: taskNoticeBefore, params: toTask(state) };
        return target === undefined ? elsewhere(notification) : target(notification);
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
      for (const { stop } of listens.values()) stop();
      listens.clear();
      target = undefined;
    },
  };
}

/** A server leaves out of what it acknowledges whatever the caller may not be told of. */
function isLeftOut(uri: string, { params }: Notification): boolean {
  const filter = params?.['notifications'];
  const honoured = isJsonObject(filter) ? filter['resourceSubscriptions'] : undefined;
  return Array.isArray(honoured) && !honoured.includes(uri);
}

function notFound(uri: string): McpError {
  return new McpError('resourceNotFound', 'Resource not found', { data: { uri } });
}
