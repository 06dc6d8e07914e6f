import { plainText } from '../transports/stdio/plain-text.js';
import type { Shell } from './shell.js';
import { createPaint, type Paint } from './terminal/paint.js';
import { createReporter, jsonLine, type Reporter } from './terminal/reporter.js';
import { readSurface, type Surface } from './terminal/surface.js';

/** Options of every command. */
export interface GlobalOptions {
  readonly json?: boolean;
  readonly plain?: boolean;
  readonly color?: boolean;
  readonly quiet?: boolean;
}

/** Standard error: whatever is not the result. */
export function reporterFor(shell: Shell, options: GlobalOptions): Reporter {
  const { json = false, quiet = false } = options;
  const surface = surfaceOf(shell.stderr, shell, options);
  return createReporter({ stream: shell.stderr, surface, json, quiet });
}

/** Colours for standard error. */
export function errorPaint(shell: Shell, options: GlobalOptions): Paint {
  return createPaint(surfaceOf(shell.stderr, shell, options).hasColor);
}

/** Standard output: results, and nothing else. */
export interface Results {
  readonly paint: Paint;
  readonly isTerminal: boolean;
  /** What a stranger wrote, fit for where it goes: it may not control a terminal. */
  fit(text: string): string;
  print(text: string): void;
  bytes(bytes: Uint8Array): void;
  json(value: unknown): void;
}

export function resultsFor(shell: Shell, options: GlobalOptions): Results {
  const { stdout } = shell;
  const isTerminal = stdout.isTTY === true;
  return {
    paint: createPaint(surfaceOf(stdout, shell, options).hasColor),
    isTerminal,
    fit: (text) => (isTerminal ? plainText(text) : text),
    print: (text) => void stdout.write(text === '' || text.endsWith('\n') ? text : `${text}\n`),
    bytes: (bytes) => void stdout.write(bytes),
    json: (value) => void stdout.write(`${jsonLine(value)}\n`),
  };
}

function surfaceOf(
  stream: Shell['stdout'],
  { env }: Shell,
  { plain = false, color = true }: GlobalOptions,
): Surface {
  return readSurface({ isTty: stream.isTTY === true, env, plain, color });
}
