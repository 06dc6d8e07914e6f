import { beforeEach, describe, expect, test } from 'vitest';
import { createOutbox, type Outbox } from '../../../src/engine/outbox.js';
import { manualClock, type ManualClock } from '../../../src/testing/index.js';
import { fc } from '../properties.js';

let clock: ManualClock;
let writes: string[];
let full: boolean;
let cut: number;
let outbox: Outbox;

beforeEach(() => {
  clock = manualClock({ turns: 'manual' });
  writes = [];
  full = false;
  cut = 0;
  outbox = createOutbox({
    clock,
    write: (text) => (writes.push(text), !full),
    batchMax: 10,
    waitingMax: 20,
    stallMs: 1000,
    cut: () => void cut++,
  });
});

/** Whether a promise has settled by now; undefined is room at once. */
async function settled(promise: void | Promise<void>): Promise<boolean> {
  let done = promise === undefined;
  void promise?.then(() => (done = true));
  await Promise.resolve();
  await Promise.resolve();
  return done;
}

describe('one turn', () => {
  test('the first piece is written at once, the others together at its end', () => {
    void outbox.push('a');
    expect(writes).toEqual(['a']);
    void outbox.push('b');
    void outbox.push('c');
    expect(writes).toEqual(['a']);
    clock.turn();
    expect(writes).toEqual(['a', 'bc']);
    clock.turn();
    void outbox.push('d');
    expect(writes).toEqual(['a', 'bc', 'd']);
  });

  test('that was announced to bring several has one write, and the next one is as ever', () => {
    outbox.gather();
    void outbox.push('a');
    void outbox.push('b');
    expect(writes).toEqual([]);
    clock.turn();
    expect(writes).toEqual(['ab']);
    void outbox.push('c');
    expect(writes).toEqual(['ab', 'c']);
  });

  test('news never waits for answers that may, and takes along those before it', () => {
    outbox.gather();
    void outbox.push('a');
    void outbox.push('n', {});
    expect(writes).toEqual(['an']);
    void outbox.push('m', {});
    void outbox.push('b');
    expect(writes).toEqual(['an']);
    clock.turn();
    expect(writes).toEqual(['an', 'mb']);
  });

  test('announced after its first piece, or to a slow reader, changes nothing', () => {
    void outbox.push('a');
    outbox.gather();
    void outbox.push('b', {});
    clock.turn();
    expect(writes).toEqual(['a', 'b']);
    full = true;
    void outbox.push('c');
    outbox.gather();
    full = false;
    outbox.drained();
    clock.turn();
    void outbox.push('d');
    expect(writes).toEqual(['a', 'b', 'c', 'd']);
  });

  test('a batch that is full does not wait for the end', () => {
    for (const piece of ['a', 'bbbb', 'cccc', 'dddd']) void outbox.push(piece);
    expect(writes).toEqual(['a', 'bbbbccccdddd']);
    expect(outbox.waiting).toBe(0);
  });

  test('whoever writes a whole batch in one turn is asked to wait for the next', async () => {
    const first = outbox.push('0123456789');
    expect(await settled(first)).toBe(false);
    clock.turn();
    expect(await settled(first)).toBe(true);
    expect(outbox.push('a')).toBeUndefined();
  });
});

describe('a slow reader', () => {
  test('makes everybody wait until it has caught up', async () => {
    full = true;
    const first = outbox.push('a');
    const second = outbox.push('b');
    clock.turn();
    expect(writes).toEqual(['a']);
    expect(await settled(first)).toBe(false);
    full = false;
    outbox.drained();
    expect(writes).toEqual(['a', 'b']);
    expect([await settled(first), await settled(second)]).toEqual([true, true]);
  });

  test('that is full again right away keeps them waiting', async () => {
    full = true;
    const first = outbox.push('a');
    void outbox.push('b');
    outbox.drained();
    expect(writes).toEqual(['a', 'b']);
    expect(await settled(first)).toBe(false);
  });

  test('is cut once too much has waited for too long', async () => {
    full = true;
    void outbox.push('a');
    void outbox.push('x'.repeat(21));
    await clock.advance(999);
    expect(cut).toBe(0);
    await clock.advance(1);
    expect(cut).toBe(1);
  });

  test('is not cut at the bound, however long it takes', async () => {
    full = true;
    void outbox.push('a');
    void outbox.push('x'.repeat(20));
    await clock.advance(10_000);
    expect(cut).toBe(0);
    void outbox.push('x');
    await clock.advance(1000);
    expect(cut).toBe(1);
  });

  test('is cut although nothing else waits, where that is asked for', async () => {
    const own = createOutbox({
      clock,
      write: () => false,
      batchMax: 10,
      waitingMax: 20,
      stallMs: 1000,
      cutFrom: 0,
      cut: () => void cut++,
    });
    const waits = own.push('a');
    await clock.advance(999);
    expect([cut, await settled(waits)]).toEqual([0, false]);
    await clock.advance(1);
    expect([cut, await settled(waits)]).toEqual([1, true]);
  });

  test('that takes something has time again', async () => {
    full = true;
    void outbox.push('a');
    void outbox.push('x'.repeat(21));
    await clock.advance(999);
    outbox.drained();
    void outbox.push('y'.repeat(21));
    await clock.advance(999);
    expect(cut).toBe(0);
    await clock.advance(1);
    expect(cut).toBe(1);
  });
});

describe('the end', () => {
  test('flush writes what waits, also past a slow reader', () => {
    full = true;
    void outbox.push('a');
    void outbox.push('b');
    outbox.flush();
    outbox.flush();
    expect(writes).toEqual(['a', 'b']);
  });

  test('close lets go of everybody and everything', async () => {
    full = true;
    const first = outbox.push('a');
    void outbox.push('b');
    outbox.close();
    expect(await settled(first)).toBe(true);
    expect(outbox.push('c')).toBeUndefined();
    outbox.drained();
    outbox.flush();
    clock.turn();
    expect(writes).toEqual(['a']);
    expect([clock.waiting, outbox.waiting]).toEqual([0, 0]);
  });
});

test('whatever happens, all that was pushed is written once and in order', () => {
  const step = fc.oneof(
    fc.record({ push: fc.string({ minLength: 1, maxLength: 15 }) }),
    fc.constantFrom('turn' as const, 'fill' as const, 'drain' as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const own = manualClock({ turns: 'manual' });
      const written: string[] = [];
      let room = true;
      const box = createOutbox({
        clock: own,
        write: (text) => (written.push(text), room),
        batchMax: 10,
        waitingMax: 20,
        stallMs: 1000,
        cut: () => undefined,
      });
      let pushed = '';
      for (const one of steps) {
        if (one === 'turn') own.turn();
        else if (one === 'fill') room = false;
        else if (one === 'drain') {
          room = true;
          box.drained();
        } else {
          pushed += one.push;
          void box.push(one.push);
        }
      }
      box.flush();
      expect(written.join('')).toBe(pushed);
    }),
  );
});

describe('many pieces', () => {
  test('that wait leave in writes of about a batch, for as long as there is room', () => {
    full = true;
    for (const piece of ['a', 'bbbbbbbb', 'cccccccc', 'dddddddd', 'eeee']) void outbox.push(piece);
    expect(writes).toEqual(['a']);
    outbox.drained();
    expect(writes).toEqual(['a', 'bbbbbbbbcccccccc']);
    outbox.drained();
    expect(writes).toEqual(['a', 'bbbbbbbbcccccccc', 'ddddddddeeee']);
  });

  test('a reader that takes some of a large one has time again', async () => {
    full = true;
    void outbox.push('x'.repeat(100));
    void outbox.push('y'.repeat(100));
    await clock.advance(999);
    outbox.taken();
    await clock.advance(999);
    expect(cut).toBe(0);
    await clock.advance(1);
    expect(cut).toBe(1);
  });

  test('of one turn that lasts too long make their writer wait for the next', async () => {
    let now = 0;
    const own = createOutbox({
      clock: { ...clock, now: () => now },
      write: () => true,
      batchMax: 10,
      waitingMax: 20,
      stallMs: 1000,
      cut: () => undefined,
    });
    void own.push('a');
    now = 4;
    // The clock is looked at with every eighth of them.
    for (let n = 2; n <= 8; n++) expect(own.push('')).toBeUndefined();
    now = 5;
    for (let n = 9; n <= 15; n++) expect(own.push('')).toBeUndefined();
    const late = [own.push(''), own.push('')];
    for (const room of late) expect(await settled(room)).toBe(false);
    clock.turn();
    for (const room of late) expect(await settled(room)).toBe(true);
    expect(own.push('')).toBeUndefined();
  });
});

describe('notices that nobody holds back', () => {
  test('of one key only the newest stays past the bound, and none goes under it', () => {
    full = true;
    void outbox.push('-');
    const key = { key: 'k' };
    for (let count = 0; count < 1000; count++) void outbox.push(`${count % 10}`, key);
    void outbox.push('.');
    for (const last of ['x', 'y', 'z']) void outbox.push(last, key);
    outbox.flush();
    expect(writes).toEqual(['-', '012345678901234567890' + 'z.']);
    expect(cut).toBe(0);
  });

  test('the newest of a key comes last, also where its reader has taken some meanwhile', () => {
    full = true;
    void outbox.push('-');
    const key = { key: 'k' };
    for (let count = 0; count < 21; count++) void outbox.push('a', key);
    for (const last of ['P', 'Q']) void outbox.push(last, key);
    outbox.drained();
    for (let count = 0; count < 9; count++) void outbox.push('b', key);
    for (const last of ['R', 'S']) void outbox.push(last, key);
    outbox.flush();
    expect(writes).toEqual(['-', 'a'.repeat(10), `${'a'.repeat(11)}Q${'b'.repeat(8)}S`]);
  });

  test('cut their reader at eight times the bound, and leave nothing behind', () => {
    full = true;
    void outbox.push('-');
    for (let count = 0; count <= 160; count++) void outbox.push('n', {});
    expect([cut, outbox.waiting]).toEqual([0, 161]);
    void outbox.push('n', {});
    void outbox.push('n', {});
    expect([cut, outbox.waiting, clock.waiting]).toEqual([1, 0, 0]);
  });

  test('a large one, or many answers, are no flood', () => {
    full = true;
    void outbox.push('-');
    void outbox.push('x'.repeat(1000), {});
    for (let count = 0; count < 1000; count++) void outbox.push('answer');
    expect(cut).toBe(0);
  });

  test('hang no more than so many promises on a reader that takes nothing', async () => {
    full = true;
    const first = outbox.push('-');
    for (let count = 0; count < 4095; count++) void outbox.push('n', { key: 'k' });
    expect(await settled(first)).toBe(false);
    const later = outbox.push('n', { key: 'k' });
    expect([await settled(first), await settled(later)]).toEqual([true, false]);
  });
});
