import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { pythonProgram } from '../python/python.js';
import { Inbox } from './inbox.js';
import {
  type CallWishes,
  createDemoAnswers,
  type DemoAnswers,
  type InteropClient,
  type LogEntry,
  model,
  type ProgressStep,
  testClient,
} from './interop-client.js';

export interface PythonTarget {
  readonly url?: string;
  readonly program?: { readonly command: string; readonly args: readonly string[] };
  readonly era: 'legacy' | 'modern';
  /** How the SDK is to find its revision. */
  readonly mode: string;
}

type Greeting = Pick<InteropClient, 'protocolVersion' | 'server' | 'capabilities' | 'instructions'>;

/** What the program of `client.py` says in one line. */
interface Line {
  readonly connected?: Greeting;
  readonly done?: number;
  readonly value?: unknown;
  readonly error?: { readonly message: string; readonly code?: number };
  readonly progress?: number;
  readonly step?: { [member in keyof ProgressStep]: ProgressStep[member] | null };
  readonly log?: LogEntry;
  readonly change?: string;
  readonly ask?: number;
  readonly kind?: keyof DemoAnswers;
  readonly params?: never;
}

/** A client of the official Python SDK, led from here line by line. */
export async function connectPython(target: PythonTarget): Promise<InteropClient> {
  const leash = startProgram(target);
  const { answers, logs, changes, request } = leash;
  return {
    ...(await leash.connected),
    answers,
    logs,
    async ping() {
      await request('ping', null);
    },
    list: (what) => request('list', what),
    call: (name, args = {}, wishes = {}) =>
      request(
        'call',
        { name, args, meta: wishes.meta, progress: wishes.onProgress !== undefined },
        wishes,
      ),
    read: (uri) => request('read', uri),
    prompt: (name, args) => request('prompt', { name, args }),
    complete: (wish) => request('complete', wish),
    async watch(what) {
      changes.drain();
      const number = leash.nextNumber();
      await request('watch', what);
      return { changes, stop: () => request('unwatch', { ...what, number }) };
    },
    close: leash.close,
  };
}

interface Leash {
  readonly connected: Promise<Greeting>;
  readonly answers: DemoAnswers;
  readonly logs: Inbox<LogEntry>;
  readonly changes: Inbox<string>;
  readonly request: <T>(what: string, wish: unknown, wishes?: CallWishes) => Promise<T>;
  readonly nextNumber: () => number;
  readonly close: () => Promise<void>;
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (reason: Error) => void;
  readonly onProgress: CallWishes['onProgress'];
}

function startProgram(target: PythonTarget): Leash {
  const told = JSON.stringify({ ...target, client: testClient, model });
  const [command, ...args] = pythonProgram('client', told);
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = new Map<number, Waiting>();
  const answers = createDemoAnswers();
  const logs = new Inbox<LogEntry>();
  const changes = new Inbox<string>();
  const write = (line: object): void => void child.stdin.write(`${JSON.stringify(line)}\n`);
  let number = 0;
  let greet = (_greeting: Greeting): void => undefined;
  const greeted = new Promise<Greeting>((resolve) => (greet = resolve));

  readLines(child, (line) => {
    if (line.connected !== undefined) greet(line.connected);
    if (line.log !== undefined) logs.push(line.log);
    if (line.change !== undefined) changes.push(line.change);
    if (line.ask !== undefined) {
      write({ answer: line.ask, value: answers[line.kind!](line.params!) });
    }
    if (line.progress !== undefined) {
      waiting.get(line.progress)?.onProgress?.(line.step as ProgressStep);
    }
    if (line.done !== undefined) settle(line, waiting.get(line.done));
  });
  const gone = new Error('The Python client has ended');
  const ended = once(child, 'close').then(() => {
    for (const { reject } of waiting.values()) reject(gone);
  });

  return {
    connected: Promise.race([greeted, ended.then(() => Promise.reject(gone))]),
    answers,
    logs,
    changes,
    nextNumber: () => number + 1,
    request: (what, wish, { signal, onProgress } = {}) =>
      new Promise((resolve, reject) => {
        const mine = ++number;
        waiting.set(mine, { resolve, reject, onProgress });
        signal?.addEventListener('abort', () => write({ cancel: mine }), { once: true });
        write({ do: mine, what, wish });
      }),
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}

function settle({ value, error }: Line, waiting: Waiting | undefined): void {
  if (error === undefined) return waiting?.resolve(value as never);
  const { message, ...code } = error;
  waiting?.reject(Object.assign(new Error(message), code));
}

function readLines(
  child: ChildProcessByStdio<Writable, Readable, null>,
  take: (line: Line) => void,
): void {
  createInterface({ input: child.stdout }).on('line', (text) => take(JSON.parse(text) as Line));
}
