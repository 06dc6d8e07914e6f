import { beforeEach, describe, expect, test } from 'vitest';
import {
  createWork,
  type Reader,
  type Work,
  type WorkOptions,
} from '../../../src/engine/detached.js';
import { createPlaces } from '../../../src/engine/places.js';
import { createRunning, type Running } from '../../../src/engine/drain.js';
import type { McpError } from '../../../src/errors.js';
import type { Exchange, Io, Result } from '../../../src/exchange.js';
import { manualClock, type ManualClock } from '../../../src/testing/index.js';
import { peer } from './io.js';

let clock: ManualClock;
let group: Running;
let endings: unknown[];
let io: Io;
let finish: (result: Result) => void;

const hang: Exchange = (_request, given) => {
  io = given;
  return new Promise((resolve) => (finish = resolve));
};
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  clock = manualClock();
  group = createRunning(clock, createPlaces({ max: 1, what: 'calls' }));
  endings = [];
});

function reader(): Reader & { readonly heard: unknown[] } {
  const heard: unknown[] = [];
  return {
    heard,
    emit: ({ method }) => void heard.push(method),
    settle: (outcome: Result | McpError) => void heard.push(outcome),
    abandon: () => void heard.push('abandoned'),
  };
}

function start(first: Reader | undefined, options: Partial<WorkOptions> = {}): Work {
  const work = createWork(
    {
      clock,
      peer,
      group,
      whenDetached: { keepMs: 1000 },
      noticesMax: 2,
      onEnd: (ending) => endings.push(ending),
      ...options,
    },
    first,
  );
  work.start(hang, { id: 1, method: 'm' });
  return work;
}

describe('when its reader goes', () => {
  test('work is cancelled, if that is its way', () => {
    const work = start(reader(), { whenDetached: 'cancel' });
    const { signal } = io;
    work.detach();
    expect([signal.aborted, endings, group.size]).toEqual([true, ['disconnected'], 0]);
  });

  test('work is kept for a while, and no longer', async () => {
    const one = reader();
    const work = start(one);
    const { signal } = io;
    work.detach();
    await clock.advance(999);
    expect(signal.aborted).toBe(false);
    await clock.advance(1);
    expect([signal.aborted, endings]).toEqual([true, ['disconnected']]);
    // A reader that stores what it gets has an end to show.
    expect(one.heard).toMatchObject([{ kind: 'outcomeUnknown' }]);
  });

  test('one that is back in time stops the clock', async () => {
    const one = reader();
    const work = start(one);
    work.detach();
    work.attach(one);
    await clock.advance(100_000);
    finish({ done: true });
    await turn();
    expect([one.heard, endings, clock.waiting]).toEqual([[{ done: true }], ['answered'], 0]);
  });

  test('after the end nothing is kept', async () => {
    const work = start(reader());
    finish({});
    await turn();
    work.detach();
    expect(clock.waiting).toBe(0);
  });
});

describe('without a reader', () => {
  test('the newest notices wait for one, and the outcome', async () => {
    const work = start(undefined);
    for (const method of ['a', 'b', 'c']) void io.emit({ method });
    finish({ done: true });
    await turn();
    expect(work.outcome).toEqual({ done: true });
    const late = reader();
    work.attach(late);
    expect(late.heard).toEqual(['b', 'c', { done: true }]);
    const later = reader();
    work.attach(later);
    expect(later.heard).toEqual([{ done: true }]);
  });
});

describe('its end', () => {
  test('cancelled: the reader is left without a word', () => {
    const one = reader();
    start(one).flight.end('cancelled');
    expect([one.heard, endings]).toEqual([['abandoned'], ['cancelled']]);
  });

  test('too slow: the reader is told', async () => {
    const one = reader();
    start(one, { callMs: 500 });
    await clock.advance(500);
    expect(one.heard).toMatchObject([{ kind: 'timeout' }]);
    finish({});
    await turn();
    expect([one.heard.length, group.size, clock.waiting]).toEqual([1, 0, 0]);
  });

  test('shut down: the reader is told', async () => {
    const one = reader();
    start(one);
    await group.drain(0);
    expect(one.heard).toMatchObject([{ kind: 'outcomeUnknown' }]);
  });

  test('a group that is full refuses it, and is none the worse', async () => {
    start(reader());
    const [one, free] = [reader(), finish];
    start(one);
    expect(one.heard).toMatchObject([{ kind: 'tooManyRequests' }]);
    free({});
    await turn();
    expect(group.size).toBe(0);
  });
});

test('a handler that speaks before its first pause is heard', async () => {
  const one = reader();
  const work = createWork({ clock, peer, group, whenDetached: 'cancel', noticesMax: 0 }, one);
  work.start(
    async (_request, given) => {
      void given.emit({ method: 'at once' });
      return {};
    },
    { id: 1, method: 'm' },
  );
  await turn();
  expect(one.heard).toEqual(['at once', {}]);
});
