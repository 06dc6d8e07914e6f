import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import type { Cluster } from '../cluster-store.js';
import type { EventStore } from '../event-store.js';
import type { ServerStore } from '../server-store.js';
import { createTopics } from '../topics.js';
import {
  type FromOwner,
  type IpcPort,
  servedMethods,
  type ServedPart,
  type ToOwner,
} from './words.js';

export interface IpcStoreOptions {
  readonly port: IpcPort;
  /** The name of this node, which the owner of the store knows it by. */
  readonly name: string;
  readonly limits: Limits;
  readonly clock: Clock;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (cause: Error) => void;
}

/** A store that another process of this machine has. */
export function ipcStore(options: IpcStoreOptions): ServerStore {
  const { port, name, limits, clock } = options;
  const waiting = new Map<number, Waiting>();
  const watches = new Map<number, () => void>();
  const topics = createTopics();
  let ids = 0;

  const send = (message: ToOwner): void => port.send(message);
  const request = (message: Question, id = ++ids): Promise<unknown> => {
    if (waiting.size >= limits.storeCallsMax) {
      return Promise.reject(
        new Error(`More than ${limits.storeCallsMax} calls wait for the store`),
      );
    }
    return new Promise((resolve, reject) => {
      const stop = clock.after(limits.storeCommandMs, () => {
        waiting.delete(id);
        reject(new Error('The process that has the store does not answer'));
      });
      const settled =
        <T>(settle: (value: T) => void) =>
        (value: T): void => {
          stop();
          waiting.delete(id);
          settle(value);
        };
      waiting.set(id, { resolve: settled(resolve), reject: settled(reject) });
      send({ ...message, id });
    });
  };
  const part = <Part extends ServedPart>(of: Part): ServerStore[Part] => {
    const methods = servedMethods[of].map((method) => [
      method,
      (...args: readonly unknown[]) => request({ is: 'call', part: of, method, args }),
    ]);
    return Object.fromEntries(methods) as ServerStore[Part];
  };
  const receive = (message: FromOwner): void => {
    if (message.is === 'done') waiting.get(message.id)?.resolve(message.value);
    else if (message.is === 'failed') waiting.get(message.id)?.reject(new Error(message.message));
    else if (message.is === 'changed') watches.get(message.id)?.();
    else if (message.is === 'ping') send({ is: 'pong' });
    else {
      const { topic, body } = message;
      void topics
        .deliver(topic, body)
        .catch(() => false)
        .then((isTaken) => {
          if (message.is === 'asked') send({ is: 'taken', id: message.id, isTaken });
        });
    }
  };
  port.onMessage((message) => receive(message as FromOwner));

  const watch: EventStore['watch'] = async (key, changed) => {
    const id = ++ids;
    watches.set(id, changed);
    const stop = (): void => {
      if (watches.delete(id)) send({ is: 'unwatch', id });
    };
    try {
      await request({ is: 'watch', key }, id);
    } catch (cause) {
      stop();
      throw cause;
    }
    return stop;
  };
  const cluster: Cluster = {
    self: name,
    isAlive: async (node) => node === name || (await request({ is: 'alive', node })) === true,
    tell: (topic, body) => send({ is: 'tell', topic, body }),
    ask: async (node, topic, body) => (await request({ is: 'ask', node, topic, body })) === true,
    hear: topics.hear,
  };
  return {
    sessions: { ...part('sessions'), isShared: true },
    events: { ...part('events'), watch },
    rates: part('rates'),
    tasks: part('tasks'),
    keys: part('keys'),
    cluster,
    async close() {
      const gone = new Error('The store was closed');
      for (const { reject } of [...waiting.values()]) reject(gone);
      for (const id of watches.keys()) send({ is: 'unwatch', id });
      watches.clear();
      topics.clear();
    },
  };
}

type WithoutId<T> = T extends { readonly id: number } ? Omit<T, 'id'> : never;
type Question = WithoutId<Extract<ToOwner, { readonly is: 'call' | 'watch' | 'alive' | 'ask' }>>;
