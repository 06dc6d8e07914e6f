import type { Link } from '../../engine/link.js';
import { abortError, unlessAborted } from '../../engine/pending.js';
import { McpError } from '../../errors.js';
import type { Exchange, Io, Notification, Request, Result } from '../../exchange.js';
import { isJsonObject, type JsonObject } from '../../json-rpc/message.js';
import { extensionIds, extensionSettings } from '../../protocol/extensions.js';
import { taskNotice } from '../../protocol/tasks.js';
import type { ServerCapabilities } from '../../protocol/modern.types.js';

/** `subscriptions/listen` over a session: its notices come unasked, resources are subscribed to. */
export interface LegacyListen {
  exchange(
    request: Request,
    io: Io,
    capabilities: ServerCapabilities,
    send: Exchange,
  ): Promise<Result>;
  /** Hands a notice to those who listen. False when it is none of theirs. */
  deliver(notification: Notification): boolean;
  readonly isWanted: () => boolean;
  /** Subscribes again after the session was opened anew. */
  again(io: Io): Promise<void>;
  /** Tells those who listen that they do from now on: they may have missed something before. */
  acknowledge(): void;
  /** Ends all listening. */
  fail(error: McpError): void;
}

export interface ListenOptions {
  readonly link: Link;
  readonly nextId: () => number;
  /** Takes log messages and other notices that belong to no call. */
  readonly notice: (notification: Notification) => void;
  /** Does work that no call waits for, for as long as it may take. */
  readonly unasked: (work: (io: Io) => Promise<void>) => Promise<void>;
}

/** A resource that is subscribed to, for however many listeners. */
interface Watched {
  listeners: number;
  begun: Promise<unknown>;
}

interface Listener {
  readonly filter: JsonObject;
  readonly io: Io;
  readonly end: (error: McpError) => void;
  /** What is acknowledged before it listens would be missed. */
  isAcknowledged: boolean;
}

export function createLegacyListen(options: ListenOptions): LegacyListen {
  const { link, nextId, notice, unasked } = options;
  const listeners = new Set<Listener>();
  const watched = new Map<string, Watched>();
  /** Those of which the server is being told that nobody listens any more. */
  const leaving = new Map<string, Promise<unknown>>();
  const fail = (error: McpError): void => {
    for (const { end } of listeners) end(error);
  };
  void link.closed.then((cause) => fail(cause ?? connectionClosed()));
  const acknowledge = (): void => {
    for (const one of listeners) if (one.isAcknowledged) void one.io.emit(acknowledgement(one));
  };

  // What the server logs meanwhile is none of the changes that are listened to.
  const change = (send: Exchange, io: Io, method: string, uri: string): Promise<Result> =>
    send(
      { id: nextId(), method, params: { uri } },
      { signal: io.signal, peer: io.peer, emit: notice },
    );
  const watch = async (send: Exchange, io: Io, uri: string): Promise<void> => {
    let known = watched.get(uri);
    let isOurs = known === undefined;
    const begin = (): Promise<unknown> => {
      // What is taken back just now must not overtake what is asked for anew.
      const free = leaving.get(uri) ?? Promise.resolve();
      const begun = free.then(() => change(send, io, 'resources/subscribe', uri));
      // Those who wait for it may all have gone.
      begun.catch(() => undefined);
      return begun;
    };
    if (known === undefined) watched.set(uri, (known = { listeners: 0, begun: begin() }));
    known.listeners++;
    // Also where another has asked for it: until it is watched, nobody may be told so.
    for (;;) {
      const { begun } = known;
      try {
        await unlessAborted(begun, io.signal);
        return;
      } catch (thrown) {
        if (isOurs || io.signal.aborted) throw thrown;
        // The other may only have lost interest.
        isOurs = known.begun === begun;
        if (isOurs) known.begun = begin();
      }
    }
  };
  const unwatch = async (send: Exchange, io: Io, uri: string): Promise<void> => {
    const known = watched.get(uri);
    if (known === undefined || --known.listeners > 0) return;
    watched.delete(uri);
    const left = change(send, io, 'resources/unsubscribe', uri)
      .catch(() => undefined)
      .finally(() => {
        if (leaving.get(uri) === left) leaving.delete(uri);
      });
    leaving.set(uri, left);
    await left;
  };

  return {
    async exchange(request, io, capabilities, send) {
      const filter = honoured(request.params?.['notifications'], capabilities);
      let end: Listener['end'] = () => undefined;
      // Nothing that a server says ends it: only we do, or the connection.
      const ended = new Promise<never>((_resolve, reject) => (end = reject));
      ended.catch(() => undefined);
      const abort = (): void => end(abortError(io.signal));
      if (io.signal.aborted) abort();
      io.signal.addEventListener('abort', abort, { once: true });
      const listener: Listener = { filter, io, end, isAcknowledged: false };
      const uris = (filter['resourceSubscriptions'] ?? []) as readonly string[];
      const taken: string[] = [];
      listeners.add(listener);
      try {
        for (const uri of uris) {
          taken.push(uri);
          await watch(send, io, uri);
        }
        await Promise.race([link.noticesOpen?.(), ended]);
        listener.isAcknowledged = true;
        await io.emit(acknowledgement(listener));
        return await ended;
      } finally {
        listeners.delete(listener);
        io.signal.removeEventListener('abort', abort);
        // Its own signal has aborted: taking back a subscription needs one that has not.
        const takeBack = async (own: Io): Promise<void> => {
          for (const uri of taken) await unwatch(send, own, uri);
        };
        if (taken.length > 0) await unasked(takeBack).catch(() => undefined);
      }
    },
    deliver(notification) {
      let isOurs = false;
      for (const { filter, io, isAcknowledged } of listeners) {
        if (!wants(filter, notification)) continue;
        isOurs = true;
        // Whoever is told that it listens looks at all of it then.
        if (isAcknowledged) void io.emit(notification);
      }
      return isOurs;
    },
    async again(io) {
      let begun: Promise<unknown> = Promise.resolve();
      // Where one of them fails, those after it are not watched any more either.
      for (const [uri, known] of watched) {
        begun = begun.then(() => change(link.exchange, io, 'resources/subscribe', uri));
        begun.catch(() => undefined);
        known.begun = begun;
      }
      await begun;
      // Nobody's call waits for a stream that the server may be slow to open.
      void Promise.resolve(link.noticesOpen?.()).then(acknowledge);
    },
    isWanted: () => listeners.size > 0,
    acknowledge,
    fail,
  };
}

function acknowledgement({ filter }: Listener): Notification {
  return {
    method: 'notifications/subscriptions/acknowledged',
    params: { notifications: filter },
  };
}

function connectionClosed(): McpError {
  return new McpError('connectionClosed', 'The connection was closed');
}

function honoured(asked: unknown, capabilities: ServerCapabilities): JsonObject {
  if (!isJsonObject(asked)) return {};
  const filter: { [type: string]: unknown } = {};
  const offers = {
    toolsListChanged: capabilities.tools?.listChanged,
    promptsListChanged: capabilities.prompts?.listChanged,
    resourcesListChanged: capabilities.resources?.listChanged,
  };
  for (const [type, offered] of Object.entries(offers)) {
    if (asked[type] === true && offered === true) filter[type] = true;
  }
  const uris = asked['resourceSubscriptions'];
  if (Array.isArray(uris) && capabilities.resources?.subscribe === true) {
    filter['resourceSubscriptions'] = uris;
  }
  const { taskIds } = asked;
  const hasTasks = extensionSettings(capabilities, extensionIds.tasks) !== undefined;
  if (Array.isArray(taskIds) && hasTasks) filter['taskIds'] = taskIds;
  return filter;
}

const memberOf: { readonly [method: string]: string | undefined } = {
  'notifications/tools/list_changed': 'toolsListChanged',
  'notifications/prompts/list_changed': 'promptsListChanged',
  'notifications/resources/list_changed': 'resourcesListChanged',
};

function wants(filter: JsonObject, { method, params }: Notification): boolean {
  const member = memberOf[method];
  if (member !== undefined) return filter[member] === true;
  if (method === taskNotice) {
    const ids = filter['taskIds'] as readonly unknown[] | undefined;
    return ids?.includes(params?.['taskId']) === true;
  }
  if (method !== 'notifications/resources/updated') return false;
  const uris = filter['resourceSubscriptions'] as readonly string[] | undefined;
  const uri = params?.['uri'];
  // An update may name a part of what was subscribed to.
  return uris?.some((watched) => uri === watched || String(uri).startsWith(`${watched}/`)) === true;
}
