import { describe, expect, test } from 'vitest';
import { manualClock } from '../../../../src/testing/clock.js';
import { watchBodyPace } from '../../../../src/transports/http/body-pace.js';

const limits = { bodyMs: 30_000, bodyGraceMs: 5000, bodyBytesPerSecondMin: 1024, slowCheckMs: 1 };

function begin(changes: Partial<typeof limits> = {}): {
  readonly clock: ReturnType<typeof manualClock>;
  readonly pace: ReturnType<typeof watchBodyPace>;
  readonly faults: string[];
} {
  const clock = manualClock();
  const faults: string[] = [];
  const pace = watchBodyPace(clock, { ...limits, ...changes }, ({ kind, message }) => {
    faults.push(`${kind}: ${message}`);
  });
  return { clock, pace, faults };
}

const tooSlow = ['requestTooSlow: The body came too slowly'];
const tooLong = ['requestTooSlow: The body took too long'];

describe('a body', () => {
  test('has its grace, and not a moment more', async () => {
    const { clock, faults } = begin();
    await clock.advance(4999);
    expect(faults).toEqual([]);
    await clock.advance(1);
    expect(faults).toEqual(tooSlow);
    expect(clock.waiting).toBe(0);
  });

  test('is cut when its pace since the start is below the least', async () => {
    const { clock, pace, faults } = begin();
    pace.took(10 * 1024);
    await clock.advance(10_000);
    expect(faults).toEqual([]);
    await clock.advance(1);
    expect(faults).toEqual(tooSlow);
  });

  test('that keeps up has until the end of its time', async () => {
    const { clock, pace, faults } = begin();
    for (let second = 0; second < 30; second++) {
      expect(faults).toEqual([]);
      pace.took(1024);
      await clock.advance(second < 29 ? 1000 : 999);
    }
    expect(faults).toEqual([]);
    await clock.advance(1);
    expect(faults).toEqual(tooLong);
  });

  test('that came at first and then stops is cut by its mean', async () => {
    const { clock, pace, faults } = begin();
    await clock.advance(4000);
    pace.took(8 * 1024);
    await clock.advance(4000);
    expect(faults).toEqual([]);
    await clock.advance(1);
    expect(faults).toEqual(tooSlow);
  });

  test('that has ended is watched no more', async () => {
    for (const ms of [0, 6000]) {
      const { clock, pace, faults } = begin();
      pace.took(8 * 1024);
      await clock.advance(ms);
      pace.stop();
      expect(clock.waiting).toBe(0);
      await clock.advance(60_000);
      expect(faults).toEqual([]);
    }
  });

  test('may be as slow as it likes where no pace is asked for', async () => {
    const { clock, faults } = begin({ bodyBytesPerSecondMin: 0 });
    await clock.advance(29_999);
    expect(faults).toEqual([]);
    await clock.advance(1);
    expect(faults).toEqual(tooLong);
  });

  test('costs few timers, however its bytes come', async () => {
    let timers = 0;
    const clock = manualClock();
    const counting: typeof clock = {
      ...clock,
      after(ms, action) {
        timers++;
        return clock.after(ms, action);
      },
    };
    const pace = watchBodyPace(counting, { ...limits, slowCheckMs: 1000 }, () => undefined);
    pace.took(5 * 1024);
    for (let ms = 0; ms < 10_000; ms++) {
      await clock.advance(1);
      if (ms >= 4000) pace.took(1);
    }
    expect(timers).toBeLessThan(10);
  });
});
