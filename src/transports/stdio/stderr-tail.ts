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

/** The last lines of `text`, short enough to stand inside an error message. */
export function lastWords(text: string): string {
  const words = text.trim();
  if (words.length <= lastWordsLengthMax) return words;
  const cut = words.slice(-lastWordsLengthMax);
  const lineStart = cut.indexOf('\n') + 1;
  return `…${cut.slice(lineStart)}`;
}

const lastWordsLengthMax = 1000;
