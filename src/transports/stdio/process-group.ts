import type { ChildProcess } from 'node:child_process';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child process and what it started, as far as that stayed in its group. */
export interface ProcessGroup {
  readonly exited: Promise<Exit>;
  /** Asks, then tells, then kills. Resolves when the child has exited. */
  end(): Promise<Exit>;
}

export interface ProcessGroupOptions {
  readonly child: ChildProcess;
  /** Whether the child leads a process group of its own. */
  readonly leadsGroup: boolean;
  readonly limits: Limits;
  readonly clock: Clock;
}

export function createProcessGroup(options: ProcessGroupOptions): ProcessGroup {
  const { child, limits, clock } = options;
  const signal: Signal = (name) => signalAll(options, name);

  const forget = child.pid === undefined ? (): void => undefined : endWithUs(signal);
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, exitSignal) => {
      forget();
      // Helpers that the child has left behind would hold its output open.
      if (options.leadsGroup) signal('SIGKILL');
      resolve({ code, signal: exitSignal });
    });
  });

  return {
    exited,
    async end() {
      child.stdin?.end();
      if (!(await settles(exited, limits.stdinCloseMs, clock))) {
        signal('SIGTERM');
        if (!(await settles(exited, limits.terminateMs, clock))) signal('SIGKILL');
      }
      return exited;
    },
  };
}

type Signal = (name: NodeJS.Signals) => void;

const living = new Set<Signal>();

/** Children in groups of their own do not get the Ctrl-C of a terminal along with us. */
function endWithUs(signal: Signal): () => void {
  if (living.size === 0) process.on('exit', endAll);
  living.add(signal);
  return () => {
    living.delete(signal);
    if (living.size === 0) process.off('exit', endAll);
  };
}

function endAll(): void {
  for (const signal of living) signal('SIGTERM');
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

function signalAll({ child, leadsGroup }: ProcessGroupOptions, name: NodeJS.Signals): void {
  try {
    if (leadsGroup && child.pid !== undefined) process.kill(-child.pid, name);
    else child.kill(name);
  } catch {
    // Nobody is left in the group.
  }
}
