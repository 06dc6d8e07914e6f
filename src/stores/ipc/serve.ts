import { isJsonObject } from '../../json-rpc/message.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import type { EventStore } from '../event-store.js';
import type { ServerStore } from '../server-store.js';
import { type FromOwner, type IpcPort, servedMethods, type ToOwner } from './words.js';
import { watchWorkers } from './worker-life.js';

/** A store that one process has, for all its workers. */
export interface StoreOwner {
  /** Serves a worker, which is the node `name`; the returned function says that it is gone. */
  join(name: string, port: IpcPort): () => void;
}

interface Worker {
  readonly name: string;
  readonly send: (message: FromOwner) => void;
  readonly watches: Map<number, () => void>;
  /** What others have asked it, and wait for. */
  readonly asked: Map<number, (isTaken: boolean) => void>;
}

export interface ServeStoreOptions {
  readonly store: ServerStore;
  readonly limits: Limits;
  readonly clock: Clock;
}

type Method = (...args: readonly unknown[]) => unknown;

export function serveStore({ store, limits, clock }: ServeStoreOptions): StoreOwner {
  const workers = new Map<string, Worker>();
  const life = watchWorkers(limits, clock);
  let asks = 0;

  const call = (part: string, method: string, args: readonly unknown[]): unknown => {
    const names: readonly string[] | undefined = Object.hasOwn(servedMethods, part)
      ? servedMethods[part as keyof typeof servedMethods]
      : undefined;
    if (names?.includes(method) !== true) throw new TypeError(`${part}.${method} is not served`);
    const target = store[part as keyof typeof servedMethods] as unknown as Record<string, Method>;
    return target[method]!(...args);
  };
  /** What one hears that is at work; the rest would wait for it here, without a bound. */
  const sendNews = ({ name, send }: Worker, message: FromOwner): void => {
    if (life.isAlive(name)) send(message);
  };
  const watch = async (worker: Worker, id: number, key: unknown): Promise<void> => {
    const { watches } = worker;
    // It may be taken back while the store takes its time.
    watches.set(id, () => undefined);
    const stop = await store.events.watch(key as Parameters<EventStore['watch']>[0], () =>
      sendNews(worker, { is: 'changed', id }),
    );
    if (watches.has(id)) watches.set(id, stop);
    else stop();
  };
  const ask = (node: string, topic: string, body: Asked['body']): Promise<boolean> => {
    const worker = workers.get(node);
    if (worker === undefined || !life.isAlive(node)) return Promise.resolve(false);
    if (worker.asked.size >= limits.clusterAsksMax) throw new Error('Too much waits for that node');
    const id = ++asks;
    return new Promise((resolve, reject) => {
      const settle = (done: () => void): void => {
        stop();
        worker.asked.delete(id);
        done();
      };
      const stop = clock.after(limits.clusterAskMs, () =>
        settle(() => reject(new Error('That node does not answer'))),
      );
      worker.asked.set(id, (isTaken) => settle(() => resolve(isTaken)));
      worker.send({ is: 'asked', id, topic, body });
    });
  };
  const work = (worker: Worker, message: ToOwner): unknown => {
    switch (message.is) {
      case 'call':
        return call(message.part, message.method, message.args);
      case 'watch':
        return watch(worker, message.id, message.key);
      case 'alive':
        return life.isAlive(message.node);
      case 'ask':
        return ask(message.node, message.topic, message.body);
      default:
        return notice(worker, message);
    }
  };
  const notice = (worker: Worker, message: ToOwner): void => {
    if (message.is === 'unwatch') {
      worker.watches.get(message.id)?.();
      worker.watches.delete(message.id);
    } else if (message.is === 'taken') {
      worker.asked.get(message.id)?.(message.isTaken);
    } else if (message.is === 'tell') {
      const { topic, body } = message;
      for (const other of workers.values())
        if (other !== worker) sendNews(other, { is: 'told', topic, body });
    }
  };
  const receive = async (worker: Worker, message: unknown): Promise<void> => {
    life.heard(worker.name);
    if (!isToOwner(message)) return;
    const id = 'id' in message ? message.id : 0;
    try {
      const value = await work(worker, message);
      if (isAnswered(message)) worker.send({ is: 'done', id, value });
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause);
      if (isAnswered(message)) worker.send({ is: 'failed', id, message: text });
    }
  };

  return {
    join(name, port) {
      const send = (message: FromOwner): void => port.send(message);
      const worker: Worker = { name, send, watches: new Map(), asked: new Map() };
      workers.set(name, worker);
      life.join(name, () => send({ is: 'ping' }));
      // Whatever one of them says, this process goes on for the others.
      port.onMessage((message) => void receive(worker, message).catch(() => undefined));
      return () => {
        workers.delete(name);
        life.leave(name);
        for (const stop of worker.watches.values()) stop();
        for (const answer of [...worker.asked.values()]) answer(false);
        worker.watches.clear();
      };
    },
  };
}

type Asked = Extract<ToOwner, { readonly is: 'ask' }>;

function isAnswered({ is }: ToOwner): boolean {
  return is === 'call' || is === 'watch' || is === 'alive' || is === 'ask';
}

/** A worker runs code that is not ours, which can send whatever it likes. */
function isToOwner(message: unknown): message is ToOwner {
  if (!isJsonObject(message) || typeof message['is'] !== 'string') return false;
  const { is, id } = message;
  return is === 'tell' || is === 'pong' || typeof id === 'number';
}
