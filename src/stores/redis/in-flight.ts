import type { Clock } from '../../platform/clock.js';

interface Waiting {
  readonly until: number;
  readonly reject: (reason: Error) => void;
}

/**
 * Commands that Redis has not answered: so many, each for so long. All have the same time, so that
 * they run out in the order in which they came, and one timer serves all.
 */
export interface InFlight {
  /** Rejects when there are too many, or `answer` takes too long. */
  wait<T>(answer: () => Promise<T>): Promise<T>;
}

export interface InFlightOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly max: number;
  /** Told when some have run out of time. */
  readonly onTimeout: () => void;
}

export function createInFlight({ clock, timeoutMs, max, onTimeout }: InFlightOptions): InFlight {
  const waiting = new Set<Waiting>();
  let isWatched = false;

  const check = (): void => {
    const [oldest] = waiting;
    isWatched = oldest !== undefined;
    if (oldest === undefined) return;
    // What has arrived is read first: it may be this process that was late.
    clock.after(Math.max(0, oldest.until - performance.now()), () => clock.nextTurn(expire));
  };
  const expire = (): void => {
    const now = performance.now();
    let hasExpired = false;
    for (const one of waiting) {
      if (one.until > now) break;
      hasExpired = true;
      waiting.delete(one);
      one.reject(new Error(`Redis has not answered within ${timeoutMs} ms`));
    }
    check();
    if (hasExpired) onTimeout();
  };

  return {
    wait(answer) {
      if (waiting.size >= max) {
        return Promise.reject(new Error(`More than ${max} commands wait for Redis`));
      }
      return new Promise((resolve, reject) => {
        const one = { until: performance.now() + timeoutMs, reject };
        waiting.add(one);
        if (!isWatched) check();
        answer().then(
          (value) => {
            waiting.delete(one);
            resolve(value);
          },
          (thrown: unknown) => {
            waiting.delete(one);
            reject(plainError(thrown));
          },
        );
      });
    },
  };
}

/** The errors of the client library carry the arguments, which may be secrets. */
export function plainError(thrown: unknown): Error {
  const { message } = thrown as Partial<Error>;
  return new Error(`Redis: ${message ?? 'it has failed'}`);
}
