import type { Clock } from '../../platform/clock.js';

/** How many of the lines that are no message are worth a report. */
export interface NoiseGate {
  /** True when this one is. */
  admits(): boolean;
}

const minuteMs = 60_000;
const secondMs = 1000;

/** Admits `perMinuteMax` in a minute, and beyond that one in a second. */
export function createNoiseGate(perMinuteMax: number, clock: Clock): NoiseGate {
  let minuteStart = -Infinity;
  let lastAdmitted = -Infinity;
  let admitted = 0;
  return {
    admits() {
      const now = clock.now();
      if (now - minuteStart >= minuteMs || now < minuteStart) {
        minuteStart = now;
        admitted = 0;
      }
      if (admitted >= perMinuteMax && now - lastAdmitted < secondMs) return false;
      admitted++;
      lastAdmitted = now;
      return true;
    },
  };
}
