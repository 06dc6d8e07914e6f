import type { Exchange, Pace } from '../exchange.js';

type Timeout = Pick<Pace, 'pause' | 'resume'>;

/**
 * The timeouts of a client's open calls. They stand still while the client answers a question of
 * the server: a person is being waited for, and the question may not say which call it belongs to.
 */
export interface Patience {
  add(timeout: Timeout): void;
  delete(timeout: Timeout): void;
  /** The same answers, during which nothing times out. */
  during(answers: Exchange): Exchange;
  /** Does what a person is waited for. */
  waiting<Value>(work: () => Promise<Value>): Promise<Value>;
}

export function createPatience(): Patience {
  const timeouts = new Set<Timeout>();
  let answering = 0;
  const waiting = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    if (answering++ === 0) for (const timeout of timeouts) timeout.pause();
    try {
      return await work();
    } finally {
      if (--answering === 0) for (const timeout of timeouts) timeout.resume();
    }
  };
  return {
    add(timeout) {
      timeouts.add(timeout);
      if (answering > 0) timeout.pause();
    },
    delete: (timeout) => void timeouts.delete(timeout),
    during: (answers) => (request, io) => waiting(() => answers(request, io)),
    waiting,
  };
}
