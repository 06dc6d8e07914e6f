import process from 'node:process';
import { resolveLimits } from '../../limits.js';
import { systemClock } from '../../platform/clock.js';
import { ipcStore } from '../../stores/ipc/connect.js';
import type { ServerStore } from '../../stores/server-store.js';
import { isSaid, type Listening, nodeVariable, storePort } from './words.js';

/** One of the processes of `serve --nodes`. */
export interface NodeWorker {
  /** The store of the process that has started this one. */
  openStore(): ServerStore;
  /** Tells that process where this one listens. */
  listening(url: string, port: number): void;
  /** Resolves when this one has to end, or that process is gone. */
  readonly ended: Promise<void>;
}

/** Undefined in a process that nobody has started as a node. */
export function nodeWorker(): NodeWorker | undefined {
  const name = process.env[nodeVariable];
  if (name === undefined || process.send === undefined) return undefined;
  return {
    openStore: () =>
      ipcStore({ port: storePort(process), name, limits: resolveLimits(), clock: systemClock }),
    listening(url, port) {
      const said: Listening = { is: 'listening', url, port };
      process.send?.(said);
    },
    ended: new Promise((resolve) => {
      process.on('message', (said) => {
        if (isSaid(said, 'end')) resolve();
      });
      process.once('disconnect', resolve);
    }),
  };
}
