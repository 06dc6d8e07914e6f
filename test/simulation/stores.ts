import type { StoredEvent } from '../../src/stores/event-store.js';
import type { Dice } from './dice.js';
import type { Faults } from './faults.js';
import type { Process, Scheduler } from './scheduler.js';

/** What was given to stores of events, whichever node did so. */
export interface SentLog {
  /** A store has failed: numbers may be missing, and readers may have been told so. */
  hasFailed: boolean;
  /** The sessions that are kept. */
  readonly sessions: Set<string>;
  at(stream: string, seq: number): string | undefined;
  put(stream: string, seq: number, data: string): void;
}

export function createSentLog(): SentLog {
  const streams = new Map<string, Map<number, string>>();
  return {
    hasFailed: false,
    sessions: new Set(),
    at: (stream, seq) => streams.get(stream)?.get(seq),
    put(stream, seq, data) {
      let events = streams.get(stream);
      if (events === undefined) streams.set(stream, (events = new Map()));
      if (!events.has(seq)) events.set(seq, data);
    },
  };
}

export interface FaultyOptions {
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly dice: Dice;
  readonly faults: () => Faults;
  readonly sent: SentLog;
  /** What the store says of itself: only one that says so may have taken what it refused. */
  readonly outageMs: number | undefined;
  /** Who uses it: one that is killed hears no answer. */
  readonly process: Process;
  readonly note: (text: string) => void;
  /** May change what a method returns. */
  readonly mutate: (method: string, args: readonly unknown[], result: unknown) => unknown;
}

type Method = (...args: unknown[]) => unknown;

/**
 * Any store, as somebody finds it who asks over a network: it may answer in a later turn, fail, or
 * have done what it says it has not. What is asked first is done first.
 */
export function faulty<Store extends object>(store: Store, options: FaultyOptions): Store {
  const { name, scheduler, dice, process, note, mutate } = options;
  let last: Promise<unknown> | undefined;
  let queued = 0;

  const run = (method: string, original: Method, args: unknown[]): unknown => {
    const result = original.apply(store, args);
    record(options.sent, method, args, result);
    return mutate(method, args, result);
  };
  const call = (method: string, original: Method, args: unknown[]): unknown => {
    if (process.isDead) return new Promise(() => undefined);
    const faults = options.faults();
    const fails = dice.chance(faults.storeFails);
    const mayLie = method !== 'append' || options.outageMs !== undefined;
    const lies = dice.chance(faults.storeLies) && mayLie;
    if (fails || lies) options.sent.hasFailed = true;
    const act = (): unknown => {
      const result = fails ? undefined : run(method, original, args);
      if (fails || lies) throw new Error(`${name} failed`);
      return result;
    };
    if (queued === 0 && !dice.chance(faults.storeLate)) {
      if (fails || lies) note(`${name}.${method} fails`);
      return act();
    }
    return later(method, act);
  };
  const later = (method: string, act: () => unknown): Promise<unknown> => {
    queued++;
    const wait = (what: string): Promise<void> =>
      new Promise((resolve) => {
        scheduler.after(dice.between(0, 40), `${name}.${method} ${what}`, resolve);
      });
    const before = last ?? Promise.resolve();
    const done = before.then(() => wait('is done')).then(act);
    last = done.catch(() => undefined).then(() => queued--);
    const answer = async (): Promise<void> => {
      await wait('answers');
      if (process.isDead) await new Promise(() => undefined);
    };
    return done.then(
      (result) => answer().then(() => result),
      (thrown: unknown) => answer().then(() => Promise.reject(thrown as Error)),
    );
  };

  return new Proxy(store, {
    get(target, property, receiver) {
      if (property === 'outageMs') return options.outageMs;
      const member: unknown = Reflect.get(target, property, receiver);
      if (typeof member !== 'function' || typeof property !== 'string') return member;
      return (...args: unknown[]) => call(property, member as Method, args);
    },
  });
}

/** What stores were given. */
function record(sent: SentLog, method: string, args: readonly unknown[], result: unknown): void {
  if (method === 'put' || method === 'add') {
    sent.sessions.add((args[0] as { readonly hash: string }).hash);
  }
  if (method === 'delete') sent.sessions.delete(args[1] as string);
  // Whoever does not write a stream any more has added nothing to it.
  if (method !== 'append' || result === false) return;
  const { stream } = args[0] as { readonly stream: string };
  const { seq, data } = args[2] as StoredEvent;
  sent.put(stream, seq, data);
}
