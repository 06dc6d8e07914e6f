import { type Limits, resolveLimits } from '../limits.js';
import { type Clock, systemClock } from '../platform/clock.js';
import { type Random, systemRandom } from '../platform/random.js';
import type { ServerStore } from './server-store.js';
import { type DriverName, findDriver } from './sqlite/driver.js';
import { openStore, type Synchronous } from './sqlite/store.js';

export interface SqliteOptions {
  /** Of events and rates. Those of the server should be the same. */
  readonly limits?: Partial<Limits>;
  /**
   * `NORMAL` (the default): what was taken survives the death of the process at any moment; when
   * the machine loses power, the last moments may be gone, and readers are told. `FULL`: it
   * survives that too, and each write waits for the disk.
   */
  readonly synchronous?: Synchronous;
  /** Default: the first of these that is there. */
  readonly driver?: DriverName;
  readonly clock?: Clock;
  readonly random?: Random;
}

/**
 * Keeps sessions, events, tasks and keys in one file, so that they outlive the process: a server
 * that is restarted, or killed, goes on with them. How often callers came is forgotten.
 *
 * One process owns the file; a second one is refused. It is created for this user alone, and
 * refused where others may open it, for it holds keys. Needs the SQLite of Node (from 22.13 on),
 * or one of the packages `libsql` and `better-sqlite3`.
 */
export async function sqliteStore(file: string, options: SqliteOptions = {}): Promise<ServerStore> {
  const { limits, synchronous = 'NORMAL', clock = systemClock, random = systemRandom } = options;
  const connect = await findDriver(options.driver);
  return openStore({ file, connect, limits: resolveLimits(limits), synchronous, clock, random });
}

export type { Clock, DriverName, Limits, Random, ServerStore, Synchronous };
