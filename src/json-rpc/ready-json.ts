/**
 * The member under which a part of a message says its own JSON text, where that is cheaper than to
 * write it anew. A symbol, so that it is no part of what is said; what has it must never change.
 */
export const readyJson: unique symbol = Symbol('JSON text');

/** A part of a message that has its text ready. */
export interface ReadyJson {
  readonly [readyJson]: string;
}

export function hasReadyJson(value: unknown): value is ReadyJson {
  return typeof value === 'object' && value !== null && readyJson in value;
}
