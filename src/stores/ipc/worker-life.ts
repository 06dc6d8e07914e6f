import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import { repeat } from '../../platform/repeat.js';

/** Whether the workers of one process answer, asked again and again while there are any. */
export interface WorkerLife {
  join(name: string, ping: () => void): void;
  leave(name: string): void;
  /** It has said something. */
  heard(name: string): void;
  isAlive(name: string): boolean;
}

interface Life {
  readonly ping: () => void;
  /** How many times in a row it has not answered. */
  silent: number;
}

/**
 * Counted by the questions, not by the time: where this process itself was stopped for a while, all
 * of them look silent until they were asked once more.
 */
export function watchWorkers(limits: Limits, clock: Clock): WorkerLife {
  const lives = new Map<string, Life>();
  let stop: (() => void) | undefined;

  const ask = (): void => {
    for (const life of lives.values()) {
      // One question waits for it already.
      if (life.silent === 0) life.ping();
      life.silent++;
    }
  };
  return {
    join(name, ping) {
      lives.set(name, { ping, silent: 0 });
      stop ??= repeat(clock, limits.clusterRenewMs, ask);
    },
    leave(name) {
      lives.delete(name);
      if (lives.size > 0) return;
      stop?.();
      stop = undefined;
    },
    heard(name) {
      const life = lives.get(name);
      if (life !== undefined) life.silent = 0;
    },
    isAlive(name) {
      const life = lives.get(name);
      return life !== undefined && life.silent * limits.clusterRenewMs <= limits.clusterLeaseMs;
    },
  };
}
