/** Names every moment before and after a statement that changes a file, and may end the process. */
import type { Connect, Statement } from '../../../src/stores/sqlite/driver.js';

export interface Points {
  /** Whatever is done from now on belongs to this. */
  during(name: string): void;
  /** Opens files as `connect` does, and stops at every point. */
  readonly connect: Connect;
}

/** `stop` is told of every point, with its name, and may not come back. */
export function pointsOf(connect: Connect, stop: (point: string) => void): Points {
  let during = 'open';
  const around = <T>(what: string, step: () => T): T => {
    stop(`${during}: before ${what}`);
    const result = step();
    stop(`${during}: after ${what}`);
    return result;
  };
  return {
    during: (name) => void (during = name),
    connect(file) {
      const connection = around('opening the file', () => connect(file));
      return {
        exec: (sql) => around(labelOf(sql), () => connection.exec(sql)),
        prepare(sql) {
          const statement = connection.prepare(sql);
          if (!changes(sql)) return statement;
          const label = labelOf(sql);
          const run: Statement['run'] = (...values) =>
            around(label, () => statement.run(...values));
          return { ...statement, run };
        },
        close: () => around('closing the file', () => connection.close()),
      };
    },
  };
}

function changes(sql: string): boolean {
  return !/^(?:select|pragma)/.test(sql);
}

/** What a statement does, as far as one has to know it. */
function labelOf(sql: string): string {
  if (/create table/.test(sql)) return 'making the tables';
  if (sql.startsWith('pragma locking_mode = exclusive')) return 'asking for the lock';
  if (/journal_mode = wal/.test(sql)) return 'taking the lock';
  if (/journal_mode = delete/.test(sql)) return 'moving the log into the file';
  const [, what] = /^(begin|commit|rollback|insert into \w+|delete from \w+)/.exec(sql) ?? [];
  if (what !== undefined) return what;
  return /^update \w+ set \w+/.exec(sql)?.[0] ?? sql;
}
