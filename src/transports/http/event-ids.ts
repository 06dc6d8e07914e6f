import { type Random, toBase64Url } from '../../platform/random.js';
import type { StoredEvent } from '../../stores/event-store.js';
import { encodeSseEvent, encodeSseMessage } from './sse-encode.js';

/** A name for a stream: nobody guesses it, so nobody makes event ids of streams not their own. */
export function nameStream(random: Random): string {
  return toBase64Url(random.bytes(16));
}

/** The stream and the number that an event id stands for; undefined for what is none of ours. */
export function readEventId(id: string): { readonly stream: string; seq: number } | undefined {
  const match = /^([\w-]{22})\.([0-9]{1,15})$/.exec(id);
  if (match === null) return undefined;
  return { stream: match[1]!, seq: Number(match[2]) };
}

/** An event, with the id that a reader comes back with. */
export function encodeStored(stream: string, { seq, data }: StoredEvent): string {
  return `id: ${stream}.${seq}\n${encodeSseMessage(data)}`;
}

/** The event without data that 2025-11-25 begins streams with: a place to come back to. */
export function encodePriming(stream: string, seq: number, retryMs: number): string {
  return encodeSseEvent({ data: '', id: `${stream}.${seq}`, retry: retryMs });
}
