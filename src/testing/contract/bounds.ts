import type { Limits } from '../../limits.js';
import type { EventStore, StreamKey } from '../../stores/event-store.js';
import { manualClock, type ManualClock } from '../clock.js';
import { type Cases, cases, type ContractCase, same } from './cases.js';
import { appendAll, bySelf } from './streams.js';

export interface BoundedStore {
  readonly limits: Partial<Limits>;
  readonly clock: ManualClock;
}

/**
 * What an EventStore that keeps its own time must do at its bounds and past them. `open` makes an
 * empty one with these bounds and this clock.
 */
export function eventBoundsContract(
  open: (given: BoundedStore) => EventStore | Promise<EventStore>,
): readonly ContractCase[] {
  return cases<Bounded>(bounds, () => {
    const clock = manualClock();
    return { clock, store: async (limits) => open({ limits, clock }) };
  });
}

interface Bounded {
  readonly clock: ManualClock;
  readonly store: (limits: Partial<Limits>) => Promise<EventStore>;
}

function stream(name: string, session = 's'): StreamKey {
  return { principal: 'ann', session, stream: name };
}

async function seqs(events: EventStore, key: StreamKey, after: number): Promise<unknown> {
  return (await events.after(key, after))?.map(({ seq }) => seq);
}

/** Begins a stream, with a text for each of its events. */
async function fill(events: EventStore, to: StreamKey, texts: readonly string[]): Promise<void> {
  await events.begin(to, bySelf);
  await appendAll(events, texts, { to });
}

const bounds: Cases<Bounded> = {
  async 'so many events of one stream: at the bound all, past it the oldest is lost'({ store }) {
    const events = await store({ eventsPerStreamMax: 3 });
    await fill(events, stream('x'), ['a', 'b', 'c']);
    same(await seqs(events, stream('x'), 0), [1, 2, 3], 'at the bound');
    await appendAll(events, ['d'], { from: 4, to: stream('x') });
    same(await seqs(events, stream('x'), 0), undefined, 'past it');
    same(await seqs(events, stream('x'), 1), [2, 3, 4], 'what is left');
  },
  async 'so many bytes of one stream'({ store }) {
    const events = await store({ eventBytesPerStreamMax: 10 });
    await fill(events, stream('x'), ['12345', '67890']);
    same(await seqs(events, stream('x'), 0), [1, 2], 'at the bound');
    await appendAll(events, ['!'], { from: 3, to: stream('x') });
    same(await seqs(events, stream('x'), 0), undefined, 'past it');
    same(await seqs(events, stream('x'), 1), [2, 3], 'what is left');
  },
  async 'an event that is too large by itself is lost, and is said to be'({ store }) {
    const events = await store({ eventBytesPerStreamMax: 10 });
    await fill(events, stream('x'), ['12345678901']);
    same((await events.state(stream('x')))?.lastSeq, 1, 'counted');
    same(await events.after(stream('x'), 0), undefined, 'lost');
    same(await events.after(stream('x'), 1), [], 'after it');
    await appendAll(events, ['small'], { from: 2, to: stream('x') });
    same(await seqs(events, stream('x'), 1), [2], 'the next');
    same(await seqs(events, stream('x'), 0), undefined, 'still lost');
  },
  async 'an answer that there was no room for is settled all the same'({ store }) {
    const events = await store({ eventBytesPerStreamMax: 10 });
    await events.begin(stream('x'), { ...bySelf, owed: [1, 2] });
    await events.append(stream('x'), 'node 1', { seq: 1, data: '12345678901' }, 1);
    same((await events.state(stream('x')))?.owed, [2], 'owed');
  },
  async 'so many bytes of one session, so many of all'({ store }) {
    for (const [limits, other] of [
      [{ eventBytesPerSessionMax: 10 }, stream('y')],
      [{ eventBytesMax: 10 }, stream('y', 't')],
    ] as const) {
      const events = await store(limits);
      await fill(events, stream('x'), ['12345']);
      await fill(events, other, ['67890']);
      same(await seqs(events, other, 0), [1], 'at the bound');
      await appendAll(events, ['!'], { from: 2, to: other });
      same(await seqs(events, other, 0), undefined, 'past it');
      same(await seqs(events, stream('x'), 0), [1], 'the other');
    }
  },
  async 'what is forgotten, or begun again, makes room'({ store }) {
    const events = await store({ eventBytesMax: 10 });
    await fill(events, stream('x'), ['1234567890']);
    await events.forgetSession('ann', 's');
    await fill(events, stream('x', 't'), ['1234567890']);
    same(await seqs(events, stream('x', 't'), 0), [1], 'another session');
    await events.forget(stream('x', 't'));
    await fill(events, stream('y'), ['1234567890']);
    await fill(events, stream('y'), ['0987654321']);
    same(await seqs(events, stream('y'), 0), [1], 'the same again');
    await appendAll(events, ['12345'], { from: 3, to: stream('y') });
    await appendAll(events, ['67890'], { from: 4, to: stream('y') });
    same(await seqs(events, stream('y'), 2), [3, 4], 'after a gap');
  },
  async 'finished streams go after a while, whichever session says more'({ store, clock }) {
    const events = await store({ eventTtlMs: 1000 });
    await fill(events, stream('x'), ['a']);
    await events.finish(stream('x'), 'node 1', 1);
    await clock.advance(1000);
    await fill(events, stream('y'), ['a']);
    same(await seqs(events, stream('x'), 0), [1], 'just in time');
    await clock.advance(1);
    await fill(events, stream('z', 'other'), ['a']);
    same(await seqs(events, stream('x'), 1), undefined, 'too late');
    same(await seqs(events, stream('y'), 0), [1], 'one that goes on');
  },
  async 'finished streams go after a while, also where nothing begins'({ store, clock }) {
    const events = await store({ eventTtlMs: 1000 });
    await fill(events, stream('x'), ['a']);
    await fill(events, stream('y'), ['a']);
    await events.finish(stream('x'), 'node 1', 1);
    await clock.advance(1001);
    await appendAll(events, [...'bcdefghij'], { from: 2, to: stream('y') });
    same(await seqs(events, stream('x'), 1), undefined, 'too late');
  },
  async 'for room, those that finished first go, and none that goes on'({ store, clock }) {
    for (const limits of [{ eventBytesMax: 10 }, { eventBytesPerSessionMax: 10 }]) {
      const events = await store(limits);
      const [old, newer, live] = [stream('old'), stream('newer'), stream('live')];
      for (const key of [live, newer, old]) await fill(events, key, ['123']);
      for (const key of [old, newer, old]) {
        await clock.advance(1);
        await events.finish(key, 'node 1', 1);
      }
      await appendAll(events, ['4567'], { from: 2, to: live });
      same(await seqs(events, live, 0), [1, 2], 'the one that goes on');
      same(await events.after(old, 1), undefined, 'the one that finished first');
      same(await seqs(events, newer, 0), [1], 'the next');
    }
  },
};
