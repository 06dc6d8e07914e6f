import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import { createAsked } from '../asked.js';
import type { Cluster } from '../cluster-store.js';
import type { EventStore } from '../event-store.js';
import type { ServerStore } from '../server-store.js';
import { createListeners } from '../listeners.js';
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

/** A store that another process of this machine has. */
export function ipcStore(options: IpcStoreOptions): ServerStore {
  const { port, name, limits, clock } = options;
  const { storeCommandMs: ms, storeCallsMax: max } = limits;
  const asked = createAsked<unknown>({ clock, ms, max, whom: 'The process that has the store' });
  const watches = new Map<number, () => void>();
  const topics = createTopics();
  const missers = createListeners();
  let watchIds = 0;

  const send = (message: ToOwner): void => port.send(message);
  const request = (message: Question): Promise<unknown> =>
    asked.ask((id) => send({ ...message, id }));
  const part = <Part extends ServedPart>(of: Part): ServerStore[Part] => {
    const methods = servedMethods[of].map((method) => [
      method,
      (...args: readonly unknown[]) => request({ is: 'call', part: of, method, args }),
    ]);
    return Object.fromEntries(methods) as ServerStore[Part];
  };
  const receive = (message: FromOwner): void => {
    if (message.is === 'done') asked.answer(message.id, message.value);
    else if (message.is === 'failed') asked.refuse(message.id, new Error(message.message));
    else if (message.is === 'changed') watches.get(message.watchId)?.();
    else if (message.is === 'ping') send({ is: 'pong' });
    else if (message.is === 'missed') missers.tell();
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
    const watchId = ++watchIds;
    watches.set(watchId, changed);
    const stop = (): void => {
      if (watches.delete(watchId)) send({ is: 'unwatch', watchId });
    };
    try {
      await request({ is: 'watch', watchId, key });
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
    onMissed: missers.add,
  };
  return {
    sessions: { ...part('sessions'), isShared: true },
    events: { ...part('events'), watch },
    rates: part('rates'),
    tasks: part('tasks'),
    keys: part('keys'),
    cluster,
    async close() {
      asked.refuseAll(new Error('The store was closed'));
      for (const watchId of watches.keys()) send({ is: 'unwatch', watchId });
      watches.clear();
      topics.clear();
      missers.clear();
    },
  };
}

type WithoutId<T> = T extends { readonly id: number } ? Omit<T, 'id'> : never;
type Question = WithoutId<Extract<ToOwner, { readonly is: 'call' | 'watch' | 'alive' | 'ask' }>>;
