/** Lines of standard input: the same whatever the chunks, and those that a plain split finds. */
import { createLineSplitter } from '../../../src/transports/stdio/lines.js';
import { piecesOf } from '../json.js';
import { fewerBytes, fewerItems } from '../shrink.js';
import { defineTarget, insistSame, type Target } from '../target.js';
import { joined, latin1 } from './sse.js';

export type Split = (chunks: readonly Uint8Array[], lineBytesMax: number) => readonly string[];

interface Input {
  readonly pieces: readonly Uint8Array[];
  readonly lineBytesMax: number;
}

export function linesTarget(split: Split = splitLines): Target {
  return defineTarget<Input>({
    name: 'lines',
    share: 22,
    make(random) {
      let text = '';
      for (let count = random.below(10); count > 0; count--) {
        const length = random.chance(2) ? 5000 : random.pick([0, 0, 1, 5, 19, 20, 21, 22, 60]);
        text += random.pick(['a', '{', '\r', '\xff']).repeat(length);
        text += random.pick(['\n', '\n', '\r\n', '\r', '\n\n', '']);
      }
      const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
      const lineBytesMax = random.pick([1, 20, 20, 4096, 100_000]);
      return { pieces: piecesOf(bytes, random), lineBytesMax };
    },
    run({ pieces, lineBytesMax }) {
      const whole = joined(pieces);
      const said = split(pieces, lineBytesMax);
      insistSame(said, split([whole], lineBytesMax), 'The lines by chunks and in one');
      insistSame(said, referenceLines(whole, lineBytesMax), 'The lines and the plain reading');
    },
    *smaller({ pieces, lineBytesMax }) {
      for (const fewer of fewerItems(pieces)) yield { pieces: fewer, lineBytesMax };
      for (const [at, piece] of pieces.entries()) {
        for (const less of fewerBytes(piece)) yield { pieces: pieces.with(at, less), lineBytesMax };
      }
    },
    show: ({ pieces, lineBytesMax }) =>
      JSON.stringify({ lineBytesMax, pieces: pieces.map((piece) => latin1(piece)) }),
  });
}

export function splitLines(chunks: readonly Uint8Array[], lineBytesMax: number): readonly string[] {
  const said: string[] = [];
  const splitter = createLineSplitter({
    lineBytesMax,
    onLine: (bytes) => said.push(`line ${latin1(bytes)}`),
    onOversized: (head, total) => said.push(`too long ${total} ${latin1(head.subarray(0, 100))}`),
  });
  for (const chunk of chunks) splitter.feed(chunk);
  splitter.end();
  return said;
}

export function referenceLines(bytes: Uint8Array, lineBytesMax: number): readonly string[] {
  return latin1(bytes)
    .split('\n')
    .flatMap((line) => {
      const text = line.endsWith('\r') ? line.slice(0, -1) : line;
      if (text.length > lineBytesMax) return [`too long ${line.length} ${line.slice(0, 100)}`];
      return text === '' ? [] : [`line ${text}`];
    });
}
