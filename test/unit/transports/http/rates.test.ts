import { expect, test } from 'vitest';
import { McpError } from '../../../../src/errors.js';
import { type Limits, resolveLimits } from '../../../../src/limits.js';
import type { Rate, RateStore } from '../../../../src/stores/rate-store.js';
import { createRates } from '../../../../src/transports/http/rates.js';

/** Counts for ever. */
class Tally implements RateStore {
  readonly asked: string[] = [];
  readonly #counts = new Map<string, number>();

  take({ name, burst }: Rate, key: string, count: number): Promise<number> {
    this.asked.push(`${name} ${key} ${count}`);
    const before = this.#counts.get(name + key) ?? 0;
    if (count === 0) return Promise.resolve(before >= burst ? 1 : 0);
    this.#counts.set(name + key, before + count);
    return Promise.resolve(before + count > burst ? 1 : 0);
  }
}

const ratesWith = (limits: Partial<Limits>, store: RateStore = new Tally()) =>
  createRates(store, resolveLimits(limits));

test.each<[Partial<Limits>, string]>([
  [{ strangerRequestsPerSecondMax: 0 }, '"strangerRequestsPerSecondMax" is too low'],
  [
    { strangerRequestsPerSecondMax: 0, strangerRequestBurstMax: Infinity },
    '"strangerRequestsPerSecondMax" is too low',
  ],
  [{ strangerRequestsPerSecondMax: 1e-7 }, '"strangerRequestsPerSecondMax" is too low'],
  [{ requestsPerSecondMax: 200 / (2 ** 31 / 1000) }, '"requestsPerSecondMax" is too low'],
  [{ requestBurstMax: 0 }, '"requestBurstMax" must be at least 1'],
  [{ requestBurstMax: 0.5 }, '"requestBurstMax" must be at least 1'],
  [{ strangerRequestBurstMax: 0 }, '"strangerRequestBurstMax" must be at least 1'],
  [{ failedLoginsPerMinuteMax: 0 }, '"failedLoginsPerMinuteMax" must be at least 1'],
  [{ sessionsPerMinuteMax: 0 }, '"sessionsPerMinuteMax" must be at least 1'],
])('limits by which nobody could come are refused: %o', (limits, message) => {
  expect(() => ratesWith(limits)).toThrow(RangeError);
  expect(() => ratesWith(limits)).toThrow(message);
});

test('the longest window is taken', () => {
  expect(() => ratesWith({ requestsPerSecondMax: 200 / ((2 ** 31 - 1000) / 1000) })).not.toThrow();
});

test.each<[Partial<Limits>]>([
  [{ strangerRequestsPerSecondMax: Infinity, requestsPerSecondMax: Infinity }],
  [{ strangerRequestBurstMax: Infinity, requestBurstMax: Infinity }],
])('Infinity limits nobody, and asks no store: %o', async (limits) => {
  const store = new Tally();
  const all = { failedLoginsPerMinuteMax: Infinity, sessionsPerMinuteMax: Infinity };
  const rates = ratesWith({ ...limits, ...all }, store);
  await rates.stranger('a');
  await rates.request({ id: 'ann' });
  await rates.session({ id: 'ann' });
  expect(await rates.attempt('a', () => Promise.resolve('ann'))).toBe('ann');
  expect(store.asked).toEqual([]);
});

test('many requests at once are counted as many, for whoever can be told apart', async () => {
  const store = new Tally();
  const rates = ratesWith({ requestBurstMax: 5 }, store);
  await rates.request({ id: 'ann' }, 3);
  await expect(rates.request({ id: 'ann' }, 3)).rejects.toMatchObject({ kind: 'tooManyRequests' });
  // More than anybody may ever do is not refused for ever.
  await rates.request({ id: 'bob' }, 9);
  await rates.request({ id: 'anonymous', anonymous: true, countedAs: '192.0.2.1' }, 2);
  await rates.request({ id: 'anonymous', anonymous: true }, 2);
  expect(store.asked).toEqual([
    'request ann 3',
    'request ann 3',
    'request bob 5',
    'stranger 192.0.2.1 2',
  ]);
});

/** Verifications that are under way until they are answered. */
function desk() {
  const open: { ok(): void; wrong(): void }[] = [];
  let most = 0;
  let asked = 0;
  let answered = (): void => undefined;
  const verify = () =>
    new Promise<string>((resolve, reject) => {
      asked++;
      open.push({
        ok: () => resolve('ann'),
        wrong: () => reject(new McpError('unauthorized', 'no')),
      });
      most = Math.max(most, open.length);
      answered();
    });
  return {
    verify,
    async answerAll(how: 'ok' | 'wrong', attempts: readonly Promise<unknown>[]) {
      let isOver = false;
      const over = Promise.allSettled(attempts).then(() => {
        isOver = true;
        answered();
      });
      while (!isOver) {
        for (const one of open.splice(0)) one[how]();
        await new Promise<void>((resolve) => {
          answered = resolve;
          if (open.length > 0 || isOver) resolve();
        });
      }
      await over;
    },
    get most() {
      return most;
    },
    get asked() {
      return asked;
    },
  };
}

const kinds = async (attempts: readonly Promise<unknown>[]): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const one of await Promise.allSettled(attempts)) {
    const kind = one.status === 'fulfilled' ? 'in' : McpError.from(one.reason).kind;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
};

test('guesses at once are as few as one after another', async () => {
  const { attempt } = ratesWith({ failedLoginsPerMinuteMax: 10 });
  const guesses = desk();
  const attempts = Array.from({ length: 500 }, () => attempt('a', guesses.verify));
  await guesses.answerAll('wrong', attempts);
  expect(guesses.asked).toBe(10);
  expect(await kinds(attempts)).toEqual({ unauthorized: 10, tooManyRequests: 490 });
});

test('after some failures fewer than twice as many are asked about', async () => {
  const { attempt } = ratesWith({ failedLoginsPerMinuteMax: 10 });
  const guesses = desk();
  for (let count = 0; count < 9; count++) {
    const attempts = [attempt('a', guesses.verify)];
    await guesses.answerAll('wrong', attempts);
  }
  const attempts = Array.from({ length: 500 }, () => attempt('a', guesses.verify));
  await guesses.answerAll('wrong', attempts);
  expect(guesses.asked).toBeLessThan(20);
});

test('somebody with many calls at once is not refused, and waits for nobody elsewhere', async () => {
  const { attempt } = ratesWith({ failedLoginsPerMinuteMax: 10, callsInFlightMax: 500 });
  const [calls, others] = [desk(), desk()];
  const attempts = Array.from({ length: 500 }, () => attempt('a', calls.verify));
  const other = [attempt('b', others.verify), attempt(undefined, others.verify)];
  await others.answerAll('ok', other);
  expect(await kinds(other)).toEqual({ in: 2 });
  await calls.answerAll('ok', attempts);
  expect(await kinds(attempts)).toEqual({ in: 500 });
  expect(calls.most).toBe(10);
});

test('how many wait is bounded', async () => {
  const { attempt } = ratesWith({ failedLoginsPerMinuteMax: 2, callsInFlightMax: 3 });
  const calls = desk();
  const attempts = Array.from({ length: 9 }, () => attempt('a', calls.verify));
  await calls.answerAll('ok', attempts);
  expect(await kinds(attempts)).toEqual({ in: 5, tooManyRequests: 4 });
  const more = [attempt('a', calls.verify)];
  await calls.answerAll('ok', more);
  expect(await kinds(more)).toEqual({ in: 1 });
});
