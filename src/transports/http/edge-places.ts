import { createPlaces, type Places } from '../../engine/places.js';
import type { Limits } from '../../limits.js';

/** What all callers of an endpoint share. */
export interface EdgePlaces {
  readonly calls: Places;
  readonly streams: Places;
  readonly sessions: Places;
}

/** Where callers can be told apart, none of them may take what all need. */
export function createEdgePlaces(limits: Limits, isPrivate: boolean): EdgePlaces {
  const part = (perPrincipalMax: number): { readonly perPrincipalMax?: number } =>
    isPrivate ? {} : { perPrincipalMax };
  return {
    calls: createPlaces({
      max: limits.callsInFlightMax,
      what: 'calls in flight',
      ...part(limits.callsPerPrincipalMax),
    }),
    streams: createPlaces({
      max: limits.streamsMax,
      what: 'open streams',
      ...part(limits.streamsPerPrincipalMax),
    }),
    sessions: createPlaces({
      max: limits.sessionsMax,
      what: 'sessions',
      whenFull: 'unavailable',
      ...part(limits.sessionsPerPrincipalMax),
    }),
  };
}
