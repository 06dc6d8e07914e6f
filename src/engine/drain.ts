import { McpError } from '../errors.js';
import type { Clock } from '../platform/clock.js';
import type { Flight } from './flight.js';
import { LinkedList } from './linked-list.js';
import type { Places } from './places.js';

/** The calls that run now: bounded, and able to finish before everything stops. */
export interface Running {
  /** Throws when the server is full or closing. */
  add(call: Flight): void;
  delete(call: Flight): void;
  /** Asks what lives long to come to its own end. */
  wrapUp(): void;
  /** Ends the oldest `count` as shut down, to make room. */
  endOldest(count: number): void;
  /** Refuses what comes, waits up to `ms` for what runs, then ends the rest as shut down. */
  drain(ms: number): Promise<void>;
  readonly closing: boolean;
  readonly size: number;
}

export function createRunning(clock: Clock, places: Places): Running {
  const calls = new LinkedList<Flight>();
  let closing = false;
  let emptied: (() => void) | undefined;

  return {
    add(call) {
      if (closing) throw new McpError('unavailable', 'The server is shutting down');
      places.take(call.peer.principal);
      calls.add(call);
    },
    delete(call) {
      if (!calls.delete(call)) return;
      places.leave(call.peer.principal);
      if (calls.size === 0) emptied?.();
    },
    wrapUp() {
      closing = true;
      for (const call of calls) call.wrapUp();
    },
    endOldest(count) {
      for (const call of [...calls].slice(0, count)) call.end('shutDown');
    },
    async drain(ms) {
      closing = true;
      // Who was asked to come to an end has a turn for the last words, even when there is no time.
      if (calls.size > 0 && ms === 0) {
        await new Promise<void>((resolve) => clock.nextTurn(resolve));
      } else if (calls.size > 0) {
        await new Promise<void>((resolve) => {
          // Somebody waits for nothing else than this.
          const stop = clock.after(ms, resolve, { holdsProcess: true });
          emptied = () => {
            stop();
            resolve();
          };
        });
      }
      for (const call of calls) call.end('shutDown');
    },
    get closing() {
      return closing;
    },
    get size() {
      return calls.size;
    },
  };
}
