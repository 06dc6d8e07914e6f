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

/** To read the clock for each piece would take longer than to send it. */
const piecesPerLook = 8;

export function createOutbox(options: OutboxOptions): Outbox {
  return new TextOutbox(options);
}

class TextOutbox implements Outbox {
  readonly #options: OutboxOptions;
  // Made for the first piece that waits: most streams are silent.
  #queue: Queue | undefined;
  #sentThisTurn = 0;
  #turnOpenedAt: number | undefined;
  #piecesThisTurn = 0;
  #isLongTurn = false;
  #isGathering = false;
  #isBlocked = false;
  #takenAt = 0;
  #isClosed = false;
  #room: { promise: Promise<void>; open: () => void; asked: number } | undefined;
  #stopStallTimer: (() => void) | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#queue?.size ?? 0;
  }

  push(text: string, notice?: Notice): void | Promise<void> {
    if (this.#isClosed) return;
    const { batchMax } = this.#options;
    if (this.#turnOpenedAt === undefined && !this.#isBlocked) {
      this.#openTurn();
      this.#write(text);
    } else {
      if (!this.#enqueue(text, notice)) return;
      this.#openTurn();
      // A notice is news, also among answers that can wait for each other.
      const isNews = this.#isGathering && notice !== undefined;
      if (isNews) this.#isGathering = false;
      if (isNews || this.waiting >= batchMax) this.#writeQueue();
    }
    if (this.#isBlocked || this.#sentThisTurn >= batchMax || this.#lookAtTurn()) {
      return this.#whenRoom();
    }
  }

  gather(): void {
    if (this.#turnOpenedAt !== undefined || this.#isBlocked || this.#isClosed) return;
    this.#isGathering = true;
    this.#openTurn();
  }

  drained(): void {
    if (!this.#isBlocked || this.#isClosed) return;
    this.#isBlocked = false;
    this.#stopStallTimer?.();
    this.#stopStallTimer = undefined;
    this.#writeQueue();
    if (!this.#isBlocked) this.#openRoom();
  }

  taken(): void {
    this.#takenAt = this.#options.clock.now();
  }

  flush(): void {
    const queue = this.#queue;
    if (queue === undefined || queue.size === 0 || this.#isClosed) return;
    this.#options.write(queue.take(Infinity));
  }

  close(): void {
    this.#isClosed = true;
    this.#queue?.clear();
    this.#stopStallTimer?.();
    this.#openRoom();
  }

  /** False when too many notices wait: then all of them are given up, and the reader. */
  #enqueue(text: string, notice: Notice | undefined): boolean {
    const { waitingMax } = this.#options;
    const queue = (this.#queue ??= new Queue());
    // Without those of its size: one that is large is not many.
    if (notice !== undefined && queue.notices > waitingMax * boundsOfNotices) {
      this.#cut(`More than ${waitingMax * boundsOfNotices} characters of notices wait`);
      return false;
    }
    queue.add(text, notice, queue.size > waitingMax);
    return true;
  }

  #write(text: string): void {
    this.#sentThisTurn += text.length;
    if (this.#options.write(text)) return;
    const { clock, stallMs } = this.#options;
    this.#isBlocked = true;
    this.#takenAt = clock.now();
    this.#stopStallTimer ??= clock.after(stallMs, () => this.#lookForStall());
  }

  // What is handed over is out of our sight: never more than the reader has room for.
  #writeQueue(): void {
    const queue = this.#queue;
    while (queue !== undefined && !this.#isBlocked && queue.size > 0) {
      this.#write(queue.take(this.#options.batchMax));
    }
  }

  #cut(why: string): void {
    this.close();
    this.#options.cut(why);
  }

  #lookForStall(): void {
    this.#stopStallTimer = undefined;
    if (!this.#isBlocked) return;
    const { clock, stallMs, waitingMax, cutFrom = waitingMax + 1 } = this.#options;
    const idleMs = clock.now() - this.#takenAt;
    if (idleMs >= stallMs && this.waiting >= cutFrom) {
      return this.#cut(`The reader has taken nothing for ${stallMs} ms`);
    }
    const ms = idleMs >= stallMs ? stallMs : stallMs - idleMs;
    this.#stopStallTimer = clock.after(ms, () => this.#lookForStall());
  }

  #openTurn(): void {
    if (this.#turnOpenedAt !== undefined) return;
    const { clock } = this.#options;
    this.#turnOpenedAt = clock.now();
    clock.nextTurn(() => this.#turnOver());
  }

  #turnOver(): void {
    this.#turnOpenedAt = undefined;
    this.#sentThisTurn = this.#piecesThisTurn = 0;
    this.#isGathering = this.#isLongTurn = false;
    if (this.#isClosed || this.#isBlocked) return;
    this.#writeQueue();
    if (!this.#isBlocked) this.#openRoom();
  }

  #lookAtTurn(): boolean {
    const openedAt = this.#turnOpenedAt;
    if (openedAt !== undefined && ++this.#piecesThisTurn % piecesPerLook === 0) {
      this.#isLongTurn ||= this.#options.clock.now() - openedAt >= turnMsMax;
    }
    return this.#isLongTurn;
  }

  #whenRoom(): Promise<void> {
    if (this.#room !== undefined && ++this.#room.asked > roomsAskedMax) this.#openRoom();
    if (this.#room === undefined) {
      let open = (): void => undefined;
      const promise = new Promise<void>((resolve) => (open = resolve));
      this.#room = { promise, open, asked: 1 };
    }
    return this.#room.promise;
  }

  #openRoom(): void {
    this.#room?.open();
    this.#room = undefined;
  }
}

interface Piece {
  text: string;
  readonly notice: Notice | undefined;
}

class Queue {
  #pieces: Piece[] = [];
  #first = 0;
  #size = 0;
  #notices = 0;
  /** The piece of each key that the next one replaces. */
  #newest: Map<string, Piece> | undefined;

  /** Characters of all pieces. */
  get size(): number {
    return this.#size;
  }

  /** Characters of those that are notices. */
  get notices(): number {
    return this.#notices;
  }

  /** Adds a piece, in place of the last with its key if `replace` says so. */
  add(text: string, notice: Notice | undefined, replace: boolean): void {
    const key = notice?.key;
    const known = key === undefined ? undefined : this.#newest?.get(key);
    const last = replace ? known : undefined;
    this.#count(text.length - (last?.text.length ?? 0), notice);
    if (last !== undefined) {
      last.text = text;
      return;
    }
    const piece: Piece = { text, notice };
    this.#pieces.push(piece);
    // One that is behind it takes its place as the newest, or a later one would come before that.
    if (key !== undefined && (replace || known !== undefined)) {
      (this.#newest ??= new Map()).set(key, piece);
    }
  }

  /** Whole pieces, from the oldest on, until they are `length` characters or more. */
  take(length: number): string {
    let text = '';
    while (this.#first < this.#pieces.length && text.length < length) {
      const piece = this.#pieces[this.#first++]!;
      const key = piece.notice?.key;
      if (key !== undefined && this.#newest?.get(key) === piece) this.#newest.delete(key);
      text += piece.text;
      this.#count(-piece.text.length, piece.notice);
    }
    if (this.#first === this.#pieces.length) this.clear();
    else if (this.#first > this.#pieces.length / 2) {
      this.#pieces = this.#pieces.slice(this.#first);
      this.#first = 0;
    }
    return text;
  }

  clear(): void {
    this.#pieces = [];
    this.#first = this.#size = this.#notices = 0;
    this.#newest = undefined;
  }

  #count(characters: number, notice: Notice | undefined): void {
    this.#size += characters;
    if (notice !== undefined) this.#notices += characters;
  }
}
