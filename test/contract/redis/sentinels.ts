/** A primary Redis, a replica, and three sentinels that watch them. */
import type { Host } from './network.js';
import { ask, type RedisServer, startRedis } from './server.js';
import type { RedisAddress } from '../../../src/stores/redis.js';

export interface Guarded {
  readonly address: RedisAddress;
  readonly servers: readonly RedisServer[];
  /** Which of the servers the sentinels name just now. */
  primary(): Promise<RedisServer>;
  /** The other one follows it, and has all that it has. */
  isInStep(): Promise<boolean>;
  end(): Promise<void>;
}

const name = 'main';

/** `on`: where they run, if not here: the two servers, then the sentinels. */
export async function startGuarded(on: readonly Host[] = []): Promise<Guarded> {
  const quick = ['repl-diskless-sync-delay 0', 'repl-ping-replica-period 1', 'repl-timeout 5'];
  const first = await startRedis({ config: quick, on: on[0] });
  const replicaof = `replicaof ${first.host} ${first.port}`;
  const second = await startRedis({ config: [...quick, replicaof], on: on[1] });
  const servers = [first, second];
  const sentinels: RedisServer[] = [];
  for (let at = 0; at < 3; at++) sentinels.push(await startSentinel(first, on[at + 2]));
  const primary = async (): Promise<RedisServer> => {
    const command = `SENTINEL get-master-addr-by-name ${name}`;
    const answers = await Promise.all(sentinels.map(({ host, port }) => ask(port, command, host)));
    const ports = answers.map((answer) => Number(/\r\n(\d+)\r\n$/.exec(answer)?.[1]));
    const found = servers.find(({ port }) => ports.every((one) => one === port));
    if (found === undefined) throw new Error(`The sentinels do not agree: ${ports.join(', ')}`);
    return found;
  };
  return {
    address: { name, sentinels: sentinels.map(({ host, port }) => ({ host, port })) },
    servers,
    primary,
    async isInStep() {
      const { host, port } = await primary();
      const info = await ask(port, 'INFO replication', host);
      const known = await Promise.all(
        sentinels.map((sentinel) => ask(sentinel.port, `SENTINEL replicas ${name}`, sentinel.host)),
      );
      return (
        info.includes('role:master') &&
        /slave0:.*state=online/.test(info) &&
        known.every((answer) => !/[so]_down|disconnected/.test(answer))
      );
    },
    async end() {
      await Promise.all([...sentinels, ...servers].map((server) => server.end()));
    },
  };
}

function startSentinel({ host, port }: RedisServer, on: Host | undefined): Promise<RedisServer> {
  return startRedis({
    program: 'redis-sentinel',
    on,
    config: [
      `sentinel monitor ${name} ${host} ${port} 2`,
      `sentinel down-after-milliseconds ${name} 1000`,
      `sentinel failover-timeout ${name} 3000`,
      `sentinel parallel-syncs ${name} 1`,
    ],
  });
}
