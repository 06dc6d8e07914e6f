/** Whoever awaits what is said on a stream leaves no gap in it, whatever its readers do. */
import { beforeEach, expect, test } from 'vitest';
import { resolveLimits } from '../../../../src/limits.js';
import { memoryEvents } from '../../../../src/stores/memory-events.js';
import { manualClock } from '../../../../src/testing/index.js';
import { ResumableStream } from '../../../../src/transports/http/resume.js';
import type { SseWriter } from '../../../../src/transports/http/sse-writer.js';
import { settle } from '../../../settle.js';

const key = { principal: 'ann', session: 's', stream: 'a' };
const limits = resolveLimits({ eventsPerStreamMax: 100, eventBytesPerStreamMax: 20_000 });
const word = 'x'.repeat(100);

let stream: ResumableStream;

/** A reader that has room for all, or for nothing. */
class Reader implements SseWriter {
  readonly acceptedAt = 0;
  closed = false;
  readonly #hasRoom: boolean;
  #done: () => void = () => undefined;

  constructor(hasRoom: boolean) {
    this.#hasRoom = hasRoom;
  }

  write(): void | Promise<void> {
    return this.#hasRoom ? undefined : new Promise((done) => (this.#done = done));
  }

  end(): void {
    this.closed = true;
    this.#done();
  }
}

/** Says words, each when there was room for the one before. */
async function speak(text = word): Promise<void> {
  const own = stream;
  for (let n = 0; n < 1000; n++) await own.append(text);
}

async function attach(seq: number, hasRoom = true): Promise<Reader> {
  const reader = new Reader(hasRoom);
  expect(await stream.attach(() => reader, seq)).toBe('attached');
  return reader;
}

beforeEach(() => {
  const clock = manualClock();
  const store = memoryEvents(limits, clock);
  const about = { store, clock, limits, owner: 'one', isPrimed: true };
  const ignore = (): void => undefined;
  stream = new ResumableStream({ ...about, onFault: ignore, onLost: ignore }, key);
  stream.begin({ purpose: 'answers', owed: [1] });
});

const gone: { readonly [how: string]: () => unknown } = {
  'nobody has ever read': () => void speak(),
  'several speak at once'() {
    for (let times = 0; times < 3; times++) void speak();
  },
  'each word is more than half of what is kept': () => void speak(word.repeat(120)),
  async 'a reader comes, takes nothing and goes'() {
    void speak();
    await settle();
    const reader = await attach(0, false);
    await settle();
    reader.end();
  },
  async 'a reader at another node has not begun to read'() {
    void speak();
    await settle();
    stream.readElsewhere('two', true, 0);
    stream.readElsewhere('two', false, 0);
  },
};

test.each(Object.entries(gone))('%s', async (_how, say) => {
  await say();
  await settle();
  expect(await attach(0)).toHaveProperty('closed', false);
});

test('what its reader was given and lost with its connection is there still', async () => {
  const reader = await attach(0);
  for (let n = 0; n < limits.eventsPerStreamMax / 2; n++) await stream.append(word);
  reader.end();
  void speak();
  await settle();
  expect(await attach(1)).toHaveProperty('closed', false);
});

test('a reader at another node that reads on has whoever speaks go on', async () => {
  let said = 0;
  void (async () => {
    for (; said < 500; said++) await stream.append(word);
  })();
  for (let seq = 0; seq <= 500; seq += 40) {
    stream.readElsewhere('two', true, seq);
    await settle();
  }
  expect(said).toBe(500);
});
