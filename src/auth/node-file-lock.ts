/** A lock between processes that nobody holds for longer than they live. */
import { randomUUID } from 'node:crypto';
import {
  link,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { McpError } from '../errors.js';
import { defaultLimits } from '../limits.js';

export interface FileLock {
  /** Rejects when another one has taken it over, as from a process that was stopped for long. */
  stillHeld(): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes the lock, as soon as it is free. Each holder makes the file with the next number, which
 * only one can do; that of the highest number is the lock. So a dead holder is succeeded by one
 * alone, however many find it dead at once.
 */
export async function createFileLock(path: string): Promise<FileLock> {
  const me = `${path}.${randomUUID()}.tmp`;
  await writeFile(me, JSON.stringify(await whoAmI()), { mode: 0o600, flag: 'wx' });
  try {
    for (let waitedMs = 0; ;) {
      const last = await highest(path);
      if (last === 0 || !(await isHeld(`${path}.${last}`))) {
        const number = last + 1;
        if (await tryTake(path, me, number)) return lockOf(path, number);
      } else {
        if (waitedMs > defaultLimits.tokenLockMs * 2) throw notToBeHad(path);
        const ms = 10 + Math.random() * 30;
        waitedMs += ms;
        await wait(ms);
      }
    }
  } finally {
    await rm(me, { force: true });
  }
}

async function tryTake(path: string, me: string, number: number): Promise<boolean> {
  const own = `${path}.${number}`;
  const now = new Date();
  try {
    // The time of waiting does not count as time of holding.
    await utimes(me, now, now);
    await link(me, own);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cause;
  }
  // Whoever looked long ago may fill a gap below the lock: that is no lock.
  if ((await highest(path)) === number) return true;
  await rm(own, { force: true });
  return false;
}

function lockOf(path: string, number: number): FileLock {
  const own = `${path}.${number}`;
  return {
    async stillHeld() {
      if ((await highest(path)) !== number) throw notToBeHad(path);
    },
    async release() {
      // The highest number always stays, so that numbers never begin anew.
      const free = `${own}.${randomUUID()}.tmp`;
      await writeFile(free, '{}', { mode: 0o600 });
      await rename(free, own);
      const older = (await numbersOf(path)).filter((one) => one < number);
      await Promise.all(older.map((one) => rm(`${path}.${one}`, { force: true })));
    },
  };
}

async function highest(path: string): Promise<number> {
  return Math.max(0, ...(await numbersOf(path)));
}

async function numbersOf(path: string): Promise<readonly number[]> {
  const beginning = `${basename(path)}.`;
  return (await readdir(dirname(path)))
    .filter((name) => name.startsWith(beginning))
    .map((name) => Number(name.slice(beginning.length)))
    .filter((number) => Number.isInteger(number) && number > 0);
}

interface Holder {
  readonly host?: string;
  readonly pid?: number;
  readonly born?: string;
  /** In which numbering of processes, and since which start of the machine, `pid` is valid. */
  readonly space?: string;
}

async function whoAmI(): Promise<Holder> {
  const [born, own] = await Promise.all([bornAt(process.pid), ourSpace()]);
  return { host: hostname(), pid: process.pid, born, space: own };
}

/** Containers may have one host name, and each a process of our number. */
function ourSpace(): Promise<string> {
  return (space ??= readSpace());
}

let space: Promise<string> | undefined;

async function readSpace(): Promise<string> {
  const numbers = await readlink('/proc/self/ns/pid').catch(() => '');
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'latin1').catch(() => '');
  return `${numbers} ${boot.trim()}`;
}

async function isHeld(file: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(file);
    // The longest that a holder works is far shorter: it has been stopped, or is of another host.
    if (Date.now() - mtimeMs > defaultLimits.tokenLockMs) return false;
    const holder = JSON.parse(await readFile(file, 'utf8')) as Holder;
    const { host, pid, born } = holder;
    if (pid === undefined) return false;
    // Of another's processes nothing can be told, so that the time alone decides.
    const { space: from } = holder;
    if (host !== hostname() || (from !== undefined && from !== (await ourSpace()))) return true;
    return isAlive(pid) && (await bornAt(pid)) === born;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || cause instanceof SyntaxError) return false;
    throw cause;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Tells a process from a later one of the same number, where the system tells. */
async function bornAt(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function notToBeHad(path: string): McpError {
  return new McpError('internal', `The lock ${path} is held by another process`);
}
