import { Readable, Writable } from 'node:stream';
import type { Dice } from './dice.js';
import type { Scheduler } from './scheduler.js';

export interface BytePipeOptions {
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly dice: Dice;
  /** Sees each piece as it arrives. */
  readonly onPiece: (piece: Uint8Array) => void;
}

/** One direction of a pipe between two processes. */
export interface BytePipe {
  readonly from: Writable;
  readonly to: Readable;
  /** Its writer is gone: what is under way arrives, or not, and then the end. */
  end(): void;
}

/** Bytes arrive late, in order, in pieces of any size. */
export function createBytePipe({ name, scheduler, dice, onPiece }: BytePipeOptions): BytePipe {
  let isEnded = false;
  const to = new Readable({ read: () => undefined });
  const give = (bytes: Uint8Array, done: () => void): void => {
    scheduler.after(dice.between(0, 10), `${name} moves`, () => {
      if (isEnded) return done();
      const length = dice.chance(0.5) ? bytes.length : dice.between(1, bytes.length);
      onPiece(bytes.subarray(0, length));
      // The one who takes the piece may end the pipe.
      if (!isEnded) to.push(bytes.subarray(0, length));
      if (length === bytes.length || isEnded) done();
      else give(bytes.subarray(length), done);
    });
  };
  const from = new Writable({
    highWaterMark: dice.pick([200, 4000]),
    write: (bytes: Uint8Array, _encoding, done) =>
      bytes.length === 0 ? done() : give(bytes, done),
    final(done) {
      end();
      done();
    },
  });
  const end = (): void => {
    if (isEnded) return;
    isEnded = true;
    to.push(null);
    from.destroy();
  };
  return { from, to, end };
}
