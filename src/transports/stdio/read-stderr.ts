import type { Readable } from 'node:stream';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import { createLineSplitter } from './lines.js';
import { plainText } from './plain-text.js';
import type { Scrubber } from './secrets.js';
import type { StderrTail } from './stderr-tail.js';
import { tell } from './tell.js';

/**
 * What happens to the standard error of a child: `capture` keeps the newest of it for errors,
 * `inherit` lets it through as it is, a function also gets each line as plain text without secrets,
 * and with a prefix these lines go to our own standard error.
 */
export type StderrChoice =
  | 'inherit'
  | 'capture'
  | ((line: string) => void)
  | { readonly prefix: string };

export interface StderrOptions {
  readonly stderr?: StderrChoice;
  readonly limits: Limits;
  readonly clock: Clock;
}

/** Reads what a child writes to standard error, if it was captured. Resolves at its end. */
export function readStderr(
  stream: Readable | null,
  tail: StderrTail,
  scrubber: Scrubber,
  options: StderrOptions,
): Promise<void> {
  if (stream === null) return Promise.resolve();
  const { limits, clock } = options;
  const forward = forwarder(options);
  const say = (line: string, end = '\n'): void => {
    tail.append(utf8.encode(line + end));
    forward?.(line);
  };
  const gate = createByteGate(limits.stderrBytesPerSecondMax, clock, (bytes) =>
    say(`(${bytes} bytes of standard error were dropped: it came too fast)`),
  );
  let isOver = false;
  // Line by line, since a secret may come in pieces.
  const lines = createLineSplitter({
    lineBytesMax: limits.stderrBytesMax,
    onLine(bytes) {
      if (!gate.admits(bytes.length + 1)) return;
      say(scrubber.scrub(textOf(bytes)), isOver ? '' : '\n');
    },
    onOversized(head, totalBytes) {
      if (!gate.admits(totalBytes)) return;
      say(`${scrubber.scrubHead(textOf(head))}… (${totalBytes} bytes)`);
    },
  });
  return new Promise((resolve) => {
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      lines.end();
      gate.end();
      resolve();
    };
    stream.on('data', (chunk: Uint8Array) => lines.feed(chunk));
    stream.once('end', end).once('close', end);
  });
}

const utf8 = new TextEncoder();
const textOf = (bytes: Uint8Array): string => plainText(new TextDecoder().decode(bytes));

function forwarder({ stderr, limits }: StderrOptions): ((line: string) => void) | undefined {
  if (typeof stderr === 'function') return (line) => tell(stderr, line);
  if (typeof stderr !== 'object') return undefined;
  const prefix = plainText(stderr.prefix);
  return (line) => {
    // Whoever reads our own standard error may be slower than the child.
    if (process.stderr.writableLength > limits.outboxBytesMax) return;
    process.stderr.write(`[${prefix}] ${line}\n`);
  };
}

interface ByteGate {
  admits(bytes: number): boolean;
  /** Tells of what was dropped last. */
  end(): void;
}

const secondMs = 1000;

/** Admits so many bytes in a second, and tells how many it has dropped when that is over. */
function createByteGate(
  bytesMax: number,
  clock: Clock,
  onDropped: (bytes: number) => void,
): ByteGate {
  let start = clock.now();
  let passed = 0;
  let dropped = 0;
  const tell = (): void => {
    if (dropped > 0) onDropped(dropped);
    dropped = 0;
  };
  return {
    admits(bytes) {
      const now = clock.now();
      if (now - start >= secondMs || now < start) {
        [start, passed] = [now, 0];
        tell();
      }
      // One line that is longer than that alone is shown by its beginning.
      if (dropped > 0 || (passed > 0 && passed + bytes > bytesMax)) {
        dropped += bytes;
        return false;
      }
      passed += bytes;
      return true;
    },
    end: tell,
  };
}
