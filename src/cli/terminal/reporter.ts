import type { Writable } from 'node:stream';
import type { LogMessage, Progress } from '../../client/call.js';
import type { Failure } from '../failure.js';
import { defaultLimits } from '../../limits.js';
import { escaped } from './exactly.js';
import { createPaint, oneLine, type Paint } from './paint.js';
import { createProgressView, type ProgressView } from './progress.js';
import { plainText } from '../../transports/stdio/plain-text.js';
import type { Surface } from './surface.js';

/** Everything that is said beside the result, on standard error. */
export interface Reporter {
  progress(progress: Progress): void;
  log(message: LogMessage): void;
  /** A line that a server, which runs as a child process, wrote to its standard error. */
  childLine(line: string): void;
  /** Something that a person may want to know, and a program does not. */
  note(text: string): void;
  failed(failure: Failure): void;
  /** Makes room for a question, until the returned function is called. */
  makeRoom(): () => void;
  /** No more progress comes. */
  end(): void;
}

export interface ReporterOptions {
  readonly stream: Writable;
  readonly surface: Surface;
  /** JSON lines instead of sentences. */
  readonly json: boolean;
  /** Failures only. */
  readonly quiet: boolean;
}

export function createReporter(options: ReporterOptions): Reporter {
  const reporter = options.json ? jsonReporter(options) : humanReporter(options);
  if (!options.quiet) return reporter;
  const nothing = (): void => undefined;
  return { ...reporter, progress: nothing, log: nothing, childLine: nothing, note: nothing };
}

function humanReporter({ stream, surface }: ReporterOptions): Reporter {
  const view = createProgressView({ stream, surface });
  const paint = createPaint(surface.hasColor);
  let hasChildSpoken = false;
  return {
    progress: (progress) => view.update(progress),
    log: (message) => view.line(logLine(message, paint)),
    childLine(line) {
      hasChildSpoken = true;
      view.line(paint.dim(oneLine(line)));
    },
    // Notes name what a server has sent.
    note: (text) => view.line(plainText(text)),
    failed(failure) {
      view.end();
      const message = hasChildSpoken ? withoutLastWords(failure.message) : failure.message;
      for (const line of failureLines({ ...failure, message }, paint)) view.line(line);
    },
    makeRoom: () => roomIn(view),
    end: () => view.end(),
  };
}

function roomIn(view: ProgressView): () => void {
  view.pause();
  return () => view.resume();
}

const levelWidth = 9;

function logLine({ level, logger, data }: LogMessage, paint: Paint): string {
  const isBad = ['error', 'critical', 'alert', 'emergency'].includes(level);
  const color = isBad ? paint.red : level === 'warning' ? paint.yellow : paint.cyan;
  const text = typeof data === 'string' ? data : (JSON.stringify(data) ?? '');
  const who = logger === undefined ? '' : `${paint.dim(`${oneLine(logger)}:`)} `;
  return `${color(oneLine(level).padEnd(levelWidth))} ${who}${oneLine(text)}`;
}

/** The last words of a child process are in the error too; here they were shown already. */
function withoutLastWords(message: string): string {
  const [before = '', after = ''] = message.split(' (standard error: ');
  return before + after.slice(after.lastIndexOf(')') + 1);
}

function failureLines(
  { message, next, exit }: Pick<Failure, 'message' | 'next' | 'exit'>,
  paint: Paint,
): readonly string[] {
  if (exit === 'interrupted' || exit === 'terminated') return [oneLine(message)];
  const [first = '', ...more] = message.split('\n');
  const what = `${paint.red(paint.bold('sallyport:'))} ${oneLine(first)}`;
  // What somebody might agree to is shown whole.
  const shown = more.map((line) => `  ${plainText(line.slice(0, defaultLimits.consentLengthMax))}`);
  return [what, ...shown, ...(next === '' ? [] : [`  ${oneLine(next)}`])];
}

/** JSON on one line, whose characters control no terminal and reverse no text. */
export function jsonLine(value: unknown): string {
  return (JSON.stringify(value) ?? 'null').replace(
    /[\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g,
    escaped,
  );
}

function jsonReporter({ stream }: ReporterOptions): Reporter {
  const write = (value: object): void => void stream.write(`${jsonLine(value)}\n`);
  return {
    progress({ done, of, message }) {
      const params = { progress: done, total: of, message };
      write({ method: 'notifications/progress', params });
    },
    log: (params) => write({ method: 'notifications/message', params }),
    childLine: (stderr) => write({ stderr }),
    note: () => undefined,
    failed: (failure) => write({ error: failure.toJson() }),
    makeRoom: () => () => undefined,
    end: () => undefined,
  };
}
