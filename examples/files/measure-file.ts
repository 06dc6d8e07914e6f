import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

export interface Measured {
  readonly bytes?: number;
  readonly lines?: number;
  readonly words?: number;
  readonly sha256?: string;
  readonly error?: string;
}

// A link that took the file's place since the folder was read is not followed either.
const openFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);

/** Measures a file piece by piece, so that its size does not matter. Rejects only when aborted. */
export async function measureFile(
  folder: string,
  path: string,
  signal: AbortSignal,
): Promise<Measured> {
  try {
    const handle = await open(join(folder, path), openFlags);
    const counts = { bytes: 0, lines: 0, words: 0, inWord: false };
    const hash = createHash('sha256');
    // The stream closes the file when it ends, however it ends.
    for await (const chunk of handle.createReadStream({ signal })) {
      hash.update(chunk as Buffer);
      count(chunk as Buffer, counts);
    }
    const { bytes, lines, words } = counts;
    return { bytes, lines, words, sha256: hash.digest('hex') };
  } catch (thrown) {
    signal.throwIfAborted();
    return { error: (thrown as NodeJS.ErrnoException).code ?? 'unreadable' };
  }
}

const newline = 0x0a;
const space = 0x20;

/** Counts like `wc`: a line is a newline, a word what stands between white space. */
function count(
  chunk: Uint8Array,
  counts: { bytes: number; lines: number; words: number; inWord: boolean },
): void {
  counts.bytes += chunk.length;
  let { lines, words, inWord } = counts;
  for (const byte of chunk) {
    const isSpace = byte === space || (byte >= 0x09 && byte <= 0x0d);
    if (byte === newline) lines++;
    if (!isSpace && !inWord) words++;
    inWord = !isSpace;
  }
  Object.assign(counts, { lines, words, inWord });
}
