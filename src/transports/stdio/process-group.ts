import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import type { LaunchPlan } from './launch-plan.js';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child process and what it started, as far as its isolation holds that together. */
export interface ProcessGroup {
  readonly exited: Promise<Exit>;
  /** Asks, then tells, then kills. Resolves when the child has exited. */
  end(): Promise<Exit>;
}

export interface ProcessGroupOptions {
  readonly child: ChildProcess;
  /** Whether the child leads a process group of its own. */
  readonly leadsGroup: boolean;
  readonly plan: Pick<LaunchPlan, 'ending' | 'afterKill' | 'env'>;
  readonly limits: Limits;
  readonly clock: Clock;
}

export function createProcessGroup(options: ProcessGroupOptions): ProcessGroup {
  const { child, plan, limits, clock } = options;

  let killed = false;
  const forget = child.pid === undefined ? (): void => undefined : endWithUs(options);
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      forget();
      // Helpers that the child has left behind would hold its output open.
      if (options.leadsGroup) signalGroup(options, 'SIGKILL');
      // Launchers are not at their best when the process that they wait for is killed.
      if (killed) resolve({ code: null, signal: 'SIGKILL' });
      else resolve(plan.ending === 'group' ? { code, signal } : throughShell(code, signal));
    });
  });

  return {
    exited,
    async end() {
      child.stdin?.end();
      if (await settles(exited, limits.stdinCloseMs, clock)) return exited;
      terminate(options);
      if (await settles(exited, limits.terminateMs, clock)) return exited;
      killed = true;
      kill(options);
      const [exit] = await Promise.all([exited, runAfterKill(options)]);
      return exit;
    },
  };
}

const living = new Set<ProcessGroupOptions>();

/** Children in groups of their own do not get the Ctrl-C of a terminal along with us. */
function endWithUs(options: ProcessGroupOptions): () => void {
  if (living.size === 0) process.on('exit', endAll);
  living.add(options);
  return () => {
    living.delete(options);
    if (living.size === 0) process.off('exit', endAll);
  };
}

function endAll(): void {
  for (const options of living) terminate(options);
}

/** True when `promise` settles within `ms`. */
export function settles(promise: Promise<unknown>, ms: number, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const stop = clock.after(ms, () => resolve(false));
    void promise.then(() => {
      stop();
      resolve(true);
    });
  });
}

function terminate(options: ProcessGroupOptions): void {
  const leader = options.plan.ending === 'session' ? onlyChild(options.child) : undefined;
  if (leader === undefined) signalGroup(options, 'SIGTERM');
  else send(-leader, 'SIGTERM');
}

function kill(options: ProcessGroupOptions): void {
  const { child, plan, clock, limits } = options;
  const first = plan.ending === 'group' ? undefined : onlyChild(child);
  if (first === undefined) return signalGroup(options, 'SIGKILL');
  // The kernel ends a namespace with its process 1, and tells the parent once nobody is left in it.
  send(first, 'SIGKILL');
  const stop = clock.after(limits.terminateMs, () => signalGroup(options, 'SIGKILL'));
  child.once('exit', stop);
}

/** The process 1 of a namespace, as numbered outside, is the only child of its launcher. */
function onlyChild({ pid }: ChildProcess): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
    const [first] = text.trim().split(' ').map(Number);
    return first === 0 ? undefined : first;
  } catch {
    return undefined;
  }
}

function signalGroup({ child, leadsGroup }: ProcessGroupOptions, name: NodeJS.Signals): void {
  if (leadsGroup && child.pid !== undefined) send(-child.pid, name);
  else child.kill(name);
}

function send(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Nobody is left there.
  }
}

/** A launcher tells how a signal ended the server as shells do: by an exit code above 128. */
function throughShell(code: number | null, signal: NodeJS.Signals | null): Exit {
  if (code === null || code <= 128) return { code, signal };
  const entry = Object.entries(constants.signals).find(([, number]) => number === code - 128);
  return entry === undefined
    ? { code, signal }
    : { code: null, signal: entry[0] as NodeJS.Signals };
}

function runAfterKill({ plan, limits }: ProcessGroupOptions): Promise<void> {
  const { afterKill, env } = plan;
  if (afterKill === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    const { file, args } = afterKill;
    const child = spawn(file, args, { stdio: 'ignore', timeout: limits.killCommandMs, env });
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
}
