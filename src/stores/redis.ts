import { resolveLimits, type Limits } from '../limits.js';
import { type Clock, systemClock } from '../platform/clock.js';
import { repeat } from '../platform/repeat.js';
import { type Random, systemRandom, toBase64Url } from '../platform/random.js';
import { readAddress, type RedisAddress } from './redis/address.js';
import { joinCluster } from './redis/cluster.js';
import { type Connection, connectRedis } from './redis/connection.js';
import { eventScripts } from './redis/event-scripts.js';
import { redisEvents } from './redis/events.js';
import { keyScripts, redisKeys } from './redis/keys.js';
import { leaseScripts } from './redis/lease.js';
import { namesFor } from './redis/names.js';
import { rateScripts, redisRates } from './redis/rates.js';
import { redisSessions, sessionScripts } from './redis/sessions.js';
import { keepOn, type Shared } from './redis/shared.js';
import { createSubscriber } from './redis/subscriber.js';
import { redisTasks, taskScripts } from './redis/tasks.js';
import type { ServerStore } from './server-store.js';

export type { RedisAddress } from './redis/address.js';
export type { ServerStore } from './server-store.js';

export interface RedisStoreOptions {
  /** Begins all names, so that several servers can share one Redis. Default: `sallyport:`. */
  readonly prefix?: string;
  /** Changes to the bounds of `limitTable`; the same on all nodes. */
  readonly limits?: Partial<Limits>;
  /**
   * So many replicas must have what is written before it counts as kept. Default: 0, and a
   * fail-over may lose the last moments, which is noticed and said.
   */
  readonly waitReplicas?: number;
  readonly clock?: Clock;
  readonly random?: Random;
}

/**
 * All that servers on several nodes share, in Redis or Valkey (one primary server, with or without
 * replicas and sentinels). Needs the package `ioredis`. Rejects when it cannot be reached. Later
 * on, while it cannot, methods reject within moments, and the connections are made again.
 */
export async function redisStore(
  address: string | RedisAddress,
  options: RedisStoreOptions = {},
): Promise<ServerStore> {
  const { prefix = 'sallyport:', waitReplicas = 0 } = options;
  const { clock = systemClock, random = systemRandom } = options;
  if (/[\s{}]/.test(prefix)) throw new TypeError('A prefix has neither spaces nor braces');
  const limits = resolveLimits(options.limits);
  const where = { address: readAddress(address), limits, clock };
  const connection = await connectRedis({ ...where, scripts: allScripts });
  const listening = await connectRedis({ ...where, scripts: [] }).catch(async (thrown: unknown) => {
    await connection.close();
    throw thrown;
  });
  const subscriber = createSubscriber(listening);
  const keep = keepOn(connection, waitReplicas, limits);
  const shared = { connection, subscriber, names: namesFor(prefix), limits, clock, keep };
  const stopWatching = watchConnections(connection, listening, shared);
  const closeBoth = async (): Promise<void> => {
    stopWatching();
    await Promise.all([connection.close(), listening.close()]);
  };
  try {
    const cluster = await joinCluster(shared, toBase64Url(random.bytes(16)));
    return {
      sessions: redisSessions(shared),
      events: redisEvents(shared),
      rates: redisRates(shared),
      tasks: redisTasks(shared),
      keys: redisKeys(shared),
      cluster,
      async close() {
        await cluster.close();
        await closeBoth();
      },
    };
  } catch (thrown) {
    await closeBoth();
    throw thrown;
  }
}

const allScripts = [
  ...eventScripts,
  ...sessionScripts,
  ...taskScripts,
  ...keyScripts,
  ...rateScripts,
  ...leaseScripts,
];

/**
 * Looks at both connections every few seconds: one that is silent may be dead, and both have to
 * lead to the same server, or what one is told the other does not hear.
 */
function watchConnections(
  connection: Connection,
  listening: Connection,
  { clock, limits }: Pick<Shared, 'clock' | 'limits'>,
): () => void {
  let isStopped = false;
  const stop = repeat(clock, limits.clusterRenewMs, async () => {
    await Promise.allSettled([connection.check(), listening.call('ping')]);
    if (!isStopped && listening.epoch !== connection.epoch) listening.renew();
  });
  return () => {
    isStopped = true;
    stop();
  };
}
