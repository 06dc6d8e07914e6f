import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Limits, resolveLimits } from '../../src/limits.js';
import { systemPlatform } from '../../src/platform/platform.js';
import { memoryStore } from '../../src/stores/memory.js';
import { redisStore } from '../../src/stores/redis.js';
import type { ServerStore } from '../../src/stores/server-store.js';
import { sqliteStore } from '../../src/stores/sqlite.js';
import { startRedis } from '../contract/redis/server.js';

/** `memory`, `sqlite:FILE` or `redis://…`, as the command line names them. */
export type StoreName = string;

/** The store of that name, for one server. */
export function openStore(name: StoreName, limits: Partial<Limits>): Promise<ServerStore> {
  if (name === 'memory') return Promise.resolve(memoryStore(resolveLimits(limits), systemPlatform));
  if (name.startsWith('sqlite:')) return sqliteStore(name.slice('sqlite:'.length), { limits });
  if (/^rediss?:/.test(name)) return redisStore(name, { limits });
  return Promise.reject(new RangeError(`There is no store "${name}"`));
}

/** A place to keep things in that is empty, and gone when it is ended. */
export interface Place {
  readonly name: StoreName;
  end(): Promise<void>;
}

/** Makes a new one of each kind of store. */
export const places: { readonly [kind: string]: () => Promise<Place> } = {
  memory: () => Promise.resolve({ name: 'memory', end: () => Promise.resolve() }),
  async sqlite() {
    const folder = await mkdtemp(join(tmpdir(), 'delivery-'));
    return {
      name: `sqlite:${join(folder, 'store.db')}`,
      end: () => rm(folder, { recursive: true, force: true }),
    };
  },
  async redis() {
    const { url, end } = await startRedis();
    return { name: url, end };
  },
};
