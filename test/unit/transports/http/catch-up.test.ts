/** Readers of a stream that have missed more than should wait for them. */
import { beforeEach, describe, expect, test } from 'vitest';
import { resolveLimits } from '../../../../src/limits.js';
import type { EventStore } from '../../../../src/stores/event-store.js';
import { memoryEvents } from '../../../../src/stores/memory-events.js';
import { manualClock, type ManualClock } from '../../../../src/testing/index.js';
import { ResumableStream } from '../../../../src/transports/http/resume.js';
import type { SseWriter } from '../../../../src/transports/http/sse-writer.js';
import { settle } from '../../../settle.js';

const key = { principal: 'ann', session: 's', stream: 'a' };
const data = 'x'.repeat(100);
const missed = 50;
/** So many are kept of a stream. */
const keptMax = 200;
/** So many are read ahead of a reader. */
const aheadMax = 5;

let clock: ManualClock;
let store: EventStore;
let stream: ResumableStream;
let faults: unknown[];

/** A reader that takes one text at a time, when it is told to. */
class Reader implements SseWriter {
  readonly taken: string[] = [];
  readonly acceptedAt = 0;
  closed = false;
  #waiting: { readonly text: string; readonly done: () => void }[] = [];
  /** How many texts have waited here at once. */
  most = 0;

  write(text: string): Promise<void> {
    return new Promise((done) => {
      this.#waiting.push({ text, done });
      this.most = Math.max(this.most, this.#waiting.length);
    });
  }

  end(): void {
    this.closed = true;
    for (const { done } of this.#waiting) done();
  }

  async take(count: number): Promise<readonly number[]> {
    for (let n = 0; n < count; n++) {
      await settle();
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.taken.push(next.text);
      next.done();
    }
    await settle();
    return this.taken.map((text) => Number(/^id: a\.(\d+)$/m.exec(text)?.[1]));
  }
}

async function attach(seq: number): Promise<Reader> {
  const reader = new Reader();
  expect(await stream.attach(() => reader, seq)).toBe('attached');
  return reader;
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, at) => at + 1);

beforeEach(() => {
  clock = manualClock();
  faults = [];
  store = memoryEvents(resolveLimits(), clock);
  const limits = resolveLimits({
    followBytesMax: aheadMax * data.length,
    eventsPerStreamMax: keptMax,
    eventBytesPerStreamMax: 2 * keptMax * data.length,
  });
  const options = {
    ...{ store, clock, limits, owner: 'one', isPrimed: true },
    onFault: (cause: unknown) => void faults.push(cause),
    onLost: () => undefined,
  };
  stream = new ResumableStream(options, key);
  stream.begin({ purpose: 'answers', owed: [1] });
  for (let n = 1; n <= missed; n++) void stream.append(data);
});

test('events are read as their reader takes them, and what comes meanwhile follows', async () => {
  const reader = await attach(0);
  await reader.take(10);
  void stream.append(data);
  expect(await reader.take(missed)).toEqual(upTo(missed + 1));
  expect(reader.most).toBe(1);
  void stream.append(data);
  expect(await reader.take(1)).toEqual(upTo(missed + 2));
  expect(faults).toEqual([]);
});

test('who says something meanwhile waits until the reader has caught up', async () => {
  const reader = await attach(0);
  let isSaid = false;
  const said = Promise.resolve(stream.append(data)).then(() => (isSaid = true));
  await reader.take(missed);
  expect(isSaid).toBe(false);
  await reader.take(1);
  await said;
});

test('who waits for room waits for a reader, where an unread event would have to go', async () => {
  const isSaid: boolean[] = [];
  const say = (text = data): void => {
    const at = isSaid.push(false) - 1;
    void Promise.resolve(stream.append(text)).then(() => (isSaid[at] = true));
  };
  // Half of it is left to what others say meanwhile.
  for (let n = missed + 1; n <= keptMax / 2; n++) say();
  await settle();
  expect(isSaid.indexOf(false)).toBe(isSaid.length - 1);
  const reader = await attach(0);
  await settle();
  expect(isSaid).toContain(false);
  expect(await reader.take(1)).toEqual([1]);
  expect(isSaid).not.toContain(false);
  await reader.take(keptMax);
  reader.end();
  // One that is as large as half of them together.
  say(data.repeat(keptMax));
  await settle();
  expect(isSaid.at(-1)).toBe(false);
  stream.finish();
  await settle();
  expect(isSaid.at(-1)).toBe(true);
});

test('a stream that ends meanwhile ends for its reader after the last event', async () => {
  const reader = await attach(0);
  stream.answer(1, data);
  stream.finish();
  await reader.take(missed);
  expect(reader.closed).toBe(false);
  expect(await reader.take(1)).toEqual(upTo(missed + 1));
  expect(reader.closed).toBe(true);
});

test('an event that is read before its writer knows that it is kept comes once', async () => {
  const { append, after } = store;
  let answer = (): void => undefined;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  store.append = async (...args) => {
    const kept = await append(...args);
    await answered;
    return kept;
  };
  store.after = async (...args) => {
    await settle();
    return after(...args);
  };
  const attaching = attach(missed);
  void stream.append(data);
  const reader = await attaching;
  stream.detach(1000);
  // The event, and the place to come back to.
  const places = await reader.take(2);
  answer();
  const again = await attach(places.at(-1)!);
  void stream.append(data);
  expect([...places, ...(await again.take(2))]).toEqual([51, 51, 51, 52]);
  expect(again.taken[0]).not.toContain(data);
});

describe('a reader is let go', () => {
  test('with no word of a place that it has not reached', async () => {
    const reader = await attach(0);
    await reader.take(3);
    stream.detach(1000);
    expect(reader.closed).toBe(true);
    expect(await reader.take(missed)).toEqual(upTo(4));
  });

  test('when what it has missed is not kept any more', async () => {
    const reader = await attach(0);
    await reader.take(1);
    await store.forget(key);
    expect(await reader.take(missed)).toEqual(upTo(aheadMax));
    expect(reader.closed).toBe(true);
  });

  test('when an event cannot be kept', async () => {
    const reader = await attach(0);
    store.append = () => {
      throw new Error('full');
    };
    await stream.append(data);
    expect(reader.closed).toBe(true);
  });

  test('when another one comes, which begins where it wants', async () => {
    const older = await attach(0);
    await older.take(3);
    const newer = await attach(2);
    expect(older.closed).toBe(true);
    expect(await newer.take(missed)).toEqual(upTo(missed).slice(2));
    void stream.append(data);
    expect(await newer.take(1)).toEqual(upTo(missed + 1).slice(2));
  });
});
