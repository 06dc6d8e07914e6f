/** `npm run soak:delivery`: a hundred thousand cuts, eight million events, minutes of load. */
import { parseArgs } from 'node:util';
import { runChaos } from './chaos.js';
import { runLoad } from './load.js';
import type { StoreName } from './stores.js';
import { showTable } from './table.js';

const usage = `Usage: npm run soak:delivery -- [options]

  --cuts N       go on until there were so many cuts (default 100000)
  --events N     and so many events (default 8000000)
  --seconds N    but no longer than this (default: as long as it takes)
  --store STORE  memory, sqlite:FILE or redis://HOST:PORT (default memory)
  --nodes N      how many processes share the store (default 1)
  --clients N    how many of each kind: ours, and the official v1 and v2 (default 12)
  --seed N       another course of events (default 1)
  --load N       then seconds of 5,000 events per second to 1,000 sessions (default 600; 0: none)`;

/** What a notice may take under load, in ms. */
const p99GoalMs = 100;

interface Wishes {
  readonly store: StoreName;
  readonly cuts: number;
  readonly events: number;
  readonly seconds: number;
  readonly nodes: number;
  readonly clients: number;
  readonly seed: number;
  readonly load: number;
}

process.exitCode = await main();

async function main(): Promise<number> {
  const text = (normal: number | string) => ({ type: 'string' as const, default: String(normal) });
  const { values } = parseArgs({
    options: {
      cuts: text(100_000),
      events: text(8_000_000),
      seconds: text(Infinity),
      store: text('memory'),
      nodes: text(1),
      clients: text(12),
      seed: text(1),
      load: text(600),
      help: { type: 'boolean' },
    },
  });
  const { store, help = false, ...texts } = values;
  const numbers = Object.entries(texts).map(([name, given]) => [name, Number(given)] as const);
  const wishes = { store, ...Object.fromEntries(numbers) } as Wishes;
  if (help || numbers.some(([, number]) => !(number >= 0))) {
    console.error(usage);
    return help ? 0 : 2;
  }
  const { cuts, events, load } = wishes;
  const isWhole = cuts + events === 0 || (await endureChaos(wishes));
  const isInTime = load === 0 || (await endureLoad(wishes));
  return isWhole && isInTime ? 0 : 1;
}

async function endureChaos({ clients, ...wishes }: Wishes): Promise<boolean> {
  let saidAt = 0;
  const figures = await runChaos({
    ...wishes,
    clients: { ours: clients, v1: clients, v2: clients },
    onProgress(cuts, events) {
      if (performance.now() - saidAt < 10_000) return;
      saidAt = performance.now();
      process.stderr.write(`${cuts} cuts, ${events} events\n`);
    },
  });
  showTable(wishes.store, figures);
  for (const fault of figures.faults) console.log(fault);
  return figures.faults.length === 0;
}

async function endureLoad({ store, load }: Wishes): Promise<boolean> {
  const figures = await runLoad({
    ...{ store, sessions: 1000, quietRate: 1000, quietSeconds: 10, rate: 5000, seconds: load },
    onStep: (text) => void process.stderr.write(`${text}\n`),
  });
  console.log(figures);
  const { lost, duplicated, reordered, crossed, loaded } = figures;
  return lost + duplicated + reordered + crossed === 0 && loaded.p99 < p99GoalMs;
}
