/** `npm run fuzz`: tries inputs that nobody would send, and says which of them did harm. */
import { parseArgs } from 'node:util';
import { allTargets } from './index.js';
import { runFuzz, type Summary } from './runner.js';
import { wholeNumber } from './whole-number.js';

const rssGrowthMbMax = 50;
const usage = `Usage: npm run fuzz -- [options]

  --seconds N   stop after N seconds (default 60)
  --count N     stop after N inputs
  --seed S      make the same inputs again
  --only NAME   one target: ${allTargets()
    .map(({ name }) => name)
    .join(', ')}
  --from I      begin at input I of the target
  --json        print the summary as JSON`;

const exitCode = await main();
// Whatever a failure has left open must not keep the process.
process.exit(exitCode);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string' },
      count: { type: 'string' },
      seed: { type: 'string' },
      only: { type: 'string' },
      from: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const only = values.only;
  const targets = allTargets().filter(({ name }) => only === undefined || name === only);
  if (values.help === true || targets.length === 0) {
    console.error(targets.length === 0 ? `There is no target "${only}".\n\n${usage}` : usage);
    return targets.length === 0 ? 2 : 0;
  }
  const seed = wholeNumber('seed', values.seed) ?? Math.floor(Math.random() * 2 ** 31);
  const count = wholeNumber('count', values.count) ?? Infinity;
  const seconds = wholeNumber('seconds', values.seconds) ?? (count === Infinity ? 60 : Infinity);
  console.error(`seed ${seed}`);
  const summary = await runFuzz({
    seed,
    targets,
    count,
    seconds,
    from: wholeNumber('from', values.from) ?? 0,
    ...(process.stderr.isTTY ? { onProgress: showProgress } : {}),
  });
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  console.log(values.json === true ? JSON.stringify(summary) : textOf(summary));
  return summary.failure === undefined && summary.rssGrowthMb < rssGrowthMbMax ? 0 : 1;
}

let shownAt = 0;

function showProgress(inputs: number, seconds: number): void {
  if (Date.now() - shownAt < 200) return;
  shownAt = Date.now();
  const pace = (inputs / seconds).toFixed();
  process.stderr.write(`\r${inputs} inputs in ${seconds.toFixed()} s, ${pace} a second\x1b[K`);
}

function textOf({ seed, inputs, seconds, targets, rssGrowthMb, failure }: Summary): string {
  const lines = targets.map(({ name, inputs: own, ms, slowestMs, slowestIndex }) => {
    const pace = `${((own / ms) * 1000).toFixed().padStart(7)} a second`;
    const slowest = `slowest ${slowestMs.toFixed(1)} ms (input ${slowestIndex})`;
    return `${name.padEnd(9)}${String(own).padStart(9)} inputs ${pace}  ${slowest}`;
  });
  const pace = `${inputs} inputs in ${seconds.toFixed(1)} s, ${(inputs / seconds).toFixed()} a second`;
  lines.push(`${pace}; memory grew by ${rssGrowthMb.toFixed(1)} MB; seed ${seed}`);
  if (rssGrowthMb >= rssGrowthMbMax) lines.push(`FAILED: more than ${rssGrowthMbMax} MB`);
  if (failure !== undefined) {
    lines.push(`FAILED: ${failure.target}, input ${failure.index}: ${failure.why}`);
    lines.push('', 'The smallest input that fails:', failure.smallest, '', failure.command);
  }
  return lines.join('\n');
}
