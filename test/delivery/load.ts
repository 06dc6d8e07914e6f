/** Many sessions, each with a stream of notices, and a steady load on all of them. */
import { Agent } from 'node:http';
import type { Parts } from '../hostile/attack.js';
import { type Child, startChild } from '../floods/children.js';
import { percentile } from '../floods/figures.js';
import { openSession, send } from '../floods/polite.js';
import { subscribeTo } from '../floods/streams.js';
import { now } from './now.js';
import { numberOf, type Ring, urisOf } from './ring.js';
import type { SentLog, SteadyRate } from './server.js';
import { manyFromHere } from './many-from-here.js';
import { openStanding, type Standing } from './standing.js';
import type { StoreName } from './stores.js';
import { Tally } from './tally.js';

export interface LoadOptions {
  readonly store: StoreName;
  readonly sessions: number;
  /** Events per second, to all sessions together. */
  readonly rate: number;
  /** The same for the run that the other is judged by. */
  readonly quietRate: number;
  readonly seconds: number;
  readonly quietSeconds: number;
  readonly onStep?: (text: string) => void;
}

export interface LoadFigures {
  readonly sent: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
  readonly crossed: number;
  /** How late notices were, from when they were due until they were read, in ms. */
  readonly quiet: Lateness;
  readonly loaded: Lateness;
}

export interface Lateness {
  readonly events: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Sessions that are told the same at the same time. */
const groups = 10;
const ringSize = 8;

export async function runLoad(options: LoadOptions): Promise<LoadFigures> {
  const { store, sessions, onStep = () => undefined } = options;
  const child = await startChild(new URL('server.ts', import.meta.url), {
    store,
    limits: manyFromHere,
  });
  const rings = Array.from({ length: groups }, (_, at) => ({
    name: `group-${at}`,
    size: ringSize,
  }));
  const crowd = createCrowd(rings);
  try {
    onStep(`opening ${sessions} sessions`);
    await crowd.open(child, sessions);
    const tell = async (rate: number, seconds: number): Promise<Lateness> => {
      const everyMs = (1000 * (sessions / groups)) / rate;
      const rounds = Math.ceil((1000 * seconds) / everyMs / groups);
      return crowd.measure(child, { rings, everyMs, rounds });
    };
    onStep(`${options.quietRate} events per second`);
    const quiet = await tell(options.quietRate, options.quietSeconds);
    onStep(`${options.rate} events per second`);
    const loaded = await tell(options.rate, options.seconds);
    const { notices } = await child.ask<SentLog>('log');
    return { ...crowd.judge(notices), quiet, loaded };
  } finally {
    await crowd.end();
    await child.end();
  }
}

interface Crowd {
  open(child: Child, sessions: number): Promise<void>;
  /** Resolves when every session has heard all of it. */
  measure(child: Child, rate: SteadyRate): Promise<Lateness>;
  judge(sent: SentLog['notices']): Omit<LoadFigures, 'quiet' | 'loaded'>;
  end(): Promise<void>;
}

interface Member {
  readonly group: number;
  readonly tally: Tally;
}

function createCrowd(rings: readonly Ring[]): Crowd {
  const members: Member[] = [];
  const standing: Standing[] = [];
  let crossed = 0;
  /** Of this measurement: for each notice its number, its group, and when it came. */
  let heard: { readonly n: number; readonly group: number; readonly at: number }[] = [];
  let wanted = Infinity;
  let done = (): void => undefined;

  const openOne = async (port: number, agent: Agent): Promise<void> => {
    const group = members.length % rings.length;
    const ring = rings[group]!;
    const tally = new Tally();
    members.push({ group, tally });
    const session = await openSession(port, agent);
    const watch = (uri: string): Parts => subscribeTo(session, uri);
    for (const uri of urisOf(ring)) await send(port, watch(uri), agent);
    const hear = (uri: string): void => {
      const n = numberOf(ring, uri, tally.last);
      if (n === undefined) return void crossed++;
      tally.take(n);
      heard.push({ n, group, at: now() });
      if (heard.length >= wanted) done();
    };
    standing.push(await openStanding(port, session, hear));
  };

  return {
    async open({ port }, sessions) {
      const agent = new Agent({ keepAlive: true, maxSockets: 16 });
      const openSome = async (): Promise<void> => {
        while (members.length < sessions) await openOne(port, agent);
      };
      await Promise.all(Array.from({ length: 16 }, openSome));
      agent.destroy();
    },
    async measure(child, rate) {
      const first = members.map(({ tally }) => tally.last)[0] ?? 0;
      heard = [];
      wanted = rate.rounds * members.length;
      const all = new Promise<void>((resolve) => (done = resolve));
      const startedAt = await child.ask<number>('tellSteadily', rate);
      if (heard.length < wanted) await all;
      const late = heard.map(({ n, group, at }) => {
        const dueAt = startedAt + ((n - first - 1) * rings.length + group) * rate.everyMs;
        return at - dueAt;
      });
      const [p50, p99, max] = [50, 99, 100].map((percent) => percentile(late, percent));
      return { events: late.length, p50: p50!, p99: p99!, max: max! };
    },
    judge(sent) {
      let [lost, duplicated, reordered, total] = [0, 0, 0, 0];
      for (const { group, tally } of members) {
        const count = sent[rings[group]!.name] ?? 0;
        total += count;
        lost += tally.lost(count);
        duplicated += tally.duplicated;
        reordered += tally.reordered;
      }
      return { sent: total, lost, duplicated, reordered, crossed };
    },
    async end() {
      await Promise.all(standing.map((stream) => stream.end()));
    },
  };
}
