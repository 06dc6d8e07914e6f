import { beforeEach, describe, expect, test } from 'vitest';
import { createInbound, type Inbound } from '../../../src/engine/inbound.js';
import type { Io, Request, Result } from '../../../src/exchange.js';
import type { Message } from '../../../src/json-rpc/message.js';
import { resolveLimits } from '../../../src/limits.js';
import { manualClock, type ManualClock } from '../../../src/testing/index.js';
import { peer } from './io.js';

interface Entered {
  readonly request: Request;
  readonly io: Io;
  readonly answer: (result: Result) => void;
  readonly fail: (thrown: Error) => void;
}

let clock: ManualClock;
let sent: Message[];
let entered: Entered[];
let inbound: Inbound;

beforeEach(() => {
  clock = manualClock();
  sent = [];
  entered = [];
  inbound = createInbound({
    clock,
    limits: resolveLimits({
      callsInFlightPerPipeMax: 2,
      callsWaitingPerPipeMax: 2,
      listensPerPeerMax: 1,
    }),
    peer,
    serve: (request, io) =>
      new Promise((answer, fail) => entered.push({ request, io, answer, fail })),
    ask: () => Promise.reject(new Error('unasked')),
    send: (message) => void sent.push(message),
    callMs: 1000,
    isStream: ({ method }) => method === 'listen',
  });
});

const accept = (...ids: number[]): void => {
  for (const id of ids) inbound.accept({ id, method: 'call' });
};
const ids = (): unknown[] => entered.map(({ request }) => request.id);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const errors = (): unknown[] =>
  sent.flatMap((message) => ('error' in message ? [[message.id, message.error.code]] : []));

describe('the bound', () => {
  test('so many run, so many wait, the rest is refused', () => {
    accept(1, 2, 3, 4, 5);
    expect(ids()).toEqual([1, 2]);
    expect(errors()).toEqual([[5, 429]]);
  });

  test('who waits comes in as another goes, in order', async () => {
    accept(1, 2, 3, 4);
    entered[0]?.answer({});
    await turn();
    expect(ids()).toEqual([1, 2, 3]);
    inbound.cancel(2);
    expect(ids()).toEqual([1, 2, 3, 4]);
    accept(5, 6);
    expect(errors()).toEqual([]);
  });

  test('who is cancelled while it waits is never served', async () => {
    accept(1, 2, 3, 4);
    inbound.cancel(3);
    entered[0]?.answer({});
    await turn();
    expect(ids()).toEqual([1, 2, 4]);
    expect(sent).toEqual([{ jsonrpc: '2.0', id: 1, result: {} }]);
  });

  test('streams take no place among calls, and have a bound of their own', () => {
    inbound.accept({ id: 'a', method: 'listen' });
    inbound.accept({ id: 'b', method: 'listen' });
    accept(1, 2);
    expect(ids()).toEqual(['a', 1, 2]);
    expect(errors()).toEqual([['b', 429]]);
    inbound.cancel('a');
    inbound.accept({ id: 'c', method: 'listen' });
    expect(ids()).toEqual(['a', 1, 2, 'c']);
  });
});

describe('ids', () => {
  test('one in use is refused, also while its owner waits', () => {
    accept(1, 2, 3, 1, 3);
    expect(errors()).toEqual([
      [1, -32600],
      [3, -32600],
    ]);
    expect(ids()).toEqual([1, 2]);
  });

  test('one that ended is free', async () => {
    accept(1);
    entered[0]?.answer({});
    await turn();
    accept(1);
    inbound.cancel(1);
    accept(1);
    expect(ids()).toEqual([1, 1, 1]);
    expect(errors()).toEqual([]);
  });
});

describe('the end of a call', () => {
  test('cancelled: aborted, silent, and what it still says is dropped', async () => {
    accept(1);
    const { io, answer } = entered[0]!;
    const { signal } = io;
    inbound.cancel(1);
    inbound.cancel(1);
    expect(signal.aborted).toBe(true);
    void io.emit({ method: 'late' });
    answer({ late: true });
    await turn();
    expect(sent).toEqual([]);
  });

  test('too slow: aborted and told', async () => {
    accept(1);
    const { signal } = entered[0]!.io;
    await clock.advance(1000);
    expect([signal.aborted, errors()]).toEqual([true, [[1, 504]]]);
    entered[0]?.answer({});
    await turn();
    expect(sent).toHaveLength(1);
  });

  test('progress and pauses hold the deadline off', async () => {
    accept(1);
    const { deadline } = entered[0]!.io;
    await clock.advance(900);
    deadline?.extend();
    await clock.advance(900);
    deadline?.pause();
    await clock.advance(100_000);
    deadline?.resume();
    await clock.advance(99);
    expect(sent).toEqual([]);
    await clock.advance(1);
    expect(errors()).toEqual([[1, 504]]);
  });

  test('time does not begin while a call waits', async () => {
    accept(1, 2, 3);
    await clock.advance(900);
    inbound.cancel(1);
    await clock.advance(999);
    expect(errors()).toEqual([[2, 504]]);
    await clock.advance(1);
    expect(errors()).toEqual([
      [2, 504],
      [3, 504],
    ]);
  });

  test('failed: masked', async () => {
    accept(1);
    entered[0]?.fail(new Error('secret'));
    await turn();
    expect(sent).toEqual([
      { jsonrpc: '2.0', id: 1, error: { code: -32603, message: 'Internal error' } },
    ]);
  });
});

describe('closing', () => {
  test('waits for what runs and refuses what comes', async () => {
    accept(1);
    let drained = false;
    const draining = inbound.drain(5000).then(() => (drained = true));
    accept(2);
    expect(errors()).toEqual([[2, 503]]);
    await turn();
    expect(drained).toBe(false);
    entered[0]?.answer({});
    await draining;
    expect([sent.length, clock.waiting]).toEqual([2, 0]);
  });

  test('waits no longer than it was told', async () => {
    accept(1, 2, 3);
    const draining = inbound.drain(500);
    await clock.advance(500);
    await draining;
    inbound.endAll('shutDown');
    expect(entered.map(({ io }) => io.signal.aborted)).toEqual([true, true]);
    expect([ids(), clock.waiting]).toEqual([[1, 2], 0]);
  });

  test('lets streams say their last word', async () => {
    inbound.accept({ id: 'a', method: 'listen' });
    const { signal } = entered[0]!.io;
    await inbound.drain(1000);
    expect(signal.aborted).toBe(true);
    entered[0]?.answer({ last: true });
    await turn();
    expect(sent).toEqual([{ jsonrpc: '2.0', id: 'a', result: { last: true } }]);
  });
});

test('a pipe that cannot write a result gets an error in its place', async () => {
  const tried: Message[] = [];
  const picky = createInbound({
    clock,
    limits: resolveLimits(),
    peer,
    serve: async () => ({ n: 1n }),
    ask: () => Promise.reject(new Error('unasked')),
    send(message) {
      if ('result' in message) throw new TypeError('BigInt');
      tried.push(message);
    },
  });
  picky.accept({ id: 1, method: 'call' });
  await turn();
  expect(tried).toEqual([
    { jsonrpc: '2.0', id: 1, error: { code: -32603, message: 'Internal error' } },
  ]);
});
