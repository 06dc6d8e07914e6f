/** Turns the tree of a pattern into the instructions of a small machine. */

import { membership } from './character-set.js';
import type { CharacterSet } from './character-set.js';
import type { Assertion, Pattern } from './pattern-syntax.js';

/** All of one shape, whatever they do: that of each is asked for with each visit. */
export interface Instruction {
  readonly op: 'set' | 'assert' | 'split' | 'jump' | 'match';
  /** Of a set: whether a character is in it. */
  readonly has: (point: number) => boolean;
  readonly assertion: Assertion;
  /** Where a jump or a split goes on, and where else a split does. */
  to: number;
  or: number;
}

const nothing: Instruction = { op: 'match', has: () => false, assertion: 'start', to: 0, or: 0 };

export interface Program {
  readonly instructions: readonly Instruction[];
  /** True when a match can begin nowhere but at the start of the text. */
  readonly anchored: boolean;
  /** Log2 of how many states are visited in the time that one step of the budget stands for. */
  readonly statesPerStep: number;
}

/** The program of `pattern`, or undefined when it would be too long. */
export function assemble(pattern: Pattern): Program | undefined {
  const assembler = new Assembler();
  if (!assembler.emit(pattern)) return undefined;
  const { instructions, statesPerStep } = assembler;
  instructions.push({ ...nothing });
  const first = instructions[0];
  const anchored = first?.op === 'assert' && first.assertion === 'start';
  return { instructions, anchored, statesPerStep };
}

const instructionsMax = 2000;

class Assembler {
  readonly instructions: Instruction[] = [];
  statesPerStep = 1;
  // Counted apart from instructions, because repeating something empty yields none.
  #partsLeft = 4 * instructionsMax;
  // A repeated set is one object met many times.
  readonly #memberships = new Map<CharacterSet, (point: number) => boolean>();

  emit(part: Pattern): boolean {
    this.#partsLeft -= 1;
    if (this.#partsLeft < 0 || this.instructions.length > instructionsMax) return false;
    switch (part.kind) {
      case 'set':
        this.instructions.push({ ...nothing, op: 'set', has: this.#membership(part.set) });
        return true;
      case 'assert':
        this.instructions.push({ ...nothing, op: 'assert', assertion: part.assertion });
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
    if (set.properties.length > 0) this.statesPerStep = 0;
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
    const split: Instruction = { ...nothing, op: 'split', to: this.instructions.length + 1 };
    this.instructions.push(split);
    return split;
  }

  #jump(to: number): { to: number } {
    const jump: Instruction = { ...nothing, op: 'jump', to };
    this.instructions.push(jump);
    return jump;
  }
}
