import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import { createNoiseGate } from './noise-gate.js';
import { plainText } from './plain-text.js';
import type { Scrubber } from './secrets.js';
import { tell } from './tell.js';

export interface NoiseOptions {
  readonly onNoise?: (line: string) => void;
  readonly limits: Limits;
  readonly clock: Clock;
}

/** What a server prints among its messages: counted, and shown in moderation. */
export interface Noise {
  readonly lines: number;
  heard(line: Uint8Array): void;
}

const shownCharactersMax = 200;
/** Enough for that many characters, with secrets among them. */
const readBytesMax = 4096;

export function createNoise(scrubber: Scrubber, { onNoise, limits, clock }: NoiseOptions): Noise {
  const gate = createNoiseGate(limits.noiseLinesMax, clock);
  let lines = 0;
  return {
    get lines() {
      return lines;
    },
    heard(line) {
      lines++;
      if (onNoise === undefined || !gate.admits()) return;
      const text = plainText(new TextDecoder().decode(line.subarray(0, readBytesMax)));
      const isCut = line.length >= readBytesMax;
      const shown = isCut ? scrubber.scrubHead(text) : scrubber.scrub(text);
      tell(onNoise, shown.slice(0, shownCharactersMax));
    },
  };
}
