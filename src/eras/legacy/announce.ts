import { Cancellation } from '../../engine/cancelling.js';
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
  /** A notice of each thing that is listened to, as if all had changed. */
  everything(): Promise<readonly Notification[]>;
  /** Tells of each thing that is listened to, as if all had changed. */
  tellEverything(): Promise<void>;
  /** Tells of resources that are watched, as if they had changed. */
  tellOf(uris: readonly string[]): Promise<void>;
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
  /** Ends all listening, for good: what is still under way begins none that nobody would end. */
  stop(): void;
}

interface Watch {
  /** Resolves once it is watched; rejects if this caller may not. */
  readonly begun: Promise<void>;
  stop(): void;
}

const acknowledged = 'notifications/subscriptions/acknowledged';
const everyList = {
  notifications: { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true },
};

const listNotices: { readonly [member: string]: string } = {
  toolsListChanged: 'notifications/tools/list_changed',
  promptsListChanged: 'notifications/prompts/list_changed',
  resourcesListChanged: 'notifications/resources/list_changed',
};

/** Whose notices they are. */
export interface Announced {
  readonly exchange: Exchange;
  /** The caller as it is now. */
  peerNow(): Peer;
  readonly limits: Limits;
  /** Passes a notice on to wherever the session's notices go. */
  elsewhere(notification: Notification): void | Promise<void>;
}

export function createAnnounce(session: Announced): Announce {
  return new Notices(session);
}

// Small, because a server holds many that do nothing: what is rarely needed is made when it is.
class Notices implements Announce, Heard {
  readonly #session: Announced;
  #listens: Map<string, Watch> | undefined;
  #tasks: Map<string, Cancellation> | undefined;
  #target: Io['emit'] | undefined;
  #lists: Cancellation | undefined;
  #honoured: JsonObject | undefined;
  #onHonoured: ((filter: JsonObject) => void) | undefined;
  #hasStopped = false;

  constructor(session: Announced) {
    this.#session = session;
  }

  start(target: Io['emit']): void {
    this.#target = target;
    if (this.#lists !== undefined) return;
    this.#honoured = undefined;
    const lists = this.#listen(everyList, this, () => {
      // One that was stopped knows nothing of the next one.
      if (this.#lists === lists) this.#acknowledge({});
    });
    this.#lists = lists;
  }

  /** Hears of lists. */
  emit(notification: Notification): void | Promise<void> {
    if (notification.method !== acknowledged) return this.#emit(notification);
    const filter = notification.params?.['notifications'];
    this.#acknowledge(isJsonObject(filter) ? filter : {});
  }

  pause(): void {
    this.#target = undefined;
    this.#lists?.abort(stopped);
    this.#lists = undefined;
  }

  async everything(): Promise<readonly Notification[]> {
    const told = Object.entries(await this.#whatIsTold()).filter(([, isTold]) => isTold === true);
    const lists = told.flatMap(([member]) => {
      const method = listNotices[member];
      return method === undefined ? [] : [{ method }];
    });
    return [...lists, ...[...(this.#listens?.keys() ?? [])].map(updated)];
  }

  async tellEverything(): Promise<void> {
    for (const notice of await this.everything()) this.tell(notice);
  }

  async tellOf(uris: readonly string[]): Promise<void> {
    for (const uri of uris) {
      // One that the caller may not be told of is not watched.
      const isWatched = this.#listens?.get(uri)?.begun.then(
        () => true,
        () => false,
      );
      if ((await isWatched) === true) this.tell(updated(uri));
    }
  }

  tell(notification: Notification): void {
    void this.#target?.(notification);
  }

  async subscribe(uri: string): Promise<void> {
    const listens = (this.#listens ??= new Map<string, Watch>());
    const known = listens.get(uri);
    if (known !== undefined) return known.begun;
    if (listens.size >= this.#session.limits.subscriptionsPerSessionMax) {
      throw new McpError('tooManyRequests', 'This session watches too many resources');
    }
    const watch = this.#watchResource(uri);
    listens.set(uri, watch);
    try {
      await watch.begun;
    } catch (thrown) {
      watch.stop();
      if (listens.get(uri) === watch) listens.delete(uri);
      throw thrown;
    }
  }

  unsubscribe(uri: string): void {
    this.#listens?.get(uri)?.stop();
    this.#listens?.delete(uri);
  }

  watchTask(taskId: string): void {
    const tasks = (this.#tasks ??= new Map());
    if (tasks.size >= this.#session.limits.subscriptionsPerSessionMax) return;
    const peer = this.#session.peerNow();
    const capabilities = withExtension(peer.capabilities, extensionIds.tasks, {});
    const own = { ...peer, capabilities };
    const emit: Io['emit'] = ({ method, params }) => {
      if (method === taskNotice) return this.#tellOfTask(params as unknown as TaskState);
      // It may have ended before anybody listened.
      this.#look(taskId, own, stopper).catch(() => undefined);
    };
    const listens = { taskIds: [taskId] };
    const stopper = this.#listen({ notifications: listens }, { emit }, () => undefined, own);
    tasks.set(taskId, stopper);
  }

  stop(): void {
    this.#hasStopped = true;
    for (const stopper of this.#tasks?.values() ?? []) stopper.abort(stopped);
    this.#tasks?.clear();
    this.#lists?.abort(stopped);
    for (const { stop } of this.#listens?.values() ?? []) stop();
    this.#listens?.clear();
    this.#target = undefined;
  }

  /** Which lists the server tells of; known once it has acknowledged. */
  async #whatIsTold(): Promise<JsonObject> {
    if (this.#lists === undefined) return {};
    if (this.#honoured !== undefined) return this.#honoured;
    const before = this.#onHonoured;
    return new Promise((resolve) => {
      this.#onHonoured = (filter) => {
        before?.(filter);
        resolve(filter);
      };
    });
  }

  #acknowledge(filter: JsonObject): void {
    this.#honoured ??= filter;
    this.#onHonoured?.(this.#honoured);
    this.#onHonoured = undefined;
  }

  #emit(notification: Notification): void | Promise<void> {
    // Legacy peers know no acknowledgement.
    if (notification.method === acknowledged) return;
    return this.#target?.(notification);
  }

  #listen(
    params: JsonObject,
    to: Heard,
    onOver: () => void = () => undefined,
    peer?: Peer,
  ): Cancellation {
    const { exchange } = this.#session;
    const io = new ListenIo(this.#session, to, peer);
    if (this.#hasStopped) {
      onOver();
      return io;
    }
    // A server that offers no listening has nothing to announce.
    void exchange({ id: 0, method: 'subscriptions/listen', params }, io).then(onOver, onOver);
    return io;
  }

  #watchResource(uri: string): Watch {
    let stopper: Cancellation | undefined;
    const begun = new Promise<void>((resolve, reject) => {
      const heard: Io['emit'] = (notification) => {
        if (notification.method !== acknowledged) return this.#emit(notification);
        if (isLeftOut(uri, notification)) reject(notFound(uri));
        else resolve();
      };
      const params = { notifications: { resourceSubscriptions: [uri] } };
      stopper = this.#listen(params, { emit: heard }, resolve);
    });
    return { begun, stop: () => stopper?.abort(stopped) };
  }

  #tellOfTask(state: TaskState): void | Promise<void> {
    if (isTerminal(state.status)) {
      this.#tasks?.get(state.taskId)?.abort(stopped);
      this.#tasks?.delete(state.taskId);
    }
    // Only the node that a task was asked of watches it, wherever the notices go.
    const notification = { method: taskNoticeBefore, params: toTask(state) };
    if (this.#target === undefined) return this.#session.elsewhere(notification);
    return this.#target(notification);
  }

  async #look(taskId: string, peer: Peer, { signal }: Cancellation): Promise<void> {
    const io = { peer, signal, emit: () => undefined };
    const request = { id: 0, method: 'tasks/get', params: { taskId } };
    const state = (await this.#session.exchange(request, io)) as unknown as TaskState;
    if (isTerminal(state.status) && this.#tasks?.has(taskId) === true)
      await this.#tellOfTask(state);
  }
}

function updated(uri: string): Notification {
  return { method: 'notifications/resources/updated', params: { uri } };
}

// A reason that is given need not be made, with its stack, for every session.
const stopped = 'stopped';

/** Where the notices of one listening go. */
type Heard = Pick<Io, 'emit'>;

/** The Io of a session that listens to its own server. In one with what ends it: there are many. */
class ListenIo extends Cancellation implements Io {
  readonly #session: Announced;
  readonly #to: Heard;
  readonly #peer: Peer | undefined;

  constructor(session: Announced, to: Heard, peer: Peer | undefined) {
    super();
    this.#session = session;
    this.#to = to;
    this.#peer = peer;
  }

  get cancelling(): Cancellation {
    return this;
  }

  emit(notification: Notification): void | Promise<void> {
    return this.#to.emit(notification);
  }

  // What a session may be told of follows from the token that was shown last.
  get peer(): Peer {
    return this.#peer ?? this.#session.peerNow();
  }
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
