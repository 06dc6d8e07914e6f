import type { Connection, Statement } from './driver.js';
import { orExplain } from './faults.js';

/** An open file whose faults explain themselves. */
export interface Database {
  prepare(sql: string): Statement;
  /** All of `step` or nothing; one within another is a part of it. */
  whole<T>(step: () => T): T;
  /** Does `action` once the step that runs is kept as a whole; not at all where it is not. */
  onceKept(action: () => void): void;
  /** Calls `listener` after something was taken back: what was counted beside it is void. */
  onUndone(listener: () => void): void;
}

export function createDatabase(connection: Connection, file: string): Database {
  const [begin, commit, rollback] = ['begin immediate', 'commit', 'rollback'].map((sql) =>
    connection.prepare(sql),
  ) as [Statement, Statement, Statement];
  const listeners: (() => void)[] = [];
  let actions: (() => void)[] = [];
  let isWithin = false;

  const undo = (): void => {
    try {
      rollback.run();
    } catch {
      // Some faults have taken it back already.
    }
    actions = [];
    for (const listener of listeners) listener();
  };
  const finish = (): void => {
    const kept = actions;
    actions = [];
    for (const action of kept) action();
  };
  const attempt = <T>(step: () => T): T => {
    isWithin = true;
    try {
      const result = step();
      orExplain(file, () => commit.run());
      return result;
    } catch (cause) {
      undo();
      throw cause;
    } finally {
      isWithin = false;
    }
  };

  return {
    prepare(sql) {
      const statement = orExplain(file, () => connection.prepare(sql));
      return {
        run: (...values) => orExplain(file, () => statement.run(...values)),
        get: (...values) => orExplain(file, () => statement.get(...values)),
        all: (...values) => orExplain(file, () => statement.all(...values)),
      };
    },
    whole(step) {
      if (isWithin) return step();
      orExplain(file, () => begin.run());
      const result = attempt(step);
      finish();
      return result;
    },
    onceKept: (action) => void actions.push(action),
    onUndone: (listener) => void listeners.push(listener),
  };
}
