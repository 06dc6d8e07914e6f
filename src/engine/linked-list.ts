/** What can be in one list, and knows its neighbours there. */
export interface Linked<Self> {
  previous: Self | undefined;
  next: Self | undefined;
}

/**
 * What is open now, in the order in which it came. A Set through which much goes keeps too much of
 * it from the garbage collector; see IdTable.
 */
export class LinkedList<Item extends Linked<Item>> implements Iterable<Item> {
  #first: Item | undefined;
  #last: Item | undefined;
  #size = 0;

  get first(): Item | undefined {
    return this.#first;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds what is in no list. */
  add(item: Item): void {
    item.previous = this.#last;
    if (this.#last === undefined) this.#first = item;
    else this.#last.next = item;
    this.#last = item;
    this.#size++;
  }

  /** Takes out what is in this list, or in none: then it is false. */
  delete(item: Item): boolean {
    const { previous, next } = item;
    if (!this.#has(item)) return false;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    item.previous = item.next = undefined;
    this.#size--;
    return true;
  }

  /** All that are in it at the beginning, but those that are taken out before their turn. */
  *[Symbol.iterator](): Iterator<Item> {
    const items: Item[] = [];
    for (let item = this.#first; item !== undefined; item = item.next) items.push(item);
    for (const item of items) if (this.#has(item)) yield item;
  }

  #has(item: Item): boolean {
    return item.previous !== undefined || this.#first === item;
  }
}
