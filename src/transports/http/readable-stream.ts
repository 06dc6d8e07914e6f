import type { SseWriter } from './sse-writer.js';

/** Opens the connection of a reader; `onVanish` is called if the reader goes by itself. */
export type OpenReader = (onVanish: () => void) => SseWriter;

/**
 * What became of a reader that came back: its events follow, were lost, it had all of them, or it
 * names an event that never was.
 */
export type Attached = 'attached' | 'lost' | 'over' | 'unknown';

/** A stream that readers come back to, whoever writes it. */
export interface ReadableStream {
  /**
   * Hands the stream over to the reader that `open` makes, beginning after event `seq`. Opens
   * nothing when that would leave a gap, or when the stream is over and nothing follows `seq`.
   */
  attach(open: OpenReader, seq: number): Promise<Attached>;
}
