/** The server whose events are counted. It keeps a log of all that it has sent. */
import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { Limits } from '../../src/limits.js';
import { type Call, createServer } from '../../src/server/index.js';
import { listen } from '../../src/transports/http/index.js';
import { answerParent, optionsOfParent } from '../floods/children.js';
import { type Ring, uriOf } from './ring.js';
import { type Fault, withFault } from './faulty-store.js';
import { now } from './now.js';
import { openStore, type StoreName } from './stores.js';

export interface ServerOptions {
  readonly store: StoreName;
  readonly limits?: Partial<Limits>;
  /** What is planted, so that the oracle is seen to notice. */
  readonly fault?: Fault;
}

/** What the tool `count` is told. */
export interface CountArgs {
  /** Names the call among all calls of all clients. */
  readonly tag: string;
  /** How many events come before the answer, which is the last. */
  readonly events: number;
  /** Waits with the answer until all that wait are let go. */
  readonly holds?: boolean;
}

/** What the server knows of one call. */
export interface SentCall {
  /** Events, the answer included, that the handler has sent. */
  sent: number;
  fate: 'running' | 'answered' | 'aborted';
}

export interface SentLog {
  readonly calls: { readonly [tag: string]: SentCall };
  /** How many notices were sent to each client. */
  readonly notices: { readonly [who: string]: number };
}

/** So many events come in one turn. */
const eventsPerTurn = 16;

const { store: name, limits = {}, fault } = optionsOfParent<ServerOptions>();
const calls = new Map<string, SentCall>();
const notices = new Map<string, number>();
const held: (() => void)[] = [];
let running = 0;
let connected = 0;
let wake = (): void => undefined;

subscribe('net.server.socket', (message) => {
  connected++;
  (message as { socket: Socket }).socket.once('close', () => {
    connected--;
    wake();
  });
});
const server = createServer({ name: 'delivery', version: '1.0.0', limits });
server.tool('count', { input: { type: 'object' } }, (args, call) =>
  count(args as unknown as CountArgs, call),
);
server.resource('note:///{+path}', { name: 'notes' }, () => 'a note');
const store = await openStore(name, limits);
const shown = fault === undefined ? store : withFault(store, fault);
const listening = await listen(server, { port: 0, limits, store: shown });

answerParent(
  {
    /** Sends those who watch a ring the notices with these numbers. */
    notify({ ring, from, upTo }: { ring: Ring; from: number; upTo: number }) {
      for (let n = from; n <= upTo; n++) notifyOf(ring, n);
    },
    tellSteadily,
    /** How many calls wait to be let go. */
    held: () => held.length,
    release() {
      for (const resolve of held.splice(0)) resolve();
    },
    /** What was sent, once no handler runs any more. */
    async log(): Promise<SentLog> {
      while (running > 0) await new Promise<void>((resolve) => (wake = resolve));
      return sent();
    },
    sent,
    /** Forgets what it has logged, which is no cost of serving. */
    forget() {
      calls.clear();
      notices.clear();
    },
    /** Megabytes of objects, without what is garbage. */
    memory() {
      globalThis.gc?.();
      return process.memoryUsage().heapUsed / 2 ** 20;
    },
    /** What keeps this process up, once nobody is connected. */
    async handles() {
      while (connected > 0) await new Promise<void>((resolve) => (wake = resolve));
      return process.getActiveResourcesInfo();
    },
  },
  listening.port,
);

// As whoever deploys a new version tells the old one to end.
process.once('SIGTERM', () => {
  void listening
    .close()
    .then(() => store.close())
    .then(() => process.exit(0));
});

function notifyOf(ring: Ring, n: number): void {
  notices.set(ring.name, n);
  server.resourceUpdated(uriOf(ring, n));
}

/** What was sent until now. */
function sent(): SentLog {
  return { calls: Object.fromEntries(calls), notices: Object.fromEntries(notices) };
}

/** What is told at a steady rate, whether earlier notices have been read or not. */
export interface SteadyRate {
  /** Told in turn. */
  readonly rings: readonly Ring[];
  readonly everyMs: number;
  /** How often each ring is told. */
  readonly rounds: number;
}

/** Resolves when all was told, with the time on the clock of all processes when it began. */
function tellSteadily({ rings, everyMs, rounds }: SteadyRate): Promise<number> {
  const startedAt = now();
  let told = 0;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      // One that is late catches up.
      while (told < rounds * rings.length && startedAt + told * everyMs <= now()) {
        const ring = rings[told++ % rings.length]!;
        notifyOf(ring, (notices.get(ring.name) ?? 0) + 1);
      }
      if (told < rounds * rings.length) return;
      clearInterval(timer);
      resolve(startedAt);
    }, 1);
  });
}

async function count({ tag, events, holds }: CountArgs, call: Call): Promise<string> {
  const entry: SentCall = { sent: 0, fate: 'running' };
  calls.set(tag, entry);
  running++;
  try {
    while (entry.sent < events) {
      const n = ++entry.sent;
      if (n % 2 === 1) await call.progress(n, { message: `${tag}/${n}` });
      else await call.log('info', `${tag}/${n}`);
      if (n % eventsPerTurn === 0) await new Promise((resolve) => setImmediate(resolve));
      call.signal.throwIfAborted();
    }
    if (holds === true) await new Promise<void>((resolve) => void held.push(resolve));
    call.signal.throwIfAborted();
    entry.fate = 'answered';
    return `${tag}/${++entry.sent}`;
  } finally {
    if (entry.fate === 'running') entry.fate = 'aborted';
    running--;
    wake();
  }
}
