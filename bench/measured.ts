/** A program whose CPU time and memory the bench can ask for, on a core of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { commandOf, type Core } from './cores.js';

export interface Reading {
  readonly cpuMicros: number;
  /** After a full collection if `memory` was asked for; with what lies outside of V8's heap. */
  readonly heapBytes: number;
  readonly rssBytes: number;
}

export interface Program {
  /** Relative to bench/. */
  readonly path: string;
  readonly args?: readonly string[];
  readonly env?: { readonly [name: string]: string };
}

export interface Measured {
  readonly child: ChildProcess;
  read(what?: 'cpu' | 'memory'): Promise<Reading>;
  /** Waits for what the program says by itself. */
  told(): Promise<void>;
  /** Sends this to the program and waits for what it answers. */
  ask<Answer>(message: object | string): Promise<Answer>;
  end(): Promise<void>;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const startMs = 20_000;
const answerMs = 60_000;
const running = new Set<ChildProcess>();
process.on('exit', endAll);

/** Ends whatever is measured, because it takes too long or the run is over. */
export function endAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

export function start(program: Program, core: Core = 'measured'): Measured {
  const report = ['--expose-gc', '--import', here('servers/report.mjs')];
  const whole = [...report, here(program.path), ...(program.args ?? [])];
  const [command, args] = commandOf(whole, core);
  const env = { ...process.env, NODE_ENV: 'production', ...program.env };
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe', 'ipc'] });
  // The last of what it says is shown if it fails; the rest would fill the pipe.
  let said = '';
  child.stderr!.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
  running.add(child);
  child.once('exit', () => running.delete(child));
  return {
    child,
    read: (what = 'cpu') => answerOf<Reading>(child, what, () => said),
    told: () => answerOf(child, undefined, () => said),
    ask: (message) => answerOf(child, message, () => said),
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** The same with a port to listen at, once it does. */
export async function startAtPort(
  program: Program,
  core: Core = 'measured',
): Promise<Measured & { readonly port: number }> {
  const port = nextPort();
  const args = [...(program.args ?? []), '--port', String(port)];
  const measured = start({ ...program, args }, core);
  const until = performance.now() + startMs;
  while (!(await isOpen(port))) {
    if (performance.now() > until || measured.child.exitCode !== null) {
      await measured.end();
      throw new Error(`${program.path} does not listen`);
    }
  }
  return { ...measured, port };
}

/** The CPU time that the program takes for this, in µs, and what it gives. */
export async function cpuOf<Given>(
  measured: Pick<Measured, 'read'>,
  act: () => Promise<Given>,
): Promise<{ readonly micros: number; readonly given: Given }> {
  const before = await measured.read();
  const given = await act();
  return { micros: (await measured.read()).cpuMicros - before.cpuMicros, given };
}

/** How many of what `act` counts a second of the program's CPU time is good for. */
export async function perCpuSecond(
  measured: Pick<Measured, 'read'>,
  act: () => Promise<number>,
): Promise<number> {
  const { micros, given } = await cpuOf(measured, act);
  return (given * 1e6) / micros;
}

/** Bytes that the heap has grown by for each of what `act` counts. */
export async function heldByEach(
  { read }: Pick<Measured, 'read'>,
  act: () => Promise<number>,
): Promise<number> {
  // Memory is read twice: what ends with the last request is then gone.
  const settled = async (): Promise<number> => {
    await read('memory');
    return (await read('memory')).heapBytes;
  };
  const before = await settled();
  const count = await act();
  return ((await settled()) - before) / count;
}

async function answerOf<Answer>(
  child: ChildProcess,
  message: string | object | undefined,
  said: () => string,
): Promise<Answer> {
  const gone = new AbortController();
  const onExit = (): void => gone.abort();
  child.once('exit', onExit);
  const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(answerMs)]);
  const answer = once(child, 'message', { signal });
  if (message !== undefined) child.send(message);
  try {
    return ((await answer) as [Answer])[0];
  } catch (cause) {
    throw new Error(`The measured program gave no answer: ${said()}`, { cause });
  } finally {
    child.off('exit', onExit);
  }
}

let port = 20_000 + (process.pid % 10_000);
const nextPort = (): number => (port = port >= 31_000 ? 20_000 : port + 1);

function isOpen(at: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(at, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    // A short rest, or the core of the load is busy with asking.
    socket.once('error', () => setTimeout(() => resolve(false), 10));
    socket.once('connect', () => socket.destroy());
  });
}
