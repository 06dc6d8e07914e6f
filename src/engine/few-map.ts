/**
 * A Map, in the order in which its entries came, that hardly ever has more than one: the first is
 * kept without one, because a Map takes three times the memory of all the rest of an idle stream.
 */
export class FewMap<Key, Value extends object> {
  #key: Key | undefined;
  #first: Value | undefined;
  #others: Map<Key, Value> | undefined;

  get size(): number {
    return (this.#first === undefined ? 0 : 1) + (this.#others?.size ?? 0);
  }

  get(key: Key): Value | undefined {
    if (this.#first !== undefined && this.#key === key) return this.#first;
    return this.#others?.get(key);
  }

  set(key: Key, value: Value): void {
    const isKnown = this.#first !== undefined && this.#key === key;
    // Behind others nothing comes first any more.
    if (!isKnown && this.size > 0) {
      (this.#others ??= new Map()).set(key, value);
      return;
    }
    this.#key = key;
    this.#first = value;
  }

  delete(key: Key): void {
    if (this.#first === undefined || this.#key !== key) {
      this.#others?.delete(key);
      if (this.#others?.size === 0) this.#others = undefined;
      return;
    }
    this.#key = this.#first = undefined;
  }

  *values(): Generator<Value> {
    for (const [, value] of this) yield value;
  }

  *[Symbol.iterator](): Generator<readonly [Key, Value]> {
    if (this.#first !== undefined) yield [this.#key as Key, this.#first];
    yield* this.#others ?? [];
  }
}
