import { beforeEach, expect, test } from 'vitest';
import { type Asked, createAsked } from '../../../src/stores/asked.js';
import { manualClock, type ManualClock } from '../../../src/testing/index.js';

let clock: ManualClock;
let asked: Asked<string>;
let sent: number[];

beforeEach(() => {
  clock = manualClock();
  asked = createAsked({ clock, ms: 100, max: 2, whom: 'The other' });
  sent = [];
});

const ask = (): Promise<string> => asked.ask((id) => sent.push(id));

test('each answer goes to who asked for it, and the second one nowhere', async () => {
  const both = [ask(), ask()];
  asked.answer(sent[1]!, 'two');
  asked.answer(sent[0]!, 'one');
  asked.answer(sent[0]!, 'again');
  asked.answer(99, 'nobody');
  expect(await Promise.all(both)).toEqual(['one', 'two']);
});

test('an answer in time counts, and a late one does not; neither leaves a timer', async () => {
  const inTime = ask();
  await clock.advance(99);
  asked.answer(sent[0]!, 'in time');
  expect(await inTime).toBe('in time');
  expect(clock.waiting).toBe(0);

  const late = expect(ask()).rejects.toThrow('The other does not answer');
  await clock.advance(100);
  asked.answer(sent[1]!, 'late');
  await late;
  expect(clock.waiting).toBe(0);
});

test('so many may wait and no more, and what is settled makes room', async () => {
  const waiting = [ask(), ask()];
  await expect(ask()).rejects.toThrow('The other was asked more than 2 things at once');
  expect(sent).toHaveLength(2);
  asked.refuse(sent[0]!, new Error('no'));
  await expect(waiting[0]).rejects.toThrow('no');
  const third = ask();
  asked.refuseAll(new Error('closed'));
  await expect(waiting[1]).rejects.toThrow('closed');
  await expect(third).rejects.toThrow('closed');
});

test.each([
  [
    'at once',
    () => {
      throw new Error('broken');
    },
  ],
  ['later', () => Promise.reject(new Error('broken'))],
])('what could not be sent, %s, does not wait', async (_when, send) => {
  await expect(asked.ask(send)).rejects.toThrow('broken');
  expect(clock.waiting).toBe(0);
});
