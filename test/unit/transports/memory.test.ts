import { expect, test } from 'vitest';
import type { Pipe } from '../../../src/engine/pipe.js';
import type { Message } from '../../../src/json-rpc/message.js';
import { memoryPipes } from '../../../src/transports/memory.js';

const message = (n: number): Message => ({ jsonrpc: '2.0', method: 'n', params: { n } });

function listen(pipe: Pipe): unknown[] {
  const seen: unknown[] = [];
  pipe.start({
    receive: (incoming) => void seen.push(incoming),
    reject: (failure) => void seen.push(failure),
    end: (cause) => void seen.push(cause ?? 'end'),
  });
  return seen;
}

test('messages cross in order, later, and as the same objects', async () => {
  const [left, right] = memoryPipes();
  const [atLeft, atRight] = [listen(left), listen(right)];
  const [one, two] = [Object.freeze(message(1)), message(2)];
  void left.send(one);
  void left.send(two);
  void right.send(message(3));
  expect(atRight).toEqual([]);
  await Promise.resolve();
  expect(atRight[0]).toBe(one);
  expect(atRight[1]).toBe(two);
  expect(atLeft).toEqual([message(3)]);
});

test('what is sent before the other end starts waits for it', async () => {
  const [left, right] = memoryPipes();
  void left.send(message(1));
  await Promise.resolve();
  const seen = listen(right);
  await Promise.resolve();
  expect(seen).toEqual([message(1)]);
});

test('closing one end delivers what it has sent and ends both, once', async () => {
  const [left, right] = memoryPipes();
  const [atLeft, atRight] = [listen(left), listen(right)];
  void left.send(message(1));
  void right.send(message(2));
  await left.close();
  await right.close();
  void right.send(message(3));
  await Promise.resolve();
  expect(atRight).toEqual([message(1), 'end']);
  expect(atLeft).toEqual(['end']);
});

test('an end that closes within receive gets no further message', async () => {
  const [left, right] = memoryPipes();
  const seen: unknown[] = [];
  right.start({
    receive(incoming) {
      seen.push(incoming);
      void right.close();
    },
    reject: () => undefined,
    end: () => void seen.push('end'),
  });
  void left.send(message(1));
  void left.send(message(2));
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toEqual([message(1), 'end']);
});

test('a sender waits while many messages wait, and goes on when the end closes', async () => {
  const [left, right] = memoryPipes();
  let last: void | Promise<void> = undefined;
  for (let n = 0; n < 63; n++) last = left.send(message(n));
  expect(last).toBeUndefined();
  const full = left.send(message(63));
  expect(full).toBeInstanceOf(Promise);
  const seen = listen(right);
  await full;
  expect(seen).toHaveLength(64);

  const [a, b] = memoryPipes();
  for (let n = 0; n < 64; n++) last = a.send(message(n));
  await b.close();
  await expect(last).resolves.toBeUndefined();
});

test('given a clock, messages cross in its turns', () => {
  const turns: (() => void)[] = [];
  const [left, right] = memoryPipes({
    now: () => 0,
    after: () => () => undefined,
    nextTurn: (action) => void turns.push(action),
  });
  const seen = listen(right);
  void left.send(message(1));
  void left.send(message(2));
  expect(seen).toEqual([]);
  expect(turns).toHaveLength(1);
  turns[0]?.();
  expect(seen).toEqual([message(1), message(2)]);
});
