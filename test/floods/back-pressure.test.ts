/** Floods of notices: whoever awaits goes no faster than the reader; others cost no more memory. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Limits } from '../../src/limits.js';
import { type Child, startChild } from './children.js';
import { eventsIn, modernTalk, progressIn, textOf } from './streams.js';
import type { Counts, Talk } from './target.js';

let target: Child;
let reader: Socket;

afterEach(async () => {
  reader.destroy();
  await target.end();
});

/** Has a call flood a reader that reads nothing, and tells the memory before. */
async function flood(talk: Talk, limits: Partial<Limits> = {}): Promise<number> {
  target = await startChild('target', { limits });
  const before = await target.ask<number>('memory');
  reader = connect(target.port, '127.0.0.1').pause();
  reader.on('error', () => undefined).write(textOf(modernTalk(talk), target.port));
  return before;
}

const counts = (): Promise<Counts> => target.ask<Counts>('counts');

/** Resolves once the call sends nothing more: it waits, or it is done. */
async function quiet(): Promise<Counts> {
  let last = -1;
  for (;;) {
    // Each look takes long enough to go on in between: it collects garbage.
    await target.ask('memory');
    const now = await counts();
    if (now.sent === last && now.running + now.returned > 0) return now;
    last = now.sent;
  }
}

async function readAll(): Promise<string> {
  let text = '';
  reader.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
  reader.resume();
  while (!text.includes('"told"')) await once(reader, 'data');
  return text;
}

describe('a million notices for a reader that reads nothing', () => {
  const million = 1_000_000;

  test('stop at the bound when they are awaited, and cost next to nothing', async () => {
    const before = await flood({ count: million });
    const { sent, running } = await quiet();
    expect(running).toBe(1);
    expect(sent).toBeGreaterThan(100);
    expect(sent).toBeLessThan(million / 10);
    expect((await target.ask<number>('memory')) - before).toBeLessThan(40);
  });

  test('are given up with their reader, and end there', async () => {
    await flood({ count: million }, { slowReaderMs: 500 });
    let now = await counts();
    while (now.returned === 0) now = await counts();
    expect(now.aborted).toBe(1);
    expect(now.sent).toBeLessThan(million / 10);
  });
});

describe('a hundred thousand notices that nobody awaits', () => {
  const talk: Talk = { count: 100_000, pad: 500, hurries: true };
  /** Most of what they are, in megabytes. */
  const flooded = 40;

  test('become few, of which the newest is there', async () => {
    const before = await flood(talk, { outboxBytesMax: 100_000 });
    while ((await counts()).returned === 0);
    expect((await target.ask<number>('memory')) - before).toBeLessThan(flooded);
    const progress = progressIn(eventsIn(await readAll()));
    expect(progress.length).toBeLessThan(talk.count / 2);
    expect(progress.at(-1)).toBe(talk.count);
    expect(progress.toSorted((a, b) => a - b)).toEqual(progress);
  });

  test('would all wait in memory without the bound', async () => {
    const before = await flood(talk, { outboxBytesMax: Number.MAX_SAFE_INTEGER });
    while ((await counts()).sent < talk.count);
    expect((await target.ask<number>('memory')) - before).toBeGreaterThan(flooded);
  });
});
