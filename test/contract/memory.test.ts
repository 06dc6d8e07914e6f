import { beforeEach, describe, expect, test } from 'vitest';
import { type Limits, resolveLimits } from '../../src/limits.js';
import type { EventStore, StreamKey } from '../../src/stores/event-store.js';
import { memoryEvents, memorySessions } from '../../src/stores/memory.js';
import {
  eventStoreContract,
  manualClock,
  type ManualClock,
  sessionStoreContract,
} from '../../src/testing/index.js';

const open = (): EventStore => memoryEvents(resolveLimits(), manualClock());

describe('events in memory keep the contract', () => {
  for (const { name, run } of eventStoreContract(open)) test(name, () => run());
});

describe('sessions in memory keep the contract', () => {
  for (const { name, run } of sessionStoreContract(memorySessions)) test(name, () => run());
});

test('the contract notices a store that forgets, mixes or renumbers', async () => {
  const broken: ((store: EventStore) => EventStore)[] = [
    (store) => ({ ...store, after: () => [] }),
    (store) => ({ ...store, append: (key, data) => store.append({ ...key, stream: 'a' }, data) }),
    (store) => ({ ...store, append: (key, data) => store.append({ ...key, principal: '' }, data) }),
    (store) => ({ ...store, forgetSession: () => undefined }),
    (store) => ({ ...store, finish: (key) => store.forgetSession(key.principal, key.session) }),
  ];
  for (const breakIt of broken) {
    const outcomes = await Promise.allSettled(
      eventStoreContract(() => breakIt(open())).map(({ run }) => run()),
    );
    expect(outcomes.map(({ status }) => status)).toContain('rejected');
  }
});

describe('the bounds of events in memory', () => {
  let clock: ManualClock;
  const stream = (name: string, session = 's'): StreamKey => ({
    principal: 'ann',
    session,
    stream: name,
  });
  const store = (limits: Partial<Limits>): EventStore => memoryEvents(resolveLimits(limits), clock);
  const seqs = async (events: EventStore, key: StreamKey, after: number): Promise<unknown> =>
    (await events.after(key, after))?.map(({ seq }) => seq);

  beforeEach(() => {
    clock = manualClock();
  });

  test('so many events of one stream: at the bound all, past it the oldest is lost', async () => {
    const events = store({ eventsPerStreamMax: 3 });
    for (const data of ['a', 'b', 'c']) await events.append(stream('x'), data);
    expect(await seqs(events, stream('x'), 0)).toEqual([1, 2, 3]);
    await events.append(stream('x'), 'd');
    expect(await seqs(events, stream('x'), 0)).toBeUndefined();
    expect(await seqs(events, stream('x'), 1)).toEqual([2, 3, 4]);
  });

  test('so many bytes of one stream', async () => {
    const events = store({ eventBytesPerStreamMax: 10 });
    for (const data of ['12345', '67890']) await events.append(stream('x'), data);
    expect(await seqs(events, stream('x'), 0)).toEqual([1, 2]);
    await events.append(stream('x'), '!');
    expect(await seqs(events, stream('x'), 0)).toBeUndefined();
    expect(await seqs(events, stream('x'), 1)).toEqual([2, 3]);
  });

  test('an event that is too large by itself is lost, and is said to be', async () => {
    const events = store({ eventBytesPerStreamMax: 10 });
    expect(await events.append(stream('x'), '12345678901')).toBe(1);
    expect(await events.after(stream('x'), 0)).toBeUndefined();
    expect(await events.after(stream('x'), 1)).toEqual([]);
    await events.append(stream('x'), 'small');
    expect(await seqs(events, stream('x'), 1)).toEqual([2]);
  });

  test('so many bytes of one session, so many of all', async () => {
    for (const [limits, other] of [
      [{ eventBytesPerSessionMax: 10 }, stream('y')],
      [{ eventBytesMax: 10 }, stream('y', 't')],
    ] as const) {
      const events = store(limits);
      await events.append(stream('x'), '12345');
      await events.append(other, '67890');
      expect(await seqs(events, other, 0)).toEqual([1]);
      await events.append(other, '!');
      expect(await seqs(events, other, 0)).toBeUndefined();
      expect(await seqs(events, stream('x'), 0)).toEqual([1]);
    }
  });

  test('what is forgotten makes room', async () => {
    const events = store({ eventBytesMax: 10 });
    await events.append(stream('x'), '1234567890');
    await events.forgetSession('ann', 's');
    await events.append(stream('x', 't'), '1234567890');
    expect(await seqs(events, stream('x', 't'), 0)).toEqual([1]);
  });

  test('finished streams go after a while, whichever session says more', async () => {
    const events = store({ eventTtlMs: 1000 });
    await events.append(stream('x'), 'a');
    await events.finish(stream('x'));
    await clock.advance(1000);
    await events.append(stream('y'), 'a');
    expect(await seqs(events, stream('x'), 0)).toEqual([1]);
    await clock.advance(1);
    await events.append(stream('z', 'other'), 'a');
    expect(await seqs(events, stream('x'), 1)).toBeUndefined();
    expect(await seqs(events, stream('y'), 0)).toEqual([1]);
  });

  test('for room, those that finished first go, and none that goes on', async () => {
    for (const limits of [{ eventBytesMax: 10 }, { eventBytesPerSessionMax: 10 }]) {
      const events = store(limits);
      const [old, newer, live] = ['old', 'newer', 'live'].map((name) => stream(name)) as [
        StreamKey,
        StreamKey,
        StreamKey,
      ];
      for (const key of [live, old, newer]) await events.append(key, '123');
      for (const key of [old, newer, old]) await events.finish(key);
      await events.append(live, '4567');
      expect(await seqs(events, live, 0)).toEqual([1, 2]);
      expect(await events.after(old, 1)).toBeUndefined();
      expect(await seqs(events, newer, 0)).toEqual([1]);
    }
  });
});
