import type { RequestId } from '../json-rpc/message.js';

/** What is found by the id of its request. */
interface Identified {
  readonly id: RequestId;
}

/** More places than this are not worth their memory: what finds none goes into a Map. */
const slotsMax = 256;

/**
 * What is open, by id, as in a Map. In a Map through which much goes, each table that it outgrows
 * points to the next one and to all that was open then: once such a table is old, the engine's
 * quick garbage collections free nothing of what went through since. Counted ids, which nearly
 * everybody uses, lie in an array here that is only ever written over.
 */
export class IdTable<Value extends Identified> {
  #slots: (Value | undefined)[] = [undefined];
  /** Hardly any table has some. */
  #others: Map<RequestId, Value> | undefined;
  #inSlots = 0;

  get size(): number {
    return this.#inSlots + (this.#others?.size ?? 0);
  }

  get(id: RequestId): Value | undefined {
    const inSlot = typeof id === 'number' ? this.#slots[this.#at(id)] : undefined;
    return inSlot?.id === id ? inSlot : this.#others?.get(id);
  }

  /** Adds what is not there yet. */
  add(value: Value): void {
    const { id } = value;
    if (typeof id !== 'number') return this.#addOther(value);
    while (this.#slots[this.#at(id)] !== undefined && this.#slots.length < slotsMax) this.#grow();
    if (this.#slots[this.#at(id)] !== undefined) return this.#addOther(value);
    this.#slots[this.#at(id)] = value;
    this.#inSlots++;
  }

  delete(id: RequestId): void {
    if (typeof id === 'number') {
      const at = this.#at(id);
      if (this.#slots[at]?.id === id) {
        this.#slots[at] = undefined;
        this.#inSlots--;
        return;
      }
    }
    this.#others?.delete(id);
  }

  /** All of them, as they stand now. */
  values(): Value[] {
    const inSlots = this.#slots.filter((value) => value !== undefined);
    return [...inSlots, ...(this.#others?.values() ?? [])];
  }

  #addOther(value: Value): void {
    (this.#others ??= new Map()).set(value.id, value);
  }

  #at(id: number): number {
    return id & (this.#slots.length - 1);
  }

  // No two that had places of their own can come to want the same one.
  #grow(): void {
    const before = this.#slots;
    this.#slots = Array.from({ length: before.length * 2 }, () => undefined);
    for (const value of before) {
      if (value !== undefined) this.#slots[this.#at(value.id as number)] = value;
    }
  }
}
