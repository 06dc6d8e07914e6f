/** Turns the tree of a pattern into the instructions of a small machine. */

import { membership } from './character-set.js';
import type { CharacterSet } from './character-set.js';
import type { Assertion, Pattern } from './pattern-syntax.js';

export type Instruction =
  | { readonly op: 'set'; readonly has: (point: number) => boolean }
  | { readonly op: 'assert'; readonly assertion: Assertion }
  | { readonly op: 'split'; readonly to: number; or: number }
  | { readonly op: 'jump'; to: number }
  | { readonly op: 'match' };

export interface Program {
  readonly instructions: readonly Instruction[];
  /** True when a match can begin nowhere but at the start of the text. */
  readonly anchored: boolean;
  /** How many steps of the budget stand for the time that it takes to visit a state. */
  readonly stepsPerState: number;
}

/** The program of `pattern`, or undefined when it would be too long. */
export function assemble(pattern: Pattern): Program | undefined {
  const assembler = new Assembler();
  if (!assembler.emit(pattern)) return undefined;
  const { instructions, stepsPerState } = assembler;
  instructions.push({ op: 'match' });
  const first = instructions[0];
  const anchored = first?.op === 'assert' && first.assertion === 'start';
  return { instructions, anchored, stepsPerState };
}

const instructionsMax = 2000;

class Assembler {
  readonly instructions: Instruction[] = [];
  stepsPerState = 1;
  // Counted apart from instructions, because repeating something empty yields none.
  #partsLeft = 4 * instructionsMax;
  // A repeated set is one object met many times.
  readonly #memberships = new Map<CharacterSet, (point: number) => boolean>();

  emit(part: Pattern): boolean {
    this.#partsLeft -= 1;
    if (this.#partsLeft < 0 || this.instructions.length > instructionsMax) return false;
    switch (part.kind) {
      case 'set':
        this.instructions.push({ op: 'set', has: this.#membership(part.set) });
        return true;
      case 'assert':
        this.instructions.push({ op: 'assert', assertion: part.assertion });
        return true;
      case 'sequence':
        return part.parts.every((one) => this.emit(one));
      case 'choice':
        return this.#choice(part.parts);
      case 'repeat':
        return part.max === Infinity
          ? this.#copies(part.part, part.min) && this.#loop(part.part)
          : this.#copies(part.part, part.min) && this.#options(part.part, part.max - part.min);
    }
  }

  #membership(set: CharacterSet): (point: number) => boolean {
    const has = this.#memberships.get(set) ?? membership(set);
    this.#memberships.set(set, has);
    // Unicode properties are looked up by the engine, which takes far longer than a table.
    if (set.properties.length > 0) this.stepsPerState = 2;
    return has;
  }

  #choice(parts: readonly Pattern[]): boolean {
    const exits: { to: number }[] = [];
    for (const [index, part] of parts.entries()) {
      const fork = index < parts.length - 1 ? this.#split() : undefined;
      if (!this.emit(part)) return false;
      if (fork === undefined) continue;
      exits.push(this.#jump(0));
      fork.or = this.instructions.length;
    }
    for (const exit of exits) exit.to = this.instructions.length;
    return true;
  }

  #copies(part: Pattern, count: number): boolean {
    for (let index = 0; index < count; index += 1) if (!this.emit(part)) return false;
    return true;
  }

  #loop(part: Pattern): boolean {
    const start = this.instructions.length;
    const fork = this.#split();
    if (!this.emit(part)) return false;
    this.#jump(start);
    fork.or = this.instructions.length;
    return true;
  }

  #options(part: Pattern, count: number): boolean {
    const forks: { or: number }[] = [];
    for (let index = 0; index < count; index += 1) {
      forks.push(this.#split());
      if (!this.emit(part)) return false;
    }
    for (const fork of forks) fork.or = this.instructions.length;
    return true;
  }

  #split(): { or: number } {
    const split = { op: 'split' as const, to: this.instructions.length + 1, or: 0 };
    this.instructions.push(split);
    return split;
  }

  #jump(to: number): { to: number } {
    const jump = { op: 'jump' as const, to };
    this.instructions.push(jump);
    return jump;
  }
}
