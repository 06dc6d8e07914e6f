/** The server that is flooded. Its bounds come with the command line; tests ask how it is doing. */
import { subscribe } from 'node:diagnostics_channel';
import { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { queryObjects } from 'node:v8';
import type { Limits } from '../../src/limits.js';
import { type Call, createServer } from '../../src/server/index.js';
import { createEndpoint } from '../../src/transports/http/index.js';
import { listenOnNode } from '../../src/transports/http/node-listen.js';
import { nodeLoad } from '../../src/transports/http/node-load.js';
import { openStore } from '../delivery/stores.js';
import { answerParent, optionsOfParent } from './children.js';

export interface TargetOptions {
  readonly limits?: Partial<Limits>;
  /** Whether it looks at its own load. */
  readonly watchesLoad?: boolean;
  /** Where it keeps things, as the command line names it. Default: memory. */
  readonly store?: string;
}

/** What the tool `talk` is told. */
export interface Talk {
  /** How many notices of progress. */
  readonly count: number;
  /** How many characters each has beside its own. */
  readonly pad?: number;
  /** The time between two. */
  readonly everyMs?: number;
  /** Goes on without waiting for the reader. */
  readonly hurries?: boolean;
}

export interface Counts {
  /** Notices of progress that were sent, and for which there was room. */
  sent: number;
  /** Calls of `talk` that run, returned, and were aborted. */
  running: number;
  returned: number;
  aborted: number;
}

/** Times are of the monotonic clock, in ms; it is the same in all processes. */
export interface Accepted {
  readonly port: number;
  readonly openedAt: number;
  closedAt?: number;
}

const delays = monitorEventLoopDelay({ resolution: 10 });
delays.enable();

const anything = { type: 'object' } as const;
const counts: Counts = { sent: 0, running: 0, returned: 0, aborted: 0 };
const accepted: Accepted[] = [];
let open = 0;
let held: (() => void)[] = [];
let ballast: unknown[] = [];

subscribe('net.server.socket', (message) => {
  const { socket } = message as { socket: Socket };
  const one: Accepted = { port: socket.remotePort ?? 0, openedAt: performanceNow() };
  accepted.push(one);
  open++;
  socket.once('close', () => {
    one.closedAt = performanceNow();
    open--;
  });
});

const { limits = {}, watchesLoad = false, store = 'memory' } = optionsOfParent<TargetOptions>();
const server = createServer({ name: 'target', version: '1.0.0', limits });
server.tool('look', {}, () => 'a harmless look');
server.tool('talk', { input: anything }, (args, call) => talk(args as unknown as Talk, call));
server.tool('large', { input: anything }, ({ bytes }) => 'x'.repeat(Number(bytes)));
server.tool('spin', { input: anything }, ({ ms }) => {
  const until = performance.now() + Number(ms);
  while (performance.now() < until);
  return 'spun';
});
server.tool('hold', {}, async () => {
  await new Promise<void>((resolve) => held.push(resolve));
  return 'held';
});
server.resource('memo:///{+name}', { name: 'memos' }, () => 'a memo');

const endpoint = createEndpoint(server, { limits, store: await openStore(store, limits) });
const listening = await listenOnNode(endpoint, { limits });
if (watchesLoad) endpoint.watchLoad(nodeLoad());

answerParent(
  {
    counts: () => counts,
    /** Megabytes of this process, without what is garbage: it takes a while to find out. */
    memory() {
      globalThis.gc?.();
      return process.memoryUsage.rss() / 2 ** 20;
    },
    /** How many answers something still holds on to. It collects garbage. */
    answers: () => queryObjects(ServerResponse, { format: 'count' }),
    /** The longest turn of the event loop since the last time it was asked, in ms. */
    longestTurn() {
      const ms = delays.max / 1e6;
      delays.reset();
      return ms;
    },
    connections: () => ({ open, accepted }),
    change({ uri }: { uri: string }) {
      server.resourceUpdated(uri);
    },
    held: () => held.length,
    release() {
      for (const resolve of held) resolve();
      held = [];
    },
    /** Takes up so much of the memory for objects. */
    fill({ percent }: { percent: number }) {
      while (heapPercent() < percent) ballast.push(Array.from({ length: 10_000 }, () => 0.5));
      // What is garbage now would be collected one day, and then there were less.
      globalThis.gc?.();
    },
    empty() {
      ballast = [];
      globalThis.gc?.();
    },
  },
  listening.port,
);

function heapPercent(): number {
  const probe = nodeLoad();
  probe.stop();
  return probe.heapPercent();
}

async function talk({ count, pad = 0, everyMs, hurries }: Talk, call: Call): Promise<string> {
  counts.running++;
  call.signal.addEventListener('abort', () => counts.aborted++);
  const padding = 'x'.repeat(pad);
  for (let n = 1; n <= count && !call.signal.aborted; n++) {
    const told = call.progress(n, { message: `${performanceNow()} ${padding}` });
    if (hurries !== true) await told;
    counts.sent++;
    if (everyMs !== undefined) await new Promise((resolve) => setTimeout(resolve, everyMs));
    else if (n % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  counts.running--;
  counts.returned++;
  return 'told';
}

function performanceNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
