import type { Clock } from '../platform/clock.js';

export interface OutboxOptions {
  readonly clock: Clock;
  /** Writes a piece. False when the reader should catch up before more is written. */
  readonly write: (text: string) => boolean;
  /** Pieces of one turn leave in one write up to this many characters. */
  readonly batchMax: number;
  /** What may wait for a slow reader before the reader counts as stalled. */
  readonly waitingMax: number;
  /** A reader that takes nothing for this long, with more than `waitingMax` waiting, is cut. */
  readonly stallMs: number;
  readonly cut: () => void;
}

/**
 * Ordered, bounded, back-pressured sending of text. The first piece of a turn is written at once,
 * so that a lone event never waits; the others of that turn leave together.
 */
export interface Outbox {
  /** A returned promise settles once there is room for more. */
  push(text: string): void | Promise<void>;
  /** The reader has caught up. */
  drained(): void;
  /** Writes all that waits, whether the reader keeps up or not: the last words of a stream. */
  flush(): void;
  /** Forgets what waits and lets everybody who awaits room go on. */
  close(): void;
  /** Characters that wait. */
  readonly waiting: number;
}

export function createOutbox(options: OutboxOptions): Outbox {
  const { clock, batchMax, waitingMax } = options;
  let queue: string[] = [];
  let waiting = 0;
  let sentThisTurn = 0;
  let turnOpen = false;
  let blocked = false;
  let closed = false;
  let room: { promise: Promise<void>; open: () => void } | undefined;
  let stopStallTimer: (() => void) | undefined;

  const openRoom = (): void => {
    room?.open();
    room = undefined;
  };
  const write = (text: string): void => {
    sentThisTurn += text.length;
    if (options.write(text)) return;
    blocked = true;
    stopStallTimer = clock.after(options.stallMs, stalled);
  };
  const writeQueue = (): void => {
    if (queue.length === 0) return;
    const text = queue.length === 1 ? queue[0]! : queue.join('');
    queue = [];
    waiting = 0;
    write(text);
  };
  const stalled = (): void => {
    stopStallTimer = undefined;
    if (waiting > waitingMax) options.cut();
    else if (blocked) stopStallTimer = clock.after(options.stallMs, stalled);
  };
  const turnOver = (): void => {
    turnOpen = false;
    sentThisTurn = 0;
    if (closed) return;
    if (!blocked) {
      writeQueue();
      if (!blocked) openRoom();
    }
  };
  const openTurn = (): void => {
    if (turnOpen) return;
    turnOpen = true;
    clock.nextTurn(turnOver);
  };
  const whenRoom = (): Promise<void> => {
    if (room === undefined) {
      let open = (): void => undefined;
      const promise = new Promise<void>((resolve) => (open = resolve));
      room = { promise, open };
    }
    return room.promise;
  };

  return {
    push(text) {
      if (closed) return;
      if (!turnOpen && !blocked) {
        openTurn();
        write(text);
      } else {
        queue.push(text);
        waiting += text.length;
        openTurn();
        if (waiting >= batchMax && !blocked) writeQueue();
      }
      // A writer that never leaves the microtask queue would starve everybody else.
      if (blocked || sentThisTurn >= batchMax) return whenRoom();
    },
    drained() {
      if (!blocked || closed) return;
      blocked = false;
      stopStallTimer?.();
      stopStallTimer = undefined;
      writeQueue();
      if (!blocked) openRoom();
    },
    flush() {
      if (queue.length === 0 || closed) return;
      const text = queue.join('');
      queue = [];
      waiting = 0;
      options.write(text);
    },
    close() {
      closed = true;
      queue = [];
      waiting = 0;
      stopStallTimer?.();
      openRoom();
    },
    get waiting() {
      return waiting;
    },
  };
}
