import { isPromised } from '../platform/when.js';

/** Steps that come one after the other, whatever becomes of each. */
export class InOrder {
  #last: Promise<void> | undefined;

  /** Whether a step is under way, so that the next one waits. */
  get isBusy(): boolean {
    return this.#last !== undefined;
  }

  /** Takes `step` in its turn: at once, where nothing is before it. */
  run<T>(step: () => Promise<T>): Promise<T>;
  run<T>(step: () => T | Promise<T>): T | Promise<T>;
  run<T>(step: () => T | Promise<T>): T | Promise<T> {
    const made = this.#last === undefined ? step() : this.#last.then(step);
    if (!isPromised(made)) return made;
    const done = Promise.resolve(made);
    const over = done.then(nothing, nothing).then(() => {
      if (this.#last === over) this.#last = undefined;
    });
    this.#last = over;
    return done;
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.#last !== undefined) await this.#last;
  }
}

const nothing = (): void => undefined;
