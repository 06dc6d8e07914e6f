import type { Clock } from '../platform/clock.js';

export interface OutboxOptions {
  readonly clock: Clock;
  /** Writes a piece. False when the reader should catch up before more is written. */
  readonly write: (text: string) => boolean;
  /** Pieces of one turn leave in one write up to about this many characters. */
  readonly batchMax: number;
  /** What may wait for a slow reader before the reader counts as stalled. */
  readonly waitingMax: number;
  /** A reader that takes nothing for this long is cut, if `cutFrom` or more waits for it. */
  readonly stallMs: number;
  /** By default what is more than `waitingMax`. */
  readonly cutFrom?: number;
  /** Called once, when the outbox has given its reader up. */
  readonly cut: (why: string) => void;
}

/** A piece that a writer may go on sending without waiting for room, as notices are. */
export interface Notice {
  /** Past the bound the newest of the pieces with one key stands for all of them. */
  readonly key?: string | undefined;
}

/**
 * Ordered, bounded, back-pressured sending of text. The first piece of a turn is written at once,
 * so that a lone event never waits; the others of that turn leave together.
 */
export interface Outbox {
  /** A returned promise settles once there is room for more. */
  push(text: string, notice?: Notice): void | Promise<void>;
  /** Several pieces are about to come: those that nobody waits for leave with the last of them. */
  gather(): void;
  /** The reader has caught up. */
  drained(): void;
  /** The reader has taken something, and not yet caught up. */
  taken(): void;
  /** Writes all that waits, whether the reader keeps up or not: the last words of a stream. */
  flush(): void;
  /** Forgets what waits and lets everybody who awaits room go on. */
  close(): void;
  /** Characters that wait. */
  readonly waiting: number;
}

/** How many times the bound may wait in notices that nobody held back: many calls share a pipe. */
const boundsOfNotices = 8;

/**
 * How often one promise of room is handed out. So many do not wait for it, and what they hang on it
 * takes memory: those that do wait may send one piece more each.
 */
const roomsAskedMax = 4096;

/** A writer that never leaves the microtask queue would starve everybody else. */
const turnMsMax = 5;

export function createOutbox(options: OutboxOptions): Outbox {
  const { clock, batchMax, waitingMax, cutFrom = waitingMax + 1 } = options;
  const queue = createQueue();
  let sentThisTurn = 0;
  let turnOpenedAt: number | undefined;
  let gathering = false;
  let blocked = false;
  let takenAt = 0;
  let closed = false;
  let room: { promise: Promise<void>; open: () => void; asked: number } | undefined;
  let stopStallTimer: (() => void) | undefined;

  const openRoom = (): void => {
    room?.open();
    room = undefined;
  };
  const write = (text: string): void => {
    sentThisTurn += text.length;
    if (options.write(text)) return;
    blocked = true;
    takenAt = clock.now();
    stopStallTimer ??= clock.after(options.stallMs, lookForStall);
  };
  // What is handed over is out of our sight: never more than the reader has room for.
  const writeQueue = (): void => {
    while (!blocked && queue.size > 0) write(queue.take(batchMax));
  };
  const close = (): void => {
    closed = true;
    queue.clear();
    stopStallTimer?.();
    openRoom();
  };
  const cut = (why: string): void => {
    close();
    options.cut(why);
  };
  const lookForStall = (): void => {
    stopStallTimer = undefined;
    if (!blocked) return;
    const idleMs = clock.now() - takenAt;
    if (idleMs >= options.stallMs && queue.size >= cutFrom) {
      return cut(`The reader has taken nothing for ${options.stallMs} ms`);
    }
    const ms = idleMs >= options.stallMs ? options.stallMs : options.stallMs - idleMs;
    stopStallTimer = clock.after(ms, lookForStall);
  };
  const turnOver = (): void => {
    turnOpenedAt = undefined;
    sentThisTurn = 0;
    gathering = false;
    if (closed || blocked) return;
    writeQueue();
    if (!blocked) openRoom();
  };
  const openTurn = (): void => {
    if (turnOpenedAt !== undefined) return;
    turnOpenedAt = clock.now();
    clock.nextTurn(turnOver);
  };
  const whenRoom = (): Promise<void> => {
    if (room !== undefined && ++room.asked > roomsAskedMax) openRoom();
    if (room === undefined) {
      let open = (): void => undefined;
      const promise = new Promise<void>((resolve) => (open = resolve));
      room = { promise, open, asked: 1 };
    }
    return room.promise;
  };

  return {
    push(text, notice) {
      if (closed) return;
      if (turnOpenedAt === undefined && !blocked) {
        openTurn();
        write(text);
      } else {
        // Without those of its size: one that is large is not many.
        if (notice !== undefined && queue.notices > waitingMax * boundsOfNotices) {
          return cut(`More than ${waitingMax * boundsOfNotices} characters of notices wait`);
        }
        queue.add(text, notice, queue.size > waitingMax);
        openTurn();
        // A notice is news, also among answers that can wait for each other.
        const isNews = gathering && notice !== undefined;
        if (isNews) gathering = false;
        if (isNews || queue.size >= batchMax) writeQueue();
      }
      if (blocked || sentThisTurn >= batchMax || isLongTurn(clock, turnOpenedAt)) {
        return whenRoom();
      }
    },
    gather() {
      if (turnOpenedAt !== undefined || blocked || closed) return;
      gathering = true;
      openTurn();
    },
    drained() {
      if (!blocked || closed) return;
      blocked = false;
      stopStallTimer?.();
      stopStallTimer = undefined;
      writeQueue();
      if (!blocked) openRoom();
    },
    taken() {
      takenAt = clock.now();
    },
    flush() {
      if (queue.size > 0 && !closed) options.write(queue.take(Infinity));
    },
    close,
    get waiting() {
      return queue.size;
    },
  };
}

function isLongTurn(clock: Clock, openedAt: number | undefined): boolean {
  return openedAt !== undefined && clock.now() - openedAt >= turnMsMax;
}

interface Piece {
  text: string;
  readonly notice: Notice | undefined;
}

interface Queue {
  /** Adds a piece, in place of the last with its key if `replace` says so. */
  add(text: string, notice: Notice | undefined, replace: boolean): void;
  /** Whole pieces, from the oldest on, until they are `length` characters or more. */
  take(length: number): string;
  clear(): void;
  /** Characters of all pieces. */
  readonly size: number;
  /** Characters of those that are notices. */
  readonly notices: number;
}

function createQueue(): Queue {
  let pieces: Piece[] = [];
  let first = 0;
  let size = 0;
  let notices = 0;
  /** The piece of each key that the next one replaces. */
  const newest = new Map<string, Piece>();

  const count = (characters: number, notice: Notice | undefined): void => {
    size += characters;
    if (notice !== undefined) notices += characters;
  };
  const clear = (): void => {
    pieces = [];
    first = size = notices = 0;
    newest.clear();
  };

  return {
    add(text, notice, replace) {
      const key = replace ? notice?.key : undefined;
      const last = key === undefined ? undefined : newest.get(key);
      count(text.length - (last?.text.length ?? 0), notice);
      if (last !== undefined) {
        last.text = text;
        return;
      }
      const piece: Piece = { text, notice };
      pieces.push(piece);
      if (key !== undefined) newest.set(key, piece);
    },
    take(length) {
      let text = '';
      while (first < pieces.length && text.length < length) {
        const piece = pieces[first++]!;
        const key = piece.notice?.key;
        if (key !== undefined && newest.get(key) === piece) newest.delete(key);
        text += piece.text;
        count(-piece.text.length, piece.notice);
      }
      if (first === pieces.length) clear();
      else if (first > pieces.length / 2) {
        pieces = pieces.slice(first);
        first = 0;
      }
      return text;
    },
    clear,
    get size() {
      return size;
    },
    get notices() {
      return notices;
    },
  };
}
