import { isJsonObject, type JsonObject } from '../../json-rpc/message.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import { type Asked, createAsked } from '../asked.js';
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
  /** What others have asked it. */
  readonly asked: Asked<boolean>;
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
  const watch = async (worker: Worker, watchId: number, key: unknown): Promise<void> => {
    const { watches } = worker;
    // It may be taken back while the store takes its time.
    watches.set(watchId, () => undefined);
    const stop = await store.events.watch(key as Parameters<EventStore['watch']>[0], () =>
      sendNews(worker, { is: 'changed', watchId }),
    );
    if (watches.has(watchId)) watches.set(watchId, stop);
    else stop();
  };
  const ask = (node: string, topic: string, body: JsonObject): Promise<boolean> => {
    const worker = workers.get(node);
    if (worker === undefined || !life.isAlive(node)) return Promise.resolve(false);
    return worker.asked.ask((id) => worker.send({ is: 'asked', id, topic, body }));
  };
  const work = (worker: Worker, message: ToOwner): unknown => {
    switch (message.is) {
      case 'call':
        return call(message.part, message.method, message.args);
      case 'watch':
        return watch(worker, message.watchId, message.key);
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
      worker.watches.get(message.watchId)?.();
      worker.watches.delete(message.watchId);
    } else if (message.is === 'taken') {
      worker.asked.answer(message.id, message.isTaken);
    } else if (message.is === 'tell') {
      const { topic, body } = message;
      for (const other of workers.values())
        if (other !== worker) sendNews(other, { is: 'told', topic, body });
    }
  };
  const receive = async (worker: Worker, message: unknown): Promise<void> => {
    const wasAlive = life.isAlive(worker.name);
    life.heard(worker.name);
    if (!wasAlive && workers.get(worker.name) === worker) worker.send({ is: 'missed' });
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
      const { clusterAskMs: ms, clusterAsksMax: max } = limits;
      const asked = createAsked<boolean>({ clock, ms, max, whom: 'That node' });
      const worker: Worker = { name, send, watches: new Map(), asked };
      workers.set(name, worker);
      life.join(name, () => send({ is: 'ping' }));
      // Whatever one of them says, this process goes on for the others.
      port.onMessage((message) => void receive(worker, message).catch(() => undefined));
      return () => {
        workers.delete(name);
        life.leave(name);
        for (const stop of worker.watches.values()) stop();
        asked.refuseAll(new Error('That node has ended'));
        worker.watches.clear();
      };
    },
  };
}

function isAnswered({ is }: ToOwner): boolean {
  return is === 'call' || is === 'watch' || is === 'alive' || is === 'ask';
}

/** A worker runs code that is not ours, which can send whatever it likes. */
function isToOwner(message: unknown): message is ToOwner {
  if (!isJsonObject(message) || typeof message['is'] !== 'string') return false;
  const { is, id, watchId } = message;
  if (is === 'tell' || is === 'pong') return true;
  const isOfWatch = is === 'watch' || is === 'unwatch';
  return (
    (!isOfWatch || typeof watchId === 'number') && (is === 'unwatch' || typeof id === 'number')
  );
}
