/** What was asked for on the command line of the bench. */
import { amountOf, readArgs } from './command-line.js';

export interface Options {
  readonly quick: boolean;
  readonly json: boolean;
  readonly rounds: number;
  /** Ends within about so many; what is measured, and how long, is fitted into them. */
  readonly minutes: number;
  /** Ids of rows, or their beginnings; empty means all. */
  readonly only: readonly string[];
  /** Names of contestants, or their beginnings; empty means all. */
  readonly contestants: readonly string[];
  /** Files of earlier runs that are shown instead of measuring. */
  readonly from: readonly string[];
  /** Writes the figures into docs/performance.md, and its chart. */
  readonly page: boolean;
}

/** Less than the 90 s that are promised: building comes before, and the last figure after. */
const quickMinutes = 1.2;

const usage = `Usage: npm run bench -- [options]

  --quick              ours and the limit only, without the checks; ends in 90 s
  --only IDS           the rows whose ids begin so
  --contestants NAMES  those whose names begin so; the limit is always there
  --rounds N           default 5
  --minutes N          fits what is measured, and how long, into so many
  --json               results for programs
  --page               writes the table and the chart of docs/performance.md too
  --from FILES         shows earlier runs instead of measuring`;

export function readOptions(): Options {
  const values = readArgs({
    options: {
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      minutes: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
      from: { type: 'string', multiple: true, default: [] },
      page: { type: 'boolean', default: false },
      contestants: { type: 'string', multiple: true, default: [] },
    },
  });
  const { quick, json, page, from } = values;
  if (values.help) {
    console.log(usage);
    process.exit();
  }
  return {
    quick,
    json,
    page,
    from: listed(from),
    rounds: amountOf('rounds', values.rounds, quick ? 3 : 5),
    minutes: amountOf('minutes', values.minutes, quick ? quickMinutes : Infinity),
    only: listed(values.only),
    contestants: listed(values.contestants),
  };
}

const listed = (given: readonly string[]): string[] => given.flatMap((one) => one.split(','));
