import { expect, test } from 'vitest';
import type { EventStore, StoredEvent } from '../../../../src/stores/event-store.js';
import { resolveLimits } from '../../../../src/limits.js';
import { memoryEvents } from '../../../../src/stores/memory-events.js';
import { manualClock } from '../../../../src/testing/index.js';
import { EventWriter } from '../../../../src/transports/http/event-writer.js';
import { settle } from '../../../settle.js';

const key = { principal: 'ann', session: 's', stream: 'a' };

/** A writer whose store fails as often as `fails` says so, as soon as `answers` resolves. */
function writerTo(
  fails: (event: StoredEvent) => boolean,
  answers: (event: StoredEvent) => Promise<void> = () => Promise.resolve(),
) {
  const clock = manualClock();
  const limits = resolveLimits({ eventsPerStreamMax: Infinity });
  const events = memoryEvents(limits, clock);
  const store: EventStore = {
    ...events,
    outageMs: 15_000,
    async append(to, owner, event) {
      await answers(event);
      if (fails(event)) throw new Error('away');
      return events.append(to, owner, event);
    },
  };
  const onFault = (): void => undefined;
  const writer = new EventWriter({ store, owner: 'me', clock, limits, onFault }, key);
  void writer.begin({ purpose: 'answers', owed: [] });
  return { writer, events, clock };
}

test('tens of thousands of events wait for a store that is away, and nothing else waits', async () => {
  const count = 40_000;
  let isAway = true;
  const { writer, events, clock } = writerTo(() => isAway);
  const kept: unknown[] = [writer.keep({ seq: 1, data: '1' })];
  await clock.armed((ms) => ms === 250);
  for (let seq = 2; seq <= count; seq++) kept.push(writer.keep({ seq, data: `${seq}` }));
  isAway = false;
  await clock.advance(250);
  expect(new Set(await Promise.all(kept))).toEqual(new Set([true]));
  const all = await events.after(key, 0);
  expect(all?.map(({ seq }) => seq)).toEqual(Array.from({ length: count }, (_, at) => at + 1));
});

test('what was on its way comes back to its place, before what came later', async () => {
  let isAway = true;
  const { writer, events, clock } = writerTo(() => isAway);
  const kept: unknown[] = [3, 1, 2].map((seq) => writer.keep({ seq, data: `${seq}` }));
  await clock.armed((ms) => ms === 250);
  kept.push(writer.keep({ seq: 4, data: '4' }));
  isAway = false;
  await clock.advance(250);
  expect(await Promise.all(kept)).toEqual([true, true, true, true]);
  expect((await events.after(key, 0))?.map(({ data }) => data)).toEqual(['1', '2', '3', '4']);
});

test('one that fails when a later one waits already goes before it', async () => {
  const tried = new Set<number>();
  const answers: (() => void)[] = [];
  const { writer, events } = writerTo(
    ({ seq }) => tried.size < 2 && tried.add(seq) !== undefined,
    () => (tried.size < 2 ? new Promise((answer) => answers.push(answer)) : Promise.resolve()),
  );
  const kept: unknown[] = [1, 2].map((seq) => writer.keep({ seq, data: `${seq}` }));
  for (const answer of answers.toReversed()) {
    answer();
    await settle();
  }
  expect(await Promise.all(kept)).toEqual([true, true]);
  expect((await events.after(key, 0))?.map(({ data }) => data)).toEqual(['1', '2']);
});
