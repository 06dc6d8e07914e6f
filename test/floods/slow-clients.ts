/** A thousand slow clients beside a well-behaved one, and what the latter feels of it. */
import { resolveLimits, type Limits } from '../../src/limits.js';
import type { Attacker, AttackOptions } from './attackers.js';
import { startChild } from './children.js';
import { percentile } from './figures.js';
import { startNarrowReaders } from './narrow.js';
import { callSteadily, type SteadyFigures } from './polite.js';
import { modernCall } from '../hostile/attack.js';
import { wireBytes } from '../hostile/bytes.js';
import type { Accepted } from './target.js';

export interface SlowOptions {
  readonly limits?: Partial<Limits>;
  readonly connections?: number;
  /** How long the attack lasts; each of the two undisturbed runs takes a quarter of it. */
  readonly seconds: number;
  readonly onStep?: (text: string) => void;
}

export interface SlowFigures {
  readonly connections: number;
  readonly before: SteadyFigures;
  readonly during: SteadyFigures;
  readonly after: SteadyFigures;
  /** The same calls during the attack to a server of the same machine that nobody attacks. */
  readonly beside: SteadyFigures;
  readonly fates: readonly FateFigures[];
  /** Megabytes of the server before the attack and at its end. */
  readonly rss: readonly [number, number];
  /** The longest turn of its event loop during the attack. */
  readonly longestTurnMs: number;
}

export interface FateFigures {
  readonly name: string;
  /** When the server promises to cut. */
  readonly cutAfterMs: number;
  readonly opened: number;
  readonly cut: number;
  readonly earliestMs: number;
  readonly latestMs: number;
  /** How many were left for longer than promised, and a second. */
  readonly overdue: number;
}

/** What it may take longer than promised: a look once in a while, and a busy machine. */
const graceMs = 1000;
const everyMs = 10;

/** How much later than a client the server may notice its connection. */
const nearMs = 10_000;

export async function runSlowClients(options: SlowOptions): Promise<SlowFigures> {
  const { limits = {}, seconds, connections = 1000, onStep = () => undefined } = options;
  const ms = seconds * 1000;
  const [target, twin] = await Promise.all([
    startChild('target', { limits }),
    startChild('target', { limits }),
  ]);
  const attack: AttackOptions = { port: target.port, limits: resolveLimits(limits), connections };
  const attackers = await startChild('attackers', attack);
  const readers = startNarrowReaders();
  /** Calls both servers, always: the one that makes the calls has as much to do every time. */
  const measure = async (forMs: number): Promise<readonly [SteadyFigures, SteadyFigures]> => {
    const steady = await callSteadily(target.port, everyMs);
    const steadyBeside = await callSteadily(twin.port, everyMs);
    await steady.pass(forMs);
    return Promise.all([steady.stop(), steadyBeside.stop()]);
  };
  try {
    // What is compiled on the first calls would make them look slow.
    await measure(500);
    onStep('undisturbed, before');
    const [before] = await measure(ms / 4);
    const rssBefore = await target.ask<number>('memory');
    onStep(`${connections} attackers`);
    const opened = await readers.open(target.port, largeRequests(target.port));
    const unread = Object.values(opened).map((port) => reader(port, attack.limits));
    await attackers.ask('begin');
    await target.ask('longestTurn');
    const [during, beside] = await measure(ms);
    const longestTurnMs = await target.ask<number>('longestTurn');
    const { accepted } = await target.ask<{ accepted: Accepted[] }>('connections');
    const askedAt = Number(process.hrtime.bigint()) / 1e6;
    const attackersSeen = await attackers.ask<Attacker[]>('end');
    const rssAfter = await target.ask<number>('memory');
    onStep('undisturbed, after');
    const [after] = await measure(ms / 4);
    const all = [...attackersSeen, ...unread];
    const fates = fatesOf(all, accepted, askedAt);
    const rss = [rssBefore, rssAfter] as const;
    return { connections, before, during, after, beside, fates, rss, longestTurnMs };
  } finally {
    await Promise.all([attackers.end(), readers.end(), target.end(), twin.end()]);
  }
}

/**
 * What the calls may take at 99 of 100, in ms: three times that of a quiet time. Where attackers and
 * server share the processors, no time of the attack is quiet, and the twin tells what that costs;
 * see docs/decisions/0020-slow-clients-are-judged-beside-a-twin.md.
 */
export function p99Allowed({ before, after, beside }: SlowFigures): number {
  // What is good enough anywhere. V8 may take 25 ms for each time that it collects a thousand
  // connections which come and go, and the twin has none.
  const goodMs = 50;
  return Math.max(goodMs, 3 * Math.max(before.p99, after.p99, beside.p99));
}

/** Half of the calls may take three times what they take in the same minute, without the attack. */
export function p50Allowed({ before, after }: SlowFigures): number {
  return 3 * Math.max(before.p50, after.p50);
}

/** By the server's own look at its connections: attackers are too busy for exact times. */
function fatesOf(
  attackers: readonly Attacker[],
  accepted: readonly Accepted[],
  askedAt: number,
): FateFigures[] {
  const byPort = groupBy(accepted, ({ port }) => port);
  return [...groupBy(attackers, ({ name }) => name)].map(([name, those]) => {
    const { cutAfterMs } = those[0]!;
    const seen = those.flatMap(({ port, connectedAt }) => {
      // A port may be another's before and after.
      const distance = ({ openedAt }: Accepted): number => Math.abs(openedAt - connectedAt);
      const [nearest] = (byPort.get(port) ?? []).toSorted((a, b) => distance(a) - distance(b));
      return nearest === undefined || distance(nearest) > nearMs ? [] : nearest;
    });
    const cut = seen.flatMap(({ openedAt, closedAt }) => (closedAt ?? NaN) - openedAt || []);
    const open = seen.flatMap(({ openedAt, closedAt }) => (closedAt ? [] : askedAt - openedAt));
    return {
      name,
      cutAfterMs,
      opened: seen.length,
      cut: cut.length,
      earliestMs: Math.round(percentile(cut, 0)),
      latestMs: Math.round(percentile(cut, 100)),
      overdue: [...cut, ...open].filter((ms) => ms > cutAfterMs + graceMs).length,
    };
  });
}

function groupBy<Item, Key>(
  items: readonly Item[],
  keyOf: (item: Item) => Key,
): ReadonlyMap<Key, readonly Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** A connection that asks for a large answer and does not take it. */
function reader(port: number, { slowReaderMs: cutAfterMs }: Limits): Attacker {
  const connectedAt = Number(process.hrtime.bigint()) / 1e6;
  return { name: 'taking nothing', cutAfterMs, port, connectedAt };
}

/** Requests of answers that are larger than what the system takes for those who read nothing. */
function largeRequests(port: number): { readonly [name: string]: string } {
  const request = wireBytes(modernCall('large', { bytes: 500_000 }), { port }).toString('latin1');
  return Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`large ${at}`, request]));
}
