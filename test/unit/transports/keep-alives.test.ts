import { expect, test } from 'vitest';
import {
  KeepAlives,
  keepAlivesOf,
  type KeptAlive,
} from '../../../src/transports/http/keep-alives.js';
import { manualPlatform } from '../../../src/testing/index.js';

function stream(said: string[], name: string): KeptAlive {
  const sayAlive = (): void => void said.push(name);
  return { previous: undefined, next: undefined, dueAt: 0, sayAlive };
}

test('each says that it is alive in its own time, again and again, until it stops', async () => {
  const { clock } = manualPlatform();
  const all = new KeepAlives(clock, 100);
  const said: string[] = [];
  const [a, b] = [stream(said, 'a'), stream(said, 'b')];
  all.start(a);
  await clock.advance(30);
  all.start(b);
  await clock.advance(69);
  expect(said).toEqual([]);
  await clock.advance(1);
  expect(said).toEqual(['a']);
  await clock.advance(30);
  expect(said).toEqual(['a', 'b']);
  await clock.advance(100);
  expect(said).toEqual(['a', 'b', 'a', 'b']);
  all.stop(a);
  await clock.advance(100);
  expect(said).toEqual(['a', 'b', 'a', 'b', 'b']);
  all.stop(b);
  await clock.advance(1000);
  expect(said).toHaveLength(5);
});

test('streams that wait as long by one clock share their timer, and others do not', () => {
  const { clock } = manualPlatform();
  expect(keepAlivesOf(clock, 5)).toBe(keepAlivesOf(clock, 5));
  expect(keepAlivesOf(clock, 5)).not.toBe(keepAlivesOf(clock, 6));
  expect(keepAlivesOf(clock, 5)).not.toBe(keepAlivesOf(manualPlatform().clock, 5));
});
