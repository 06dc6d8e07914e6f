import { peekedBytesMax } from '../../json-rpc/peek-id.js';
import { createByteList } from '../byte-list.js';

export interface LineSplitterOptions {
  /** What a line may have, its line end not counted. */
  readonly lineBytesMax: number;
  /** One line that is not empty, without its line end. */
  readonly onLine: (bytes: Uint8Array) => void;
  /** A line over the bound has passed: how it began, and how long it was. */
  readonly onOversized: (head: Uint8Array, totalBytes: number) => void;
}

/** Cuts a byte stream into lines (LF or CRLF). Every byte is looked at once. */
export interface LineSplitter {
  /** Returns how many lines have ended in the chunk. */
  feed(chunk: Uint8Array): number;
  /** The stream is over: what stands after the last line end is a line too. */
  end(): void;
}

const newline = 0x0a;
const carriageReturn = 0x0d;

export function createLineSplitter(options: LineSplitterOptions): LineSplitter {
  const { lineBytesMax, onLine, onOversized } = options;
  const kept = createByteList();
  // While a line over the bound is skipped, only its head is kept, and its bytes are counted.
  let skipping = false;
  let skippedBytes = 0;

  const keep = (part: Uint8Array): void => {
    if (!skipping) {
      // One byte more than the bound may be the carriage return of a line that keeps to it.
      if (kept.length + part.length <= lineBytesMax + 1) return kept.append(part);
      skipping = true;
      skippedBytes = kept.length;
      kept.append(kept.take().subarray(0, peekedBytesMax));
    }
    skippedBytes += part.length;
    if (kept.length < peekedBytesMax) kept.append(part.subarray(0, peekedBytesMax - kept.length));
  };
  const finishLine = (part: Uint8Array): void => {
    if (!skipping && kept.length === 0) return deliver(part);
    keep(part);
    if (!skipping) return deliver(kept.take());
    skipping = false;
    onOversized(kept.take(), skippedBytes);
  };
  const deliver = (bytes: Uint8Array): void => {
    const length = bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length;
    if (length > lineBytesMax) return onOversized(bytes.subarray(0, peekedBytesMax), bytes.length);
    if (length > 0) onLine(length === bytes.length ? bytes : bytes.subarray(0, length));
  };

  return {
    feed(chunk) {
      let from = 0;
      let ended = 0;
      let to = lineEnd(chunk, 0);
      while (to !== -1) {
        finishLine(chunk.subarray(from, to));
        ended++;
        from = to + 1;
        to = lineEnd(chunk, from);
      }
      if (from < chunk.length) keep(from === 0 ? chunk : chunk.subarray(from));
      return ended;
    },
    end() {
      finishLine(new Uint8Array(0));
    },
  };
}

/** Peers that send byte by byte are common enough: a loop finds less faster than a call. */
function lineEnd(chunk: Uint8Array, from: number): number {
  if (chunk.length - from >= 16) return chunk.indexOf(newline, from);
  for (let i = from; i < chunk.length; i++) if (chunk[i] === newline) return i;
  return -1;
}
