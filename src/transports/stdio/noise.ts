import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import { createNoiseGate } from './noise-gate.js';
import { plainText } from './plain-text.js';

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
/** Enough for that many characters, whatever they are. */
const shownBytesMax = 4 * shownCharactersMax;

export function createNoise({ onNoise, limits, clock }: NoiseOptions): Noise {
  const gate = createNoiseGate(limits.noiseLinesMax, clock);
  let lines = 0;
  return {
    get lines() {
      return lines;
    },
    heard(line) {
      lines++;
      if (onNoise === undefined || !gate.admits()) return;
      const text = new TextDecoder().decode(line.subarray(0, shownBytesMax));
      onNoise(plainText(text).slice(0, shownCharactersMax));
    },
  };
}
