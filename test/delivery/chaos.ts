/** Clients that count their events over a network that keeps failing. */
import type { Limits } from '../../src/limits.js';
import { type Child, startChild } from '../floods/children.js';
import { Random } from '../fuzz/random.js';
import { type ChaosProxy, type ProxyCounts, startProxy } from './chaos-proxy.js';
import { fatesOf } from './fates.js';
import type { Fault } from './faulty-store.js';
import { createOracle, type Figures, type Oracle, sumOf } from './oracle.js';
import { connectOurs } from './receive-ours.js';
import { connectV1, connectV2 } from './receive-sdk.js';
import type { ClientName, ConnectReceiver, Receiver } from './receiver.js';
import { manyFromHere } from './many-from-here.js';
import { urisOf } from './ring.js';
import { logOf } from './sent-log.js';
import type { StoreName } from './stores.js';

export interface ChaosOptions {
  readonly store: StoreName;
  /** How many clients there are of each kind. */
  readonly clients: { readonly [name in ClientName]?: number };
  /** Goes on until there were so many cuts, and events. */
  readonly cuts: number;
  readonly events?: number;
  /** And no longer than this, whether it has come so far or not. */
  readonly seconds?: number;
  /** On average: a call has none or twice as many. */
  readonly eventsPerCall?: number;
  readonly seed: number;
  readonly fault?: Fault;
  /** How many processes serve, which share the store. Default: 1. */
  readonly nodes?: number;
  readonly limits?: Partial<Limits>;
  readonly onProgress?: (cuts: number, events: number) => void;
}

export interface ChaosFigures {
  readonly proxy: Readonly<ProxyCounts>;
  readonly byClient: { readonly [name in ClientName]?: Figures };
  readonly all: Figures;
  readonly faults: readonly string[];
  /** How often an official client had forgotten where it was. */
  readonly forgotten: number;
  readonly seconds: number;
}

export const connectors: { readonly [name in ClientName]: ConnectReceiver } = {
  ours: connectOurs,
  v1: connectV1,
  v2: connectV2,
};

const callsAtOnce = 2;
const ringSize = 32;
/** Up to half a ring, or nobody could tell what is missing. */
const noticesOnTheirWay = ringSize / 2;

export async function runChaos(options: ChaosOptions): Promise<ChaosFigures> {
  const { store, fault, nodes = 1, seed } = options;
  const limits = { ...quick, ...options.limits };
  const server = new URL('server.ts', import.meta.url);
  const about = { store, limits, ...(fault === undefined ? {} : { fault }) };
  const children = await Promise.all(
    Array.from({ length: nodes }, () => startChild(server, about)),
  );
  const proxy = await startProxy(children.map(({ port }) => port));
  const players: Player[] = [];
  try {
    for (const [name, count] of Object.entries(options.clients)) {
      for (let at = 0; at < count; at++) {
        players.push(await join(name as ClientName, `${name}-${at}`, proxy, children));
      }
    }
    const startedAt = performance.now();
    proxy.rage(fatesOf(seed));
    const goOn = goalOf(options, proxy, players);
    await Promise.all(players.map((player) => play(player, options, goOn)));
    proxy.calm();
    await Promise.all(players.map(({ caughtUp }) => caughtUp()));
    const seconds = (performance.now() - startedAt) / 1000;
    const log = await logOf(children, true);
    for (const { oracle } of players) oracle.compare(log);
    return { ...figuresOf(players), proxy: { ...proxy.counts }, seconds };
  } finally {
    await Promise.all(players.map(({ receiver }) => receiver.close().catch(() => undefined)));
    await proxy.close();
    await Promise.all(children.map((child) => child.end()));
  }
}

/** Clients come back at once. */
const quick: Partial<Limits> = { ...manyFromHere, retryMs: 10 };

interface Player {
  readonly name: ClientName;
  readonly who: string;
  readonly oracle: Oracle;
  readonly receiver: Receiver;
  /** Has the next notices sent. */
  notify(): Promise<void>;
  /** Resolves when all notices that were sent have come. */
  caughtUp(): Promise<void>;
}

async function join(
  name: ClientName,
  who: string,
  proxy: ChaosProxy,
  children: readonly Child[],
): Promise<Player> {
  let sent = 0;
  let caughtUp = (): void => undefined;
  const ring = { name: who, size: ringSize };
  const oracle = createOracle(who, ring, () => {
    if (oracle.noticed >= sent) caughtUp();
  });
  const receiver = await connectors[name](proxy.url, urisOf(ring), oracle);
  return {
    ...{ name, who, oracle, receiver },
    async notify() {
      // Those that have not come must never be more than the window.
      const upTo = oracle.noticed + noticesOnTheirWay;
      if (upTo <= sent) return;
      const from = sent + 1;
      sent = upTo;
      const child = children[sent % children.length]!;
      await child.ask('notify', { ring, from, upTo });
    },
    caughtUp: () =>
      new Promise((resolve) => {
        caughtUp = resolve;
        if (oracle.noticed >= sent) resolve();
      }),
  };
}

/** Calls, and calls again, with notices in between, until `goOn` says no. */
async function play(player: Player, options: ChaosOptions, goOn: () => boolean): Promise<void> {
  const { eventsPerCall = 200, seed } = options;
  const { who, oracle, receiver } = player;
  let calls = 0;
  const callOn = async (): Promise<void> => {
    while (goOn()) {
      const random = new Random(seed, who, calls);
      const tag = `${who}:${calls++}`;
      const events = random.between(0, 2 * eventsPerCall);
      oracle.ended(tag, await receiver.call(tag, events));
      await player.notify();
    }
  };
  await Promise.all(Array.from({ length: callsAtOnce }, callOn));
}

function goalOf(
  { cuts, events = 0, seconds = Infinity, onProgress }: ChaosOptions,
  proxy: ChaosProxy,
  players: readonly Player[],
): () => boolean {
  const endsAt = performance.now() + seconds * 1000;
  return () => {
    const had = players.reduce((sum, { oracle }) => sum + oracle.figures.events, 0);
    onProgress?.(proxy.counts.cuts, had);
    const isThere = proxy.counts.cuts >= cuts && had >= events;
    return !isThere && performance.now() < endsAt;
  };
}

function figuresOf(
  players: readonly Player[],
): Pick<ChaosFigures, 'byClient' | 'all' | 'faults' | 'forgotten'> {
  const byClient: { [name in ClientName]?: Figures } = {};
  for (const name of ['ours', 'v1', 'v2'] as const) {
    const own = players.filter((player) => player.name === name);
    if (own.length > 0) byClient[name] = sumOf(own.map(({ oracle }) => oracle.figures));
  }
  return {
    byClient,
    all: sumOf(players.map(({ oracle }) => oracle.figures)),
    faults: players.flatMap(({ oracle }) => oracle.faults),
    forgotten: players.reduce((sum, { receiver }) => sum + (receiver.forgotten?.() ?? 0), 0),
  };
}
