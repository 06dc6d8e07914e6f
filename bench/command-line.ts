/** What was asked for on a command line of the bench; what is wrong there is told of in a line. */
import { parseArgs, type ParseArgsConfig } from 'node:util';

export function readArgs<Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>>['values'] {
  try {
    return parseArgs(config).values;
  } catch (error) {
    return refuse((error as Error).message);
  }
}

/** A number above 0; `fallback` where none was given. */
export function amountOf(name: string, given: string | undefined, fallback: number): number {
  const amount = Number(given ?? fallback);
  return amount > 0 ? amount : refuse(`--${name} is a number above 0, not "${given}"`);
}

export function refuse(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(2);
}
