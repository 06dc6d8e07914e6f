/** `npm run soak:http`: a thousand slow clients for minutes, at the bounds that everybody gets. */
import { parseArgs } from 'node:util';
import { rounded } from './figures.js';
import { runSlowClients, type SlowFigures } from './slow-clients.js';
import type { SteadyFigures } from './polite.js';

const usage = `Usage: npm run soak:http -- [options]

  --seconds N       how long the attack lasts (default 240)
  --connections N   how many attack at any time (default 1000)
  --json            print the figures as JSON`;

/** What it is all about: calls that others do not slow down, in ms. */
const p99GoalMs = 50;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '240' },
      connections: { type: 'string', default: '1000' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const [seconds, connections] = [Number(values.seconds), Number(values.connections)];
  if (values.help === true || !(seconds > 0) || !(connections > 0)) {
    console.error(usage);
    return values.help === true ? 0 : 2;
  }
  const onStep = (text: string): void => void process.stderr.write(`${text}\n`);
  const figures = await runSlowClients({ seconds, connections, onStep });
  if (values.json === true) console.log(JSON.stringify(figures));
  else show(figures);
  const overdue = figures.fates.reduce((sum, fate) => sum + fate.overdue, 0);
  const isGood = figures.during.failures.length === 0 && overdue === 0;
  return isGood && figures.during.p99 < p99GoalMs ? 0 : 1;
}

function show({ before, during, after, beside, fates, rss, longestTurnMs }: SlowFigures): void {
  const calls = ({ calls: count, failures, p50, p99, max }: SteadyFigures): object => {
    const ms = { 'p50 ms': rounded(p50), 'p99 ms': rounded(p99), 'max ms': rounded(max) };
    return { calls: count, failed: failures.length, ...ms };
  };
  console.table({
    'undisturbed, before': calls(before),
    'under attack': calls(during),
    'another server meanwhile': calls(beside),
    'undisturbed, after': calls(after),
  });
  const rows = fates.map(({ name, ...row }): [string, object] => [name, row]);
  console.table(Object.fromEntries(rows));
  const [from, to] = rss.map((megabytes) => Math.round(megabytes));
  console.log(
    `memory ${from} MB before, ${to} MB after; longest turn ${rounded(longestTurnMs)} ms`,
  );
  for (const failure of during.failures.slice(0, 10)) console.log(`failed: ${failure}`);
}
