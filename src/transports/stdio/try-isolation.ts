import { type ChildProcess, spawn } from 'node:child_process';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { defaultLimits } from '../../limits.js';
import { systemClock } from '../../platform/clock.js';
import { asProcessOne, handOver } from './hand-over.js';

export interface Refusal {
  readonly said: string;
  /** Whether it would be said again another time. */
  readonly isFinal: boolean;
}

const script = 'trap "exit 42" TERM; read one rest </proc/self/stat; echo $one; read line';

/** Why these words before a command do not do what they should, or undefined if they do. */
export function tryOut([file = '', ...words]: readonly string[]): Promise<Refusal | undefined> {
  return new Promise((resolve) => {
    const passing = (said: string): void => resolve({ said, isFinal: false });
    const child = start(file, [...words, ...asProcessOne, '/bin/sh', '-c', script], passing);
    // Without room for its pipes it has none.
    if (child?.pid === undefined) return;
    let said = '';
    let printed = '';
    const stop = systemClock.after(defaultLimits.toolAnswerMs, () =>
      end({ said: 'it takes too long', isFinal: false }),
    );
    const end = (why: Refusal | undefined): void => {
      stop();
      if (child.exitCode === null) child.kill('SIGKILL');
      resolve(why);
    };
    const { stderr, stdout } = child as ChildProcess & { stderr: Readable; stdout: Readable };
    stderr.on('data', (bytes: Buffer) => (said = (said + String(bytes)).slice(0, 200)));
    // Small numbers are seen only where /proc belongs to the namespace.
    stdout.on('data', (bytes: Buffer) => {
      printed += String(bytes);
      if (!printed.includes('\n') || child.pid === undefined) return;
      if (Number(printed) < 10) process.kill(-child.pid, 'SIGTERM');
      else end({ said: '/proc shows other processes', isFinal: true });
    });
    child.on('close', (code) => {
      if (code === 42) return end(undefined);
      // Some versions of unshare die of the signal themselves, and take the server with them.
      const untrue = code === 0 || printed !== '' ? 'a signal does not reach the server' : '';
      const why = said.trim() || untrue || `${basename(file)} says ${code}`;
      end({ said: why, isFinal: printed !== '' || (code !== null && !scarcity.test(why)) });
    });
  });
}

function start(
  file: string,
  args: readonly string[],
  onError: (message: string) => void,
): ChildProcess | undefined {
  try {
    const stdio = ['pipe', 'pipe', 'pipe', 'pipe'] as const;
    const child = spawn(file, args, { cwd: '/', env: {}, stdio: [...stdio], detached: true });
    child.on('error', ({ message }) => onError(message));
    for (const stream of child.stdio ?? []) stream?.on('error', () => undefined);
    if (child.pid !== undefined) handOver(child, {});
    return child;
  } catch (error) {
    onError(String(error));
    return undefined;
  }
}

/** How a system says that it is out of processes, memory, files or namespaces for now. */
const scarcity = /temporarily unavailable|cannot allocate|too many open|no space left/i;
