/**
 * Matches patterns in time proportional to the text. A pattern becomes a small machine whose
 * states are all followed at once, so it never goes back in the text, whatever the pattern is.
 */

import { assemble } from './pattern-program.js';
import type { Instruction, Program } from './pattern-program.js';
import { readPattern } from './pattern-syntax.js';
import type { Assertion } from './pattern-syntax.js';

/** Says whether the pattern occurs anywhere in a text; undefined when it is not evaluated. */
export type PatternTest = (text: string, work: Work) => boolean | undefined;

/** Counts steps; throws to end them. */
export interface Work {
  spend(steps: number): void;
}

/** A pattern that can be matched in linear time. */
export interface LinearPattern {
  /** How many instructions it has: what it takes of memory, and of time for each character. */
  readonly size: number;
  test(text: string, work: Work): boolean;
}

/** The machine for `source`; undefined when the pattern cannot be matched in linear time. */
export function linearPattern(source: string): LinearPattern | undefined {
  const pattern = readPattern(source);
  const program = pattern && assemble(pattern);
  if (program === undefined) return undefined;
  const states = new States(program);
  return {
    size: program.instructions.length,
    test: (text, work) => run(program, states, text, work),
  };
}

/** Room for the states of one match at a time; matching is synchronous, so it can be reused. */
class States {
  current: Int32Array;
  next: Int32Array;
  readonly stack: number[] = [];
  /** For each instruction, the position at which it was last visited, plus one. */
  readonly visitedAt: Int32Array;
  /** How often any instruction was visited since it was last paid for. */
  visits = 0;

  constructor(program: Program) {
    this.current = new Int32Array(program.instructions.length);
    this.next = new Int32Array(program.instructions.length);
    this.visitedAt = new Int32Array(program.instructions.length);
  }
}

function run(program: Program, states: States, text: string, work: Work): boolean {
  states.visitedAt.fill(0);
  states.visits = program.instructions.length >> 4;
  let count = 0;
  for (let at = 0; ;) {
    const point = text.codePointAt(at);
    if (at === 0 || !program.anchored) {
      count = follow(program, states, 0, text, at, states.current, count);
      if (count < 0) return true;
    }
    work.spend(1 + ((states.visits + count) >> program.statesPerStep));
    states.visits = 0;
    if (point === undefined || (program.anchored && count === 0)) return false;
    const after = at + (point > 0xffff ? 2 : 1);
    let nextCount = 0;
    for (let index = 0; index < count; index += 1) {
      const state = states.current[index] ?? 0;
      const instruction = program.instructions[state];
      if (instruction?.op !== 'set' || !instruction.has(point)) continue;
      nextCount = follow(program, states, state + 1, text, after, states.next, nextCount);
      if (nextCount < 0) return true;
    }
    [states.current, states.next] = [states.next, states.current];
    count = nextCount;
    at = after;
  }
}

/**
 * Adds to `list` every state that awaits a character and can be reached from `from` without one.
 * Returns the new length of the list, or -1 when the end of the pattern was reached.
 */
function follow(
  program: Program,
  states: States,
  from: number,
  text: string,
  at: number,
  list: Int32Array,
  length: number,
): number {
  const { stack, visitedAt } = states;
  let count = length;
  stack.length = 0;
  // One way is followed at once, as most have no other; the second of a split waits in `stack`.
  for (let state: number | undefined = from; state !== undefined;) {
    states.visits += 1;
    if (visitedAt[state] === at + 1) {
      state = stack.pop();
      continue;
    }
    visitedAt[state] = at + 1;
    const instruction: Instruction | undefined = program.instructions[state];
    if (instruction === undefined || instruction.op === 'match') return -1;
    if (instruction.op === 'jump') {
      state = instruction.to;
    } else if (instruction.op === 'split') {
      stack.push(instruction.or);
      state = instruction.to;
    } else if (instruction.op === 'assert') {
      state = holds(instruction.assertion, text, at) ? state + 1 : stack.pop();
    } else {
      list[count] = state;
      count += 1;
      state = stack.pop();
    }
  }
  return count;
}

function holds(assertion: Assertion, text: string, at: number): boolean {
  if (assertion === 'start') return at === 0;
  if (assertion === 'end') return at === text.length;
  const boundary = isWord(text.charCodeAt(at - 1)) !== isWord(text.charCodeAt(at));
  return boundary === (assertion === 'word');
}

function isWord(unit: number): boolean {
  return (
    (unit >= 0x61 && unit <= 0x7a) ||
    (unit >= 0x41 && unit <= 0x5a) ||
    (unit >= 0x30 && unit <= 0x39) ||
    unit === 0x5f
  );
}
