/** However a stream is cut, it holds the same messages and takes time by its length alone. */
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { ResultMessage } from '../../../../src/json-rpc/message.js';
import { boundsForClient, parseMessage } from '../../../../src/json-rpc/parse.js';
import { defaultLimits } from '../../../../src/limits.js';
import { createLineSplitter } from '../../../../src/transports/stdio/lines.js';

const MiB = 1024 * 1024;
const bounds = boundsForClient(defaultLimits);

/** What Node takes to hand so many chunks over is not ours: tiny ones get a smaller stream. */
const sizes: readonly (readonly [chunkBytes: number, streamBytes: number])[] = [
  [1, MiB / 8],
  [7, MiB / 2],
  [64, 2 * MiB],
  [1024, 4 * MiB],
  [16 * 1024, 4 * MiB],
  [64 * 1024, 4 * MiB],
  [MiB, 64 * MiB],
];

const whole = messages(64 * MiB);

test(
  'a stream is read alike in chunks of 1 byte to 1 MB, in time by its length',
  {
    timeout: 60_000,
  },
  async () => {
    const found = sizes.map(([chunkBytes, streamBytes]) => {
      const bytes = whole.subarray(0, whole.lastIndexOf('\n', streamBytes) + 1);
      return { chunkBytes, bytes, expected: sumOf([bytes]), ours: Infinity, handedOver: Infinity };
    });
    // What else the machine does only ever adds time: the best of some rounds is what counts.
    for (let round = 0; round < 3 || (round < 15 && slow(found).length > 0); round++) {
      for (const row of found) {
        const { bytes, chunkBytes, expected } = row;
        if (bytes.length > 8 * MiB && round > 1 && !slow(found).includes(chunkBytes)) continue;
        const sum = createSum();
        row.ours = Math.min(row.ours, await timeOf(bytes, chunkBytes, sum.feed));
        expect(sum.result()).toEqual(expected);
        row.handedOver = Math.min(row.handedOver, await timeOf(bytes, chunkBytes, () => {}));
      }
    }
    const text = found.map(
      ({ chunkBytes, ours, handedOver }) =>
        `${chunkBytes} B: ${ours.toFixed(1)} ns per byte, ${handedOver.toFixed(1)} of them Node's`,
    );
    console.log(text.join('\n'));
    expect(slow(found)).toEqual([]);
  },
);

interface Timed {
  readonly chunkBytes: number;
  readonly ours: number;
  readonly handedOver: number;
}

/**
 * What takes twice as long as the best, beside what Node takes to hand the chunks over. Of a few
 * bytes that is nearly all, and differs from one time to the other by more than our part.
 */
function slow(found: readonly Timed[]): readonly number[] {
  const best = Math.min(...found.map(({ ours }) => ours));
  return found
    .filter(({ chunkBytes, ours, handedOver }) => {
      const factor = chunkBytes < 64 ? 4 : 2;
      return ours > factor * (best + handedOver);
    })
    .map(({ chunkBytes }) => chunkBytes);
}

test('byte by byte, a long line takes no more time per byte than short ones', () => {
  const lineBytesMax = MiB / 4;
  const perByte = (lineBytes: number): number => {
    const bytes = Buffer.alloc(lineBytesMax, 'x');
    for (let at = lineBytes - 1; at < bytes.length; at += lineBytes) bytes[at] = 10;
    const chunks = [...bytes].map((byte) => Uint8Array.of(byte));
    let best = Infinity;
    for (let round = 0; round < 3; round++) {
      const splitter = createLineSplitter({
        lineBytesMax,
        onLine: () => undefined,
        onOversized: () => undefined,
      });
      const before = process.cpuUsage();
      for (const chunk of chunks) splitter.feed(chunk);
      best = Math.min(best, msSince(before));
    }
    return best;
  };
  const short = perByte(256);
  expect(perByte(lineBytesMax)).toBeLessThan(3 * short);
});

function messages(bytesMin: number): Buffer {
  const lines: Buffer[] = [];
  let length = 0;
  for (let id = 1; length <= bytesMin; id++) {
    const text = 'lorem "ipsum" \u00fc \\ '.repeat(1 + ((id * 7919) % 200));
    const result = { resultType: 'complete', content: [{ type: 'text', text }] };
    const line = Buffer.from(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`);
    lines.push(line);
    length += line.length;
  }
  return Buffer.concat(lines);
}

interface Sum {
  readonly count: number;
  readonly ids: number;
  readonly characters: number;
}

function createSum(): { feed(chunk: Uint8Array): void; result(): Sum } {
  let [count, ids, characters] = [0, 0, 0];
  const splitter = createLineSplitter({
    lineBytesMax: bounds.bytesMax,
    onOversized: () => (characters = NaN),
    onLine(bytes) {
      const { id, result } = parseMessage(bytes, bounds) as ResultMessage & { result: Said };
      count++;
      ids = (ids * 31 + Number(id)) % 1_000_003;
      characters += result.content[0].text.length;
    },
  });
  return { feed: (chunk) => splitter.feed(chunk), result: () => ({ count, ids, characters }) };
}

interface Said {
  readonly content: readonly [{ readonly text: string }];
}

function sumOf(chunks: readonly Uint8Array[]): Sum {
  const sum = createSum();
  for (const chunk of chunks) sum.feed(chunk);
  return sum.result();
}

/** In ns for each byte. They come as a child's output does: chunk by chunk from a stream. */
function timeOf(
  bytes: Buffer,
  chunkBytes: number,
  onData: (chunk: Uint8Array) => void,
): Promise<number> {
  let at = 0;
  const stream = new Readable({
    highWaterMark: MiB,
    read() {
      for (let n = 0; n < 256; n++) {
        if (at >= bytes.length) return void this.push(null);
        const chunk = bytes.subarray(at, at + chunkBytes);
        at += chunkBytes;
        if (!this.push(chunk)) return;
      }
    },
  });
  return new Promise((resolve) => {
    const before = process.cpuUsage();
    stream.on('data', onData);
    stream.once('end', () => resolve((msSince(before) * 1e6) / bytes.length));
  });
}

/** Time of the processor, which other programs cannot take away. */
function msSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
