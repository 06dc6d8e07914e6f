import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import { repeat } from '../../platform/repeat.js';
import type { Random } from '../../platform/random.js';
import { memoryCluster } from '../memory-kept.js';
import { memoryRates } from '../memory-rates.js';
import type { ServerStore } from '../server-store.js';
import { createDatabase } from './database.js';
import type { Connect, Connection } from './driver.js';
import { sqliteEvents } from './events.js';
import { orExplain } from './faults.js';
import { takeFile } from './file.js';
import { sqliteKeys } from './keys.js';
import { createReader } from './row.js';
import { isNew, makeTables } from './schema.js';
import { sqliteSessions } from './sessions.js';
import { sqliteTasks } from './tasks.js';

export type Synchronous = 'NORMAL' | 'FULL';

export interface StoreOptions {
  readonly file: string;
  readonly connect: Connect;
  readonly limits: Limits;
  readonly synchronous: Synchronous;
  readonly clock: Clock;
  readonly random: Random;
}

export function openStore({ file, connect, ...options }: StoreOptions): ServerStore {
  const { path, release } = takeFile(file);
  try {
    const connection = orExplain(path, () => connect(path));
    try {
      return storeOn(connection, path, { ...options, release });
    } catch (cause) {
      abandon(connection);
      throw cause;
    }
  } catch (cause) {
    release();
    throw cause;
  }
}

interface OpenOptions extends Omit<StoreOptions, 'file' | 'connect'> {
  readonly release: () => void;
}

function storeOn(connection: Connection, path: string, options: OpenOptions): ServerStore {
  const { limits, clock, random, release } = options;
  orExplain(path, () => {
    // The lock is taken by the first that reads, and held until the end.
    connection.exec('pragma locking_mode = exclusive');
    const isEmpty = isNew(connection, path);
    configure(connection, options);
    if (isEmpty) makeTables(connection);
  });
  const database = createDatabase(connection, path);
  const read = createReader(path);
  const events = sqliteEvents({ database, read, limits, clock });
  const sessions = sqliteSessions({ database, read, limits, clock, events });
  const stopSweep = repeat(clock, limits.sweepMs, () => {
    sessions.expire();
    events.expire();
  });
  let isOpen = true;
  const checkOpen = (): void => {
    if (!isOpen) throw new Error(`The store in ${path} is closed`);
  };
  return {
    sessions: rejecting(sessions, checkOpen),
    events: rejecting(events, checkOpen),
    tasks: rejecting(sqliteTasks(database, read), checkOpen),
    keys: rejecting(sqliteKeys(database, read), checkOpen),
    rates: memoryRates(limits.rateKeysMax, clock),
    // There are no other nodes: the file is this one's alone.
    cluster: memoryCluster(random),
    async close() {
      if (!isOpen) return;
      isOpen = false;
      stopSweep();
      try {
        orExplain(path, () => letGo(connection));
      } finally {
        release();
      }
    },
  };
}

function configure(connection: Connection, { synchronous, limits }: OpenOptions): void {
  const level = synchronous === 'FULL' ? 'full' : 'normal';
  connection.exec(
    `pragma journal_mode = wal; pragma synchronous = ${level};
    pragma journal_size_limit = ${limits.storeLogBytesMax};
    begin immediate; commit`,
  );
}

/** Closes what cannot be used, and leaves it as it was. */
function abandon(connection: Connection): void {
  try {
    connection.exec('pragma locking_mode = normal; select count(*) from sqlite_schema');
  } catch {
    // Whoever opened it is told of the first fault.
  } finally {
    connection.close();
  }
}

/**
 * The log goes into the file, which is whole by itself then, and the lock is given up: some drivers
 * close a connection no sooner than its last statement is collected.
 */
function letGo(connection: Connection): void {
  try {
    connection.exec(
      `pragma journal_mode = delete; pragma locking_mode = normal;
      select count(*) from sqlite_schema`,
    );
  } finally {
    connection.close();
  }
}

/** Methods that reject where they would throw, as the interfaces say, and answer at once else. */
function rejecting<Store extends object>(store: Store, checkOpen: () => void): Store {
  const methods = Object.entries(store).map(([name, member]: [string, unknown]) => {
    if (typeof member !== 'function') return [name, member];
    const method = (...args: readonly unknown[]): unknown => {
      try {
        checkOpen();
        return (member as (...args: readonly unknown[]) => unknown)(...args);
      } catch (cause) {
        return Promise.reject(cause);
      }
    };
    return [name, method];
  });
  return Object.fromEntries(methods) as Store;
}
