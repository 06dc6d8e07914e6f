import type { Readable } from 'node:stream';
import type { Limits } from '../../limits.js';
import { createLineSplitter } from './lines.js';
import { plainText } from './plain-text.js';

/** The newest bytes of what a child wrote to standard error. */
export interface StderrTail {
  append(bytes: Uint8Array): void;
  /** As plain text. */
  text(): string;
}

export function createStderrTail(bytesMax: number): StderrTail {
  // Twice the bound: when full, the newest half moves to the front, once per `bytesMax` bytes.
  let ring = new Uint8Array(0);
  let used = 0;

  return {
    append(bytes) {
      const part = bytes.subarray(Math.max(0, bytes.length - bytesMax));
      if (ring.length === 0) ring = new Uint8Array(2 * bytesMax);
      if (used + part.length > ring.length) {
        const keptFrom = Math.max(0, used + part.length - bytesMax);
        ring.copyWithin(0, keptFrom, used);
        used -= keptFrom;
      }
      ring.set(part, used);
      used += part.length;
    },
    text() {
      const tail = ring.subarray(Math.max(0, used - bytesMax), used);
      return plainText(new TextDecoder().decode(tail));
    },
  };
}

export interface StderrOptions {
  readonly stderr?: 'inherit' | 'capture' | ((line: string) => void);
  readonly limits: Limits;
}

/** Reads what a child writes to standard error, if it was captured. Resolves at its end. */
export function readStderr(
  stream: Readable | null,
  tail: StderrTail,
  { stderr, limits }: StderrOptions,
): Promise<void> {
  if (stream === null) return Promise.resolve();
  const show = (line: Uint8Array): void => {
    if (typeof stderr === 'function') stderr(plainText(new TextDecoder().decode(line)));
  };
  const lineBytesMax = limits.stderrBytesMax;
  const lines = createLineSplitter({ lineBytesMax, onLine: show, onOversized: show });
  return new Promise((resolve) => {
    stream.on('data', (chunk: Uint8Array) => {
      tail.append(chunk);
      if (typeof stderr === 'function') lines.feed(chunk);
    });
    stream.once('end', () => {
      lines.end();
      resolve();
    });
    stream.once('close', resolve);
  });
}

/** The last lines of `text`, short enough to stand inside an error message. */
export function lastWords(text: string): string {
  const words = text.trim();
  if (words.length <= lastWordsLengthMax) return words;
  const cut = words.slice(-lastWordsLengthMax);
  const lineStart = cut.indexOf('\n') + 1;
  return `…${cut.slice(lineStart)}`;
}

const lastWordsLengthMax = 1000;
