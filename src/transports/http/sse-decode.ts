import { McpError } from '../../errors.js';
import { createByteList } from '../byte-list.js';

export interface SseDecoderOptions {
  /** What the data of one event may have. */
  readonly eventBytesMax: number;
  readonly onEvent: (event: SseEvent) => void;
  /** The server asks a cut reader to wait this long, in ms, before it comes back. */
  readonly onRetry?: (ms: number) => void;
  /** A block with an id is complete: called after `onEvent`, or alone if there are no data. */
  readonly onId?: (id: string) => void;
}

/** Server-sent events from bytes, by the rules of WHATWG HTML, section 9.2.6. */
export interface SseDecoder {
  /** The id of the newest complete block that had one, or empty. It survives `reset`. */
  readonly lastEventId: string;
  /**
   * Throws McpError tooLarge once when an event passes the bound, then ignores all until `reset`.
   * The chunk must not change afterwards.
   */
  feed(chunk: Uint8Array): void;
  /** The stream is over: an event that is not complete is dropped. */
  end(): void;
  /** Begins anew, for the next connection. */
  reset(): void;
}

/** One event. `bytes` may be part of what was fed: do not change or keep them. */
export class SseEvent {
  /** The type; `message` unless the server names one. */
  readonly event: string;
  /** The id that a reader of this event may resume from; empty when there is none. */
  readonly id: string;
  readonly bytes: Uint8Array;

  constructor(event: string, id: string, bytes: Uint8Array) {
    this.event = event;
    this.id = id;
    this.bytes = bytes;
  }

  get data(): string {
    return lenientUtf8.decode(this.bytes);
  }
}

const lf = 0x0a;
const cr = 0x0d;
const space = 0x20;
const colon = 0x3a;
// Only the very first bytes of a stream may be a byte order mark, and those are handled apart.
const lenientUtf8 = new TextDecoder('utf-8', { ignoreBOM: true });
/** Room for the field name beside the data. */
const fieldNameBytesMax = 16;

export function createSseDecoder(options: SseDecoderOptions): SseDecoder {
  const block = createBlock(options);
  let dead = false;

  const refuse = (): never => {
    dead = true;
    forget();
    const max = options.eventBytesMax;
    throw new McpError('tooLarge', `An event of the stream has more than ${max} bytes`);
  };
  const lines = createStreamLines(options.eventBytesMax + fieldNameBytesMax, refuse, (line) => {
    if (!block.readLine(line)) refuse();
  });
  const forget = (): void => {
    lines.clear();
    block.clear();
  };

  return {
    get lastEventId() {
      return block.lastEventId;
    },
    feed(chunk) {
      if (!dead) lines.feed(chunk);
    },
    end: forget,
    reset() {
      forget();
      dead = false;
    },
  };
}

/** The lines of one stream, which end in CR, LF or CRLF and may come in pieces. */
interface StreamLines {
  feed(chunk: Uint8Array): void;
  clear(): void;
}

function createStreamLines(
  lineBytesMax: number,
  refuse: () => never,
  onLine: (line: Uint8Array) => void,
): StreamLines {
  const kept = createByteList();
  let afterCr = false;
  let firstLine = true;

  const keep = (part: Uint8Array): void => {
    if (kept.length + part.length > lineBytesMax) refuse();
    kept.append(part);
  };
  const finishLine = (part: Uint8Array): void => {
    if (kept.length + part.length > lineBytesMax) refuse();
    let line = part;
    if (kept.length > 0) {
      kept.append(part);
      line = kept.take();
    }
    if (firstLine) line = withoutMark(line);
    firstLine = false;
    onLine(line);
  };

  return {
    feed(chunk) {
      if (chunk.length === 0) return;
      // CRLF is one line end even when the two come in different chunks.
      let from = afterCr && chunk[0] === lf ? 1 : 0;
      afterCr = false;
      let nextCr = indexOrEnd(chunk, cr, from);
      while (from < chunk.length) {
        // Searched no further than the next CR, or lines that end in CR would be searched anew.
        const to = Math.min(indexBefore(chunk, lf, from, nextCr), nextCr);
        if (to === chunk.length) break;
        finishLine(chunk.subarray(from, to));
        from = to + 1;
        if (to !== nextCr) continue;
        if (chunk[from] === lf) from++;
        else if (from === chunk.length) afterCr = true;
        nextCr = indexOrEnd(chunk, cr, from);
      }
      if (from < chunk.length) keep(from === 0 ? chunk : chunk.subarray(from));
    },
    clear() {
      kept.clear();
      afterCr = false;
      firstLine = true;
    },
  };
}

/** The lines between two blank ones. */
interface Block {
  readonly lastEventId: string;
  /** False when the data pass the bound. */
  readLine(line: Uint8Array): boolean;
  clear(): void;
}

function createBlock({ eventBytesMax, onEvent, onRetry, onId }: SseDecoderOptions): Block {
  const more = createByteList();
  // The first line of data is kept apart: most events have no other.
  let first: Uint8Array | undefined;
  let type = '';
  let idLine: string | undefined;
  let lastEventId = '';

  const clear = (): void => {
    more.clear();
    first = undefined;
    type = '';
    idLine = undefined;
  };
  const addData = (value: Uint8Array): boolean => {
    if (first === undefined) {
      first = value;
      return value.length <= eventBytesMax;
    }
    if (more.length === 0) more.append(first);
    more.append(lineFeed);
    more.append(value);
    return more.length <= eventBytesMax;
  };
  const dispatch = (): void => {
    const data = more.length > 0 ? more.take() : first;
    const [event, id] = [type === '' ? 'message' : type, idLine];
    clear();
    if (id !== undefined) lastEventId = id;
    // An empty text is no message: such an event only primes the reader with an id.
    if (data !== undefined && data.length > 0) onEvent(new SseEvent(event, lastEventId, data));
    if (id !== undefined) onId?.(id);
  };

  return {
    get lastEventId() {
      return lastEventId;
    },
    clear,
    readLine(line) {
      if (line.length === 0) {
        dispatch();
        return true;
      }
      const at = indexOrEnd(line, colon, 0);
      const value = line.subarray(line[at + 1] === space ? at + 2 : at + 1);
      const field = fieldName(line, at);
      if (field === 'data') return addData(value);
      if (field === 'event') type = lenientUtf8.decode(value);
      else if (field === 'id' && !value.includes(0)) idLine = lenientUtf8.decode(value);
      else if (field === 'retry' && isDigits(value)) onRetry?.(toNumber(value));
      return true;
    },
  };
}

const lineFeed = new Uint8Array([lf]);

function fieldName(line: Uint8Array, length: number): string {
  // No field that we know is longer; the name of a comment is empty.
  return length > 5 ? '' : String.fromCharCode(...line.subarray(0, length));
}

function isDigits(value: Uint8Array): boolean {
  return value.length > 0 && value.every((byte) => byte >= 0x30 && byte <= 0x39);
}

function toNumber(digits: Uint8Array): number {
  return Math.min(Number(lenientUtf8.decode(digits)), Number.MAX_SAFE_INTEGER);
}

function withoutMark(line: Uint8Array): Uint8Array {
  return line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf ? line.subarray(3) : line;
}

function indexOrEnd(bytes: Uint8Array, byte: number, from: number): number {
  const at = bytes.indexOf(byte, from);
  return at === -1 ? bytes.length : at;
}

/** As `indexOrEnd`, but looks no further than `before`. */
function indexBefore(bytes: Uint8Array, byte: number, from: number, before: number): number {
  const at = bytes.subarray(from, before).indexOf(byte);
  return at === -1 ? bytes.length : from + at;
}
