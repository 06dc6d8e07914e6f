/** The table of the tests with many more spawns: `npm run soak:stdio [-- SPAWNS]`. */
import { availableParallelism } from 'node:os';
import { endings, names } from './behaviours.js';
import { killEarly, type Outcome, runCell } from './cell.js';

const wanted = Number(process.argv[2] ?? 2000);
const count = 8 * availableParallelism();
const began = performance.now();
const rows = new Map<string, Outcome>();
let spawned = 0;

while (spawned < wanted) {
  for (const ending of endings) {
    for (const behaviour of names) {
      const outcome = await runCell(behaviour, ending, { count });
      const name = `${behaviour}, host ${ending}`;
      rows.set(name, sum(rows.get(name), outcome));
      spawned += count;
    }
  }
  const early = await runCell('ignores SIGTERM', 'is killed', { count, early: true });
  const name = 'ignores SIGTERM, host is killed while it starts them';
  rows.set(name, sum(rows.get(name), early));
  spawned += count;
}

let orphans = 0;
for (let hosts = 0; hosts < wanted / 40; hosts += 10) {
  const moments = Array.from({ length: 10 }, () => Math.random() * 50);
  for (const sandbox of ['none', 'bwrap'] as const) orphans += await killEarly(moments, sandbox);
}

console.table(Object.fromEntries(rows));
const left = [...rows.values()].reduce((all, row) => all + row.survivors + row.zombies, orphans);
const slowest = Math.max(...[...rows.values()].map(({ goneMs }) => goneMs));
const seconds = Math.round((performance.now() - began) / 1000);
console.log(`${orphans} left by hosts that were killed while they started servers`);
console.log(`${spawned} spawns in ${seconds} s: ${left} left, the slowest gone in ${slowest} ms`);
process.exitCode = left === 0 && slowest <= 6000 ? 0 : 1;

function sum(before: Outcome | undefined, { isolation, ...outcome }: Outcome): Outcome {
  return {
    spawned: (before?.spawned ?? 0) + outcome.spawned,
    isolation,
    seen: (before?.seen ?? 0) + outcome.seen,
    survivors: (before?.survivors ?? 0) + outcome.survivors,
    zombies: (before?.zombies ?? 0) + outcome.zombies,
    goneMs: Math.max(before?.goneMs ?? 0, outcome.goneMs),
  };
}
