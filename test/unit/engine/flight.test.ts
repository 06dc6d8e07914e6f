import { describe, expect, test } from 'vitest';
import { type Ending, Flight, run } from '../../../src/engine/flight.js';
import { McpError } from '../../../src/errors.js';
import type { Exchange, Notification, Result } from '../../../src/exchange.js';
import { peer } from './io.js';

const request = { id: 1, method: 'm' };

function take(exchange: Exchange): {
  call: Flight;
  endings: Ending[];
  outcomes: (Result | McpError)[];
  emitted: Notification[];
} {
  const [endings, outcomes, emitted]: [Ending[], (Result | McpError)[], Notification[]] = [
    [],
    [],
    [],
  ];
  const call = new Flight({ peer, emit: (notification) => void emitted.push(notification) });
  call.onEnd((ending) => endings.push(ending));
  run(exchange, request, call, (outcome) => outcomes.push(outcome));
  return { call, endings, outcomes, emitted };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('each exchange ends once', () => {
  test.each<[Ending, Exchange]>([
    ['answered', async () => ({ ok: true })],
    [
      'failed',
      async () => {
        throw new Error('x');
      },
    ],
    [
      'failed',
      () => {
        throw new Error('x');
      },
    ],
  ])('%s', async (ending, exchange) => {
    const { call, endings, outcomes } = take(exchange);
    await turn();
    expect([endings, outcomes.length]).toEqual([[ending], 1]);
    for (const later of ['cancelled', 'timedOut', 'shutDown', 'answered'] as const) {
      expect(call.end(later)).toBe(false);
    }
    expect([endings, outcomes.length]).toEqual([[ending], 1]);
  });

  test.each<Ending>(['cancelled', 'timedOut', 'disconnected', 'shutDown'])('%s', async (ending) => {
    let finish = (_result: Result): void => undefined;
    const { call, endings, outcomes, emitted } = take((_request, io) => {
      void io.emit({ method: 'early' });
      return new Promise((resolve) => (finish = resolve));
    });
    expect(call.end(ending)).toBe(true);
    expect(call.signal.aborted).toBe(true);
    expect(call.signal.reason).toBeInstanceOf(McpError);
    void call.emit({ method: 'late' });
    finish({ late: true });
    await turn();
    expect([endings, outcomes]).toEqual([[ending], []]);
    expect(emitted).toEqual([{ method: 'early' }]);
  });
});

test('what was thrown becomes an McpError that hides it', async () => {
  const cause = new Error('secret');
  const { outcomes } = take(() => Promise.reject(cause));
  await turn();
  expect(outcomes).toMatchObject([{ kind: 'internal', message: 'Internal error', cause }]);
});

test('a signal that nobody reads is never made, and one read late is aborted already', async () => {
  const { call } = take(() => new Promise(() => undefined));
  call.end('cancelled');
  expect(call.signal.aborted).toBe(true);
  const answered = take(async () => ({}));
  await turn();
  expect(answered.call.signal.aborted).toBe(true);
});

test('the deadline stops with the call', () => {
  const { call } = take(() => new Promise(() => undefined));
  let stopped = 0;
  call.deadline = {
    stop: () => void stopped++,
    extend: () => undefined,
    pause: () => undefined,
    resume: () => undefined,
    limit: () => undefined,
  };
  call.end('cancelled');
  call.end('timedOut');
  expect(stopped).toBe(1);
});

test('wrapping up aborts, and what is returned then is still the answer', async () => {
  const { call, outcomes, endings } = take(async (_request, { signal }) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return { last: 'words' };
  });
  call.wrapUp();
  await turn();
  expect([outcomes, endings]).toEqual([[{ last: 'words' }], ['answered']]);
});
