import type { Redis, RedisOptions } from 'ioredis';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import { createListeners } from '../listeners.js';
import { createInFlight, type InFlight, plainError } from './in-flight.js';
import type { Script } from './script.js';

type Argument = string | number;

/**
 * One connection, which is made again whenever it breaks. Nothing waits for that: without one, and
 * when an answer takes too long, a command rejects; none is ever sent twice.
 */
export interface Connection {
  /**
   * Which server this is, and since when it has been the primary one. Another one may lack what
   * this one had taken.
   */
  readonly epoch: string;
  /** How often a script was sent whole, as the server had forgotten it. */
  readonly resent: number;
  run(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown>;
  call(command: string, ...args: readonly Argument[]): Promise<unknown>;
  /** Called each time that it is ready for commands; the first time as well. */
  onReady(ready: () => void): void;
  /** Called when the server has become another one. */
  onEpoch(changed: () => void): () => void;
  /** Asks who the server is and how late it is there; rejects when it does not answer. */
  check(): Promise<void>;
  /** Gives up the connection as it is; it is made again. */
  renew(): void;
  close(): Promise<void>;
  /** The client itself. */
  readonly redis: Redis;
}

export interface ConnectionOptions {
  readonly address: RedisOptions;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly scripts: readonly Script[];
}

/** Resolves when it is ready; rejects when it is not within `storeConnectMs`. */
export async function connectRedis(options: ConnectionOptions): Promise<Connection> {
  const { address, limits, clock } = options;
  const Client = await loadClient();
  const redis = new Client({ ...address, ...mannersFor(limits) });
  const connection = new RedisConnection(redis, options);
  await new Promise<void>((resolve, reject) => {
    let last: Error | undefined;
    const stop = clock.after(
      limits.storeConnectMs,
      () => {
        void connection.close();
        reject(last ?? new Error(`Redis: not ready within ${limits.storeConnectMs} ms`));
      },
      { holdsProcess: true },
    );
    // What goes wrong is told by the commands that fail; the first time there are none.
    redis.on('error', (thrown: Error) => (last = plainError(thrown)));
    connection.onReady(() => {
      stop();
      resolve();
    });
  });
  return connection;
}

async function loadClient(): Promise<new (options: RedisOptions) => Redis> {
  try {
    return (await import('ioredis')).Redis;
  } catch (cause) {
    throw new Error('Redis needs the package "ioredis": npm install ioredis', { cause });
  }
}

function mannersFor(limits: Limits): RedisOptions {
  return {
    // Works with every server and every proxy before it.
    protocol: 2,
    disableClientInfo: true,
    connectTimeout: limits.storeCommandMs,
    // For what the library itself sends; commands of ours have a time of their own.
    socketTimeout: 2 * limits.storeCommandMs,
    disconnectTimeout: 200,
    retryStrategy: (times) => Math.min(50 * times, limits.storeReconnectMsMax),
    sentinelRetryStrategy: (times) => Math.min(50 * times, limits.storeReconnectMsMax),
    sentinelCommandTimeout: limits.storeCommandMs,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    // It was the primary one; whoever is now is asked for.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  };
}

class RedisConnection implements Connection {
  readonly redis: Redis;
  resent = 0;
  readonly #limits: Limits;
  readonly #scripts: readonly Script[];
  readonly #inFlight: InFlight;
  readonly #ready = new Set<() => void>();
  readonly #changed = createListeners();
  #epoch = '';
  /** The server is another one, and those who want to know were not told yet. */
  #isOther = false;
  #isReady = false;
  #isClosed = false;
  #isCorked = false;
  /** What to add to the time of this process for that of the server, as lately measured. */
  #offsetsMs: readonly number[] = [];

  constructor(redis: Redis, { limits, clock, scripts }: ConnectionOptions) {
    this.redis = redis;
    this.#limits = limits;
    this.#scripts = scripts;
    const timeoutMs = limits.storeCommandMs;
    const max = limits.storeCallsMax;
    const onTimeout = (): void => this.renew();
    this.#inFlight = createInFlight({ clock, timeoutMs, max, onTimeout });
    redis.on('ready', () => void this.#prepare());
    redis.on('close', () => (this.#isReady = false));
  }

  get epoch(): string {
    return this.#epoch;
  }

  async run(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    const { storeCommandMs } = this.#limits;
    // Well before it is given up here: what is refused there was surely not done.
    const untilMs = performance.now() + storeCommandMs / 2 + Math.min(...this.#offsetsMs);
    const until = Math.ceil(untilMs);
    const rest = [keys.length, ...keys, until, this.#epoch, ...args];
    try {
      return await this.call('EVALSHA', script.sha, ...rest);
    } catch (thrown) {
      const { message } = thrown as Error;
      if (message.includes('NOSCRIPT')) {
        this.resent++;
        return this.call('EVAL', script.lua, ...rest);
      }
      // Its clock may have been set.
      if (message.includes('LATE')) this.#setClock();
      throw thrown;
    }
  }

  call(command: string, ...args: readonly Argument[]): Promise<unknown> {
    if (!this.#isReady) return Promise.reject(new Error('Redis cannot be reached just now'));
    return this.#send(command, args);
  }

  onReady(ready: () => void): void {
    this.#ready.add(ready);
  }

  onEpoch(changed: () => void): () => void {
    return this.#changed.add(changed);
  }

  async check(): Promise<void> {
    await this.#ask(false);
    this.#tell();
  }

  async #ask(isClockNew: boolean): Promise<void> {
    const askedAt = performance.now();
    const [server, replication, time] = await Promise.all([
      this.#send('INFO', ['server']),
      this.#send('INFO', ['replication']),
      this.#send('TIME', []),
    ]);
    const [seconds, micros] = time as readonly [string, string];
    // Each is too much by a part of the time that the question took: the least is the best.
    const offsetMs = Number(seconds) * 1000 + Number(micros) / 1000 - askedAt;
    this.#offsetsMs = [...(isClockNew ? [] : this.#offsetsMs.slice(-offsetsKept)), offsetMs];
    const epoch = `${fieldOf(server, 'run_id')}.${fieldOf(replication, 'master_replid')}`;
    this.#isOther ||= this.#epoch !== '' && this.#epoch !== epoch;
    this.#epoch = epoch;
  }

  #tell(): void {
    if (!this.#isOther || !this.#isReady) return;
    this.#isOther = false;
    this.#changed.tell();
  }

  renew(): void {
    this.#isReady = false;
    // Whoever does not answer will not say goodbye, either.
    if (!this.#isClosed) this.redis.stream.destroy();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isReady = false;
    const hasEnded = new Promise<void>((resolve) => {
      if (this.redis.status === 'end') resolve();
      else this.redis.once('end', resolve);
    });
    this.redis.disconnect();
    // It has nothing to say when it was between two attempts.
    if (this.redis.status !== 'reconnecting') await hasEnded;
  }

  #setClock(): void {
    this.#ask(true).then(
      () => this.#tell(),
      () => undefined,
    );
  }

  async #prepare(): Promise<void> {
    const { stream } = this.redis;
    try {
      const loads = this.#scripts.map(({ lua }) => this.#send('SCRIPT', ['LOAD', lua]));
      await Promise.all([this.#ask(true), ...loads]);
    } catch {
      // Nothing is possible without it: another attempt, later.
      if (this.redis.stream === stream) this.renew();
      return;
    }
    if (this.redis.stream !== stream || this.#isClosed) return;
    this.#isReady = true;
    for (const ready of this.#ready) ready();
    this.#tell();
  }

  #send(command: string, args: readonly Argument[]): Promise<unknown> {
    const { stream } = this.redis;
    if (stream.writableLength > this.#limits.storeBytesWaitingMax) {
      return Promise.reject(new Error('Redis does not keep up'));
    }
    // What is sent in one turn leaves in one piece.
    if (!this.#isCorked) {
      this.#isCorked = true;
      stream.cork();
      process.nextTick(() => {
        this.#isCorked = false;
        stream.uncork();
      });
    }
    return this.#inFlight.wait(() => this.redis.call(command, ...args));
  }
}

const offsetsKept = 4;

function fieldOf(info: unknown, name: string): string {
  const line = String(info)
    .split('\r\n')
    .find((one) => one.startsWith(`${name}:`));
  return line?.slice(name.length + 1) ?? '';
}
