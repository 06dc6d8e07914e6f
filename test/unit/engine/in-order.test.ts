import { expect, test } from 'vitest';
import { InOrder } from '../../../src/engine/in-order.js';

test('what is first and waits for nothing is done at once', () => {
  const order = new InOrder();
  expect(order.run(() => 'done')).toBe('done');
  expect(order.isBusy).toBe(false);
});

test('each step waits for those before it, whatever becomes of them', async () => {
  const order = new InOrder();
  const log: string[] = [];
  let finish = (): void => undefined;
  const first = order.run(async () => {
    await new Promise<void>((resolve) => (finish = resolve));
    log.push('first');
    throw new Error('of the first');
  });
  const second = order.run(() => log.push('second'));
  expect([order.isBusy, log]).toEqual([true, []]);
  finish();
  await expect(first).rejects.toThrow('of the first');
  expect(await second).toBe(2);
  await order.settled();
  expect([order.isBusy, log]).toEqual([false, ['first', 'second']]);
});

test('it is settled when what was added meanwhile is done, too', async () => {
  const order = new InOrder();
  const log: string[] = [];
  void order.run(async () => {
    await Promise.resolve();
    void order.run(async () => log.push('added'));
  });
  await order.settled();
  expect(log).toEqual(['added']);
});
