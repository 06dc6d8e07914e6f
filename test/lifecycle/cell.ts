import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Behaviour, behaviours, type HostEnding } from './behaviours.js';
import type { HostOrder, HostReport } from './host.js';
import { marked, zombies } from './processes.js';

export interface Outcome {
  readonly spawned: number;
  readonly isolation: string;
  /** Processes that were seen alive before the end: proof that they can be seen at all. */
  readonly seen: number;
  readonly survivors: number;
  readonly zombies: number;
  /** From the end of the host, or what it took the host to close the slowest. */
  readonly goneMs: number;
}

export interface CellOptions {
  readonly count: number;
  readonly isolation?: HostOrder['isolation'];
  readonly sandbox?: HostOrder['sandbox'];
  /** Ends the host as soon as the first server is up, while it starts the others. */
  readonly early?: boolean;
}

const goneMsMax = 6000;
const hostScript = fileURLToPath(new URL('host.ts', import.meta.url));

/** A host that starts servers which all behave so, and how much of them outlives its end. */
export async function runCell(
  behaviour: Behaviour,
  ending: HostEnding,
  { count, isolation = 'auto', sandbox = 'none', early = false }: CellOptions,
): Promise<Outcome> {
  const mark = randomUUID();
  const folder = mkdtempSync(join(tmpdir(), 'lifecycle-'));
  const isFlood = behaviour === 'fork flood';
  const shell = ['/bin/sh', '-c', behaviours[behaviour], mark];
  // Processes of root are not bounded, and those of others by user, so each flood has its own.
  const words = isFlood && process.getuid?.() === 0 ? [...asAnother, ...shell] : shell;
  const [command = '', ...args] = words;
  const bounded = { profile: 'limits', bounds: { processes: 48 } } as const;
  const env = { MARK: mark, FIFO: join(folder, '%') };
  const host = startHost({
    count,
    command,
    args,
    env,
    sandbox: isFlood ? bounded : sandbox,
    isolation,
  });
  try {
    if (early) await host.line();
    const report = early ? none : await host.report();
    const known = new Set([...report.up, host.pid]);
    const seen = marked(mark).length;
    const began = performance.now();
    const closedMs = ending === 'closes' ? await host.close() : await host.kill();
    // What close() has waited for is gone by then; what the kernel does takes its time.
    if (ending === 'is killed') {
      const left = (): number => marked(mark).length + zombies(known).length;
      await until(() => left() === 0, goneMsMax);
    }
    return {
      spawned: count,
      isolation: report.isolation,
      seen,
      survivors: marked(mark).length,
      zombies: zombies(known).length,
      goneMs: closedMs ?? Math.round(performance.now() - began),
    };
  } finally {
    await host.kill();
    // Some may start others while they are being ended.
    await until(() => endAll(marked(mark)) === 0, goneMsMax);
    rmSync(folder, { recursive: true, force: true });
  }
}

const asAnother = ['setpriv', '--reuid=6400%', '--regid=65534', '--clear-groups', '--'];
const none: HostReport = { up: [], isolation: '' };

function endAll(pids: readonly number[]): number {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
  return pids.length;
}

/** There is no event for the death of processes of others, so they are looked at again. */
async function until(isOver: () => boolean, msMax: number): Promise<void> {
  const end = performance.now() + msMax;
  while (!isOver() && performance.now() < end) await breath();
}

const breath = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Not in plain text, or the host would have the mark of its servers. */
const hostWords = (order: HostOrder): string[] => {
  const words = Buffer.from(JSON.stringify(order)).toString('base64');
  return ['--import', 'tsx', hostScript, words];
};

/** Hosts that are killed so many ms after they began to start servers; how many are left of these. */
export async function killEarly(
  afterMs: readonly number[],
  sandbox: HostOrder['sandbox'],
): Promise<number> {
  const mark = randomUUID();
  // Nothing but SIGKILL ends them, and they do not see that the host is gone.
  const script = `trap '' TERM HUP; exec </dev/null >/dev/null; while :; do sleep 1000; done`;
  const args = ['-c', script, mark];
  const order = {
    count: 6,
    command: '/bin/sh',
    args,
    env: {},
    sandbox,
    isolation: 'auto',
  } as const;
  try {
    for (const ms of afterMs) {
      const host = spawn(process.execPath, hostWords({ ...order, killAfterMs: ms }));
      const [, signal] = await once(host, 'exit');
      if (signal !== 'SIGKILL') throw new Error('The host ended otherwise');
    }
    await until(() => marked(mark).length === 0, goneMsMax);
    return marked(mark).length;
  } finally {
    await until(() => endAll(marked(mark)) === 0, goneMsMax);
  }
}

interface Host {
  readonly pid: number;
  line(): Promise<string>;
  report(): Promise<HostReport>;
  /** Resolves with the time that the slowest server took. */
  close(): Promise<number>;
  kill(): Promise<undefined>;
}

function startHost(order: HostOrder): Host {
  const child: ChildProcess = spawn(process.execPath, hostWords(order), {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('The host has no pipes');
  const exited = new Promise<undefined>((resolve) => child.once('exit', () => resolve(undefined)));
  const lines = createInterface(stdout)[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const { done, value } = await lines.next();
    if (done === true) throw new Error('The host is gone');
    return value;
  };
  return {
    pid: child.pid ?? 0,
    line,
    async report() {
      await line();
      return JSON.parse(await line()) as HostReport;
    },
    async close() {
      stdin.write('close\n');
      return Number(await line());
    },
    kill() {
      child.kill('SIGKILL');
      return exited;
    },
  };
}
