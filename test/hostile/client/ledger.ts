import type { Harm } from './attack.js';

/** What is more than any client should hold of one server. */
export const bytesEnough = 8 * 1024 * 1024;
/** More requests than anybody needs who was refused. */
export const requestsEnough = 80;

/** More answers than a server may ask for at once. */
export const answersEnough = 400;

/** What harm was seen, by the server or by the client that it was done to. */
export interface Ledger {
  readonly harms: ReadonlySet<Harm>;
  add(harm: Harm): void;
  /** So many bytes were taken. */
  took(bytes: number): void;
  /** True once it is more than anybody should take. */
  readonly isFull: boolean;
}

export function openLedger(): Ledger {
  const harms = new Set<Harm>();
  let bytes = 0;
  return {
    harms,
    add: (harm) => void harms.add(harm),
    took(more) {
      bytes += more;
      if (bytes > bytesEnough) harms.add('takes');
    },
    get isFull() {
      return bytes > bytesEnough;
    },
  };
}
