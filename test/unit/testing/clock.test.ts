import { describe, expect, test } from 'vitest';
import { manualClock, manualPlatform, seededRandom } from '../../../src/testing/index.js';

describe('a manual clock', () => {
  test('stands still until it is moved', async () => {
    const clock = manualClock({ startMs: 1000 });
    expect(clock.now()).toBe(1000);
    await clock.advance(5);
    expect(clock.now()).toBe(1005);
  });

  test('runs what falls due, in its order, at its time', async () => {
    const clock = manualClock({ startMs: 0 });
    const ran: unknown[] = [];
    const note = (name: string) => (): void => void ran.push([name, clock.now()]);
    clock.after(20, note('b'));
    clock.after(10, note('a'));
    clock.after(20, note('c'));
    clock.after(21, note('late'));
    await clock.advance(20);
    expect(ran).toEqual([
      ['a', 10],
      ['b', 20],
      ['c', 20],
    ]);
    expect([clock.now(), clock.waiting]).toEqual([20, 1]);
  });

  test('sees a timer that follows from another, promises in between included', async () => {
    const clock = manualClock({ startMs: 0 });
    const ran: number[] = [];
    clock.after(10, () => {
      void Promise.resolve()
        .then(() => undefined)
        .then(() => clock.after(10, () => ran.push(clock.now())));
    });
    await clock.advance(30);
    expect(ran).toEqual([20]);
  });

  test('takes timers back', async () => {
    const clock = manualClock();
    let ran = 0;
    const stop = clock.after(10, () => void ran++);
    stop();
    stop();
    await clock.advance(10);
    expect([ran, clock.waiting]).toEqual([0, 0]);
  });

  test('tells when something waits for a time', async () => {
    const clock = manualClock();
    let armed = 0;
    const any = clock.armed().then(() => armed++);
    const long = clock.armed((ms) => ms > 100).then(() => armed++);
    clock.after(50, () => undefined);
    await any;
    expect(armed).toBe(1);
    clock.after(101, () => undefined);
    await long;
    expect(armed).toBe(2);
    await clock.armed((ms) => ms === 50);
  });

  test('ends turns by hand where it is told to', async () => {
    const clock = manualClock({ turns: 'manual' });
    const ran: number[] = [];
    clock.nextTurn(() => {
      ran.push(1);
      clock.nextTurn(() => ran.push(2));
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(ran).toEqual([]);
    clock.turn();
    expect(ran).toEqual([1]);
    clock.turn();
    expect(ran).toEqual([1, 2]);
  });
});

test('chance follows its seed', () => {
  const bytes = [...seededRandom(7).bytes(64)];
  expect([...seededRandom(7).bytes(64)]).toEqual(bytes);
  expect([...seededRandom(8).bytes(64)]).not.toEqual(bytes);
  expect(new Set(bytes).size).toBeGreaterThan(32);
  const { random } = manualPlatform({ seed: 7 });
  expect([...random.bytes(64)]).toEqual(bytes);
});
