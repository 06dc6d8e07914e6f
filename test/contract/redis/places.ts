/** Stores for one test file: each test has a place of its own, and all are closed after it. */
import { afterEach } from 'vitest';
import {
  type RedisAddress,
  redisStore,
  type RedisStoreOptions,
} from '../../../src/stores/redis.js';
import type { ServerStore } from '../../../src/stores/server-store.js';

const opened: ServerStore[] = [];
let places = 0;

afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
});

/** A prefix that nobody else uses. */
export function newPlace(): string {
  return `test-${++places}:`;
}

export async function openStore(
  address: string | RedisAddress,
  options: RedisStoreOptions = {},
): Promise<ServerStore> {
  const store = await redisStore(address, { prefix: newPlace(), ...options });
  opened.push(store);
  return store;
}

/** How `act` went, and how long it took. */
export async function timed(
  act: () => unknown,
): Promise<{ readonly ms: number; readonly error: string | undefined }> {
  const startedAt = performance.now();
  const error = await Promise.resolve()
    .then(act)
    .then(
      () => undefined,
      (thrown: unknown) => (thrown as Error).message,
    );
  return { ms: performance.now() - startedAt, error };
}
