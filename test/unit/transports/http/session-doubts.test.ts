import { expect, test } from 'vitest';
import { resolveLimits } from '../../../../src/limits.js';
import { manualClock } from '../../../../src/testing/index.js';
import type { HttpSession } from '../../../../src/transports/http/http-session.js';
import { createDoubts, type DoubtOptions } from '../../../../src/transports/http/session-doubts.js';
import { settle } from '../../../settle.js';

const limits = resolveLimits();

test('one that can never be looked at is given up by itself, whatever becomes of others', async () => {
  const clock = manualClock();
  const lost: string[] = [];
  const session = (id: string): HttpSession => {
    const announced = { lose: () => void lost.push(id) };
    return { id, streams: { announced } } as unknown as HttpSession;
  };
  const live = new Map(['good', 'bad', 'late'].map((id) => [id, session(id)]));
  const doubts = createDoubts({
    ...({ limits, clock, live } as unknown as DoubtOptions),
    refresh: (http) =>
      http.id === 'bad' ? Promise.reject(new Error('away')) : Promise.resolve(http),
  });
  doubts.lookAtAll();
  for (let times = 0; times < limits.storeComparesMax; times++) {
    await settle();
    void doubts.look(live.get('late')!, false);
    doubts.lookAtAll();
    expect(lost).toEqual([]);
    await clock.advance(limits.storeRetryMs);
  }
  await settle();
  expect(lost).toEqual(['bad']);
});
