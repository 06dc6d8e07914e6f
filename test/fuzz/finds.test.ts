/** The fuzzer can fail: what is broken on purpose is found, made small, and found again alone. */
import { describe, expect, test } from 'vitest';
import { McpError } from '../../src/errors.js';
import type { Endpoint } from '../../src/transports/http/index.js';
import { textOf } from '../../src/transports/http/wire.js';
import { Random } from './random.js';
import { type Failure, runFuzz } from './runner.js';
import { shrink } from './shrink.js';
import { defineTarget, type Target } from './target.js';
import { linesTarget, splitLines } from './targets/lines.js';
import { messagesTarget } from './targets/messages.js';
import { decodeSse, joined, sseTarget } from './targets/sse.js';

/** Runs until something is found, then that alone by what the report says. */
async function find(target: () => Target, stallMsMax?: number): Promise<Failure> {
  const options = { seconds: 60, ...(stallMsMax === undefined ? {} : { stallMsMax }) };
  const found = await runFuzz({ ...options, seed: 7, count: 100_000, targets: [target()] });
  const { failure } = found;
  if (failure === undefined) throw new Error(`Nothing was found in ${found.inputs} inputs.`);
  const [, seed, from, count] = /--seed (\d+) --only \w+ --from (\d+) --count (\d+)$/.exec(
    failure.command,
  )!;
  const alone = { seed: Number(seed), from: Number(from), count: Number(count) };
  const again = await runFuzz({ ...options, ...alone, targets: [target()] });
  expect(again.inputs).toBe(1);
  expect(again.failure?.target).toBe(failure.target);
  // How far the input could be made smaller in the time there is depends on the machine.
  if (stallMsMax !== undefined) return failure;
  expect(again.failure?.smallest.split('\n')[0]).toBe(failure.smallest.split('\n')[0]);
  return failure;
}

/** A server whose reading of messages is not as it should be for a rare construct. */
function breaking(isRare: (body: string) => boolean, act: () => void): () => Target {
  const around = (endpoint: Endpoint): Endpoint => ({
    ...endpoint,
    async handle(request, wire) {
      const bytes = await request.body(Infinity);
      if (isRare(Buffer.from(bytes).toString())) act();
      return endpoint.handle(request, wire);
    },
  });
  return () => messagesTarget(around);
}

const hasRareNumber = (body: string): boolean => body.includes('1e400');

describe('a server is broken', { timeout: 120_000 }, () => {
  test('it throws', async () => {
    const failure = await find(
      breaking(hasRareNumber, () => {
        throw new RangeError('rare');
      }),
    );
    expect(failure.why).toContain('RangeError: rare');
    const { messages } = JSON.parse(failure.smallest.split('\n')[0]!) as { messages: string[] };
    expect(messages).toEqual(['1e400']);
  });

  test('it leaves a rejection behind', async () => {
    const failure = await find(
      breaking(hasRareNumber, () => void Promise.reject(new RangeError('rare'))),
    );
    expect(failure.why).toContain('rare');
  });

  test('it keeps the event loop', async () => {
    const busy = (): void => {
      const before = process.cpuUsage();
      while (process.cpuUsage(before).user < 150_000);
    };
    const failure = await find(breaking(hasRareNumber, busy), 100);
    expect(failure.why).toMatch(/took \d+ ms, more than 100 ms/);
  });

  test('it answers with the id of another', async () => {
    const around = (endpoint: Endpoint): Endpoint => ({
      ...endpoint,
      handle: (request, wire) => {
        const send = wire.send.bind(wire);
        wire.send = (status, headers, body) =>
          send(status, headers, body && textOf(body).replace('"id":"é"', '"id":"e"'));
        return endpoint.handle(request, wire);
      },
    });
    const failure = await find(() => messagesTarget(around));
    expect(failure.why).toContain('the id of another');
  });
});

describe('a decoder is broken', { timeout: 120_000 }, () => {
  test('it takes CRLF in two chunks for two line ends', async () => {
    const failure = await find(() =>
      sseTarget((chunks, max) => {
        const isSplit = chunks.some(
          (chunk, at) => at > 0 && ends(chunks[at - 1], 13) && chunk[0] === 10,
        );
        return decodeSse(
          isSplit ? [joined(chunks).map((byte) => (byte === 13 ? 10 : byte))] : chunks,
          max,
        );
      }),
    );
    expect(failure.why).toMatch(/^Error: The events/);
    const { pieces } = JSON.parse(failure.smallest.split('\n')[0]!) as { pieces: string[] };
    expect(pieces.join('').length).toBeLessThan(40);
  });

  test('it drops the first byte of what follows an empty chunk', async () => {
    const failure = await find(() =>
      linesTarget((chunks, max) => {
        const wrong = chunks.map((chunk, at) =>
          at > 0 && chunks[at - 1]!.length === 0 ? chunk.subarray(1) : chunk,
        );
        return splitLines(wrong, max);
      }),
    );
    expect(failure.why).toMatch(/^Error: The lines/);
    const { pieces } = JSON.parse(failure.smallest.split('\n')[0]!) as { pieces: string[] };
    expect(pieces.filter((piece) => piece !== '')).toHaveLength(1);
  });
});

function ends(chunk: Uint8Array | undefined, byte: number): boolean {
  return chunk !== undefined && chunk.at(-1) === byte;
}

test('a target that goes away between batches is found', async () => {
  const dead = defineTarget<number>({
    name: 'dead',
    share: 1,
    atOnce: 4,
    make: (random) => random.below(1000),
    run: (input) => void (last = input),
    check: () => (last === 7 ? Promise.reject(new Error('gone')) : Promise.resolve()),
    smaller: () => [],
    show: String,
  });
  let last = 0;
  const { failure } = await runFuzz({
    seed: 1,
    count: 1,
    seconds: 9,
    targets: [dead],
    from: indexOf7(),
  });
  expect(failure?.smallest).toContain('7');

  function indexOf7(): number {
    for (let index = 0; ; index++) if (new Random(1, 'dead', index).below(1000) === 7) return index;
  }
});

test('what takes memory is measured', async () => {
  const kept: Uint8Array[] = [];
  const leaking = defineTarget<number>({
    name: 'leaking',
    share: 1,
    make: (random) => random.between(1, 255),
    run: (byte) => void kept.push(new Uint8Array(20_000).fill(byte)),
    smaller: () => [],
    show: String,
  });
  const summary = await runFuzz({ seed: 1, count: 12_000, seconds: 60, targets: [leaking] });
  // An input that was slow is tried again.
  expect(kept.length).toBeGreaterThanOrEqual(12_000);
  expect(summary.rssGrowthMb).toBeGreaterThan(50);
});

test('the same seed and index give the same input, and others give others', () => {
  const wordsOf = (seed: number, index: number): number[] => {
    const random = new Random(seed, 'a', index);
    return Array.from({ length: 20 }, () => random.below(1000));
  };
  expect(wordsOf(1, 1)).toEqual(wordsOf(1, 1));
  expect(wordsOf(1, 1)).not.toEqual(wordsOf(1, 2));
  expect(wordsOf(1, 1)).not.toEqual(wordsOf(2, 1));
});

test('shrinking ends, and never makes what passes', async () => {
  const target = defineTarget<string>({
    name: 'text',
    share: 1,
    make: () => 'abcxdef',
    run: (text) => {
      if (text.includes('x')) throw new McpError('internal', 'x');
    },
    *smaller(text) {
      for (let at = 0; at < text.length; at++) yield text.slice(0, at) + text.slice(at + 1);
    },
    show: (text) => text,
  });
  const { smallest } = await shrink(target.make(new Random(1, 'text', 0)), async (one) => {
    try {
      await one.run();
      return undefined;
    } catch (thrown) {
      return String(thrown);
    }
  });
  expect(smallest.show()).toBe('x');
});
