import type { Reader } from '../../engine/detached.js';
import type { Io } from '../../exchange.js';

/** A reader of what a task says meanwhile: what it came to is looked up where tasks are kept. */
export function noticesTo(emit: Io['emit']): Reader {
  return { emit, settle: () => undefined, abandon: () => undefined };
}
