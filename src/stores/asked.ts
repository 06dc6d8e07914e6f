import type { Clock } from '../platform/clock.js';

export interface AskedOptions {
  readonly clock: Clock;
  /** How long an answer may take, in ms. */
  readonly ms: number;
  /** How many may wait for one. */
  readonly max: number;
  /** Who is asked, as errors say it, such as `The store`. */
  readonly whom: string;
}

/** What other processes were asked, by number: bounded in time and in number. */
export interface Asked<Answer> {
  /** Asks by `send`. Rejects when the answer does not come, or sending fails. */
  ask(send: (id: number) => unknown): Promise<Answer>;
  answer(id: number, answer: Answer): void;
  refuse(id: number, reason: Error): void;
  /** Rejects whatever waits. */
  refuseAll(reason: Error): void;
}

interface Waiting<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: Error) => void;
}

export function createAsked<Answer>({ clock, ms, max, whom }: AskedOptions): Asked<Answer> {
  const waiting = new Map<number, Waiting<Answer>>();
  let lastId = 0;

  const refuse = (id: number, reason: Error): void => waiting.get(id)?.reject(reason);
  return {
    ask(send) {
      if (waiting.size >= max) {
        return Promise.reject(new Error(`${whom} was asked more than ${max} things at once`));
      }
      const id = ++lastId;
      const answered = new Promise<Answer>((resolve, reject) => {
        const late = (): void => refuse(id, new Error(`${whom} does not answer`));
        const stop = clock.after(ms, late);
        const settled =
          <T>(settle: (value: T) => void) =>
          (value: T): void => {
            stop();
            waiting.delete(id);
            settle(value);
          };
        waiting.set(id, { resolve: settled(resolve), reject: settled(reject) });
      });
      // Both may throw, at once or later: then nothing was asked.
      void (async () => send(id))().catch((cause: unknown) => refuse(id, asError(cause)));
      return answered;
    },
    answer: (id, answer) => waiting.get(id)?.resolve(answer),
    refuse,
    refuseAll(reason) {
      for (const id of [...waiting.keys()]) refuse(id, reason);
    },
  };
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}
