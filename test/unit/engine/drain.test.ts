import { beforeEach, expect, test } from 'vitest';
import { createRunning, type Running } from '../../../src/engine/drain.js';
import { createPlaces } from '../../../src/engine/places.js';
import { Flight } from '../../../src/engine/flight.js';
import { manualClock, type ManualClock } from '../../../src/testing/index.js';
import { peer } from './io.js';

let clock: ManualClock;
let running: Running;

function add(): Flight {
  const call = new Flight({ peer, emit: () => undefined });
  running.add(call);
  call.onEnd(() => running.delete(call));
  return call;
}

beforeEach(() => {
  clock = manualClock();
  running = createRunning(clock, createPlaces({ max: 2, what: 'calls' }));
});

test('so many run, and no more', () => {
  const first = add();
  add();
  expect(() => add()).toThrow('2 calls');
  first.end('answered');
  expect(add().ending).toBeUndefined();
  expect(running.size).toBe(2);
});

test('what never got in, or has left, does not leave again', () => {
  const first = add();
  add();
  const refused = new Flight({ peer, emit: () => undefined });
  expect(() => running.add(refused)).toThrow('2 calls');
  running.delete(refused);
  expect(running.size).toBe(2);
  first.end('answered');
  running.delete(first);
  expect(running.size).toBe(1);
  add();
  expect(() => add()).toThrow('2 calls');
});

test('a drain waits for the last call and refuses new ones', async () => {
  const [one, two] = [add(), add()];
  const draining = running.drain(1000);
  one.end('answered');
  expect(() => add()).toThrow('shutting down');
  two.end('answered');
  await draining;
  expect([one.ending, two.ending, clock.waiting]).toEqual(['answered', 'answered', 0]);
});

test('what is not done in time is ended as shut down', async () => {
  const call = add();
  const draining = running.drain(1000);
  await clock.advance(1000);
  await draining;
  expect([call.ending, running.size, clock.waiting]).toEqual(['shutDown', 0, 0]);
});

test('without time nothing is waited for', async () => {
  const call = add();
  await running.drain(0);
  expect(call.ending).toBe('shutDown');
  await running.drain(1000);
});

test('wrapping up asks everybody to come to an end', () => {
  const calls = [add(), add()];
  running.wrapUp();
  expect(calls.map(({ signal }) => signal.aborted)).toEqual([true, true]);
  expect(calls.map(({ ending }) => ending)).toEqual([undefined, undefined]);
  expect(running.closing).toBe(true);
});
