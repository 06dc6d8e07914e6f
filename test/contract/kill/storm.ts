/** One event after the other, on many streams, with a word after each that was taken. */
import type { StreamKey } from '../../../src/stores/event-store.js';
import type { ServerStore } from '../../../src/stores/server-store.js';

export const streamsOfStorm: readonly StreamKey[] = Array.from({ length: 20 }, (_, at) => ({
  principal: 'ann',
  session: `s${at}`,
  stream: 'x',
}));

/** The text of an event: large enough that the log moves into the file all the time. */
export function textOfStorm(stream: number, seq: number): string {
  return JSON.stringify({ stream, seq, text: `${seq} `.repeat(500) });
}

export function storm({ events }: ServerStore, tell: (what: string) => void): never {
  for (const key of streamsOfStorm) {
    void events.begin(key, { owner: 'node 1', purpose: 'answers', owed: [] });
  }
  for (let seq = 1; ; seq++) {
    for (const [stream, key] of streamsOfStorm.entries()) {
      const taken = events.append(key, 'node 1', { seq, data: textOfStorm(stream, seq) });
      if (taken !== true) throw new Error('An event was not taken');
      tell(`${stream} ${seq}`);
    }
  }
}
