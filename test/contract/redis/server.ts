/** Real Redis servers for tests, each in a folder of its own, which end with the test's process. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from './network.js';

export interface RedisServer {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  /** It does nothing more until it is woken; its connections stay. */
  pause(): void;
  wake(): void;
  /** Ends it at once, without a word. */
  kill(): Promise<void>;
  /** Again on the same port, with what its folder has kept, and these lines more. */
  start(more?: readonly string[]): Promise<void>;
  /** Ends it, and its folder. */
  end(): Promise<void>;
}

export interface RedisServerOptions {
  /** `appendonly yes`, with every write on the disk before it is answered. */
  readonly isDurable?: boolean;
  /** More lines for its configuration. */
  readonly config?: readonly string[];
  readonly port?: number;
  readonly program?: 'redis-server' | 'redis-sentinel';
  /** Where it runs, if not beside the test. */
  readonly on?: Host | undefined;
}

const localhost = '127.0.0.1';

/** Whether this machine has Redis; a skip is a failure where the system is said to be complete. */
export const hasRedis = ((): boolean => {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    if (process.env['REQUIRE_SYSTEM'] === '1') throw new Error('redis-server is not installed');
    return false;
  }
})();

const running = new Set<ChildProcess>();
const folders = new Set<string>();
// For what a test that failed, or was ended, has left.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const { isDurable = false, config = [], program = 'redis-server' } = options;
  const port = options.port ?? (await freePort());
  const host = options.on?.address ?? localhost;
  const within = options.on === undefined ? [] : ['ip', 'netns', 'exec', options.on.namespace];
  const folder = mkdtempSync(join(tmpdir(), 'redis-'));
  folders.add(folder);
  const keeping = isDurable ? ['appendonly yes', 'appendfsync always'] : ['appendonly no'];
  const lines = [
    `port ${port}`,
    `bind ${host}`,
    'protected-mode no',
    `dir ${folder}`,
    ...(program === 'redis-server' ? ["save ''", ...keeping] : []),
    ...config,
  ];
  let child: ChildProcess;
  let hasEnded: Promise<void>;
  const start = async (more: readonly string[] = []): Promise<void> => {
    // In a file, because sentinels write theirs anew.
    const file = join(folder, 'redis.conf');
    writeFileSync(file, `${[...lines, ...more].join('\n')}\n`);
    // It ends with this process, however that ends.
    const [command, ...args] = [...within, 'setpriv', '--pdeathsig', 'KILL', program, file];
    child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    running.add(child);
    let resolve = (): void => undefined;
    hasEnded = new Promise((done) => (resolve = done));
    child.once('exit', () => {
      running.delete(child);
      resolve();
    });
    await isReady(child);
  };
  await start();
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await hasEnded;
  };
  return {
    host,
    port,
    url: `redis://${host}:${port}`,
    pause: () => void child.kill('SIGSTOP'),
    wake: () => void child.kill('SIGCONT'),
    kill,
    start,
    async end() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
      folders.delete(folder);
    },
  };
}

/** One command to whatever listens there; the answer as it comes. */
export function ask(port: number, command: string, host = localhost): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, host);
    socket.setTimeout(1000, () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
    socket.once('data', (bytes) => {
      resolve(bytes.toString());
      socket.destroy();
    });
    socket.write(`${command}\r\n`);
  });
}

/** Resolves when it says that it is; what else it says is read and dropped. */
function isReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    child.stdout?.on('data', (bytes: Buffer) => {
      log = (log + bytes.toString()).slice(-4096);
      if (/Ready to accept connections|\+monitor master/.test(log)) resolve();
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`Redis has ended: ${log}`)));
  });
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
