/** One shape for the three drivers of SQLite that a program may have. */

export type Value = string | number | null;
export type Row = Readonly<Record<string, unknown>>;

export interface Statement {
  /** How many rows it has changed. */
  run(...values: readonly Value[]): number;
  get(...values: readonly Value[]): Row | undefined;
  all(...values: readonly Value[]): readonly Row[];
}

/** One connection. Every method throws what the driver throws. */
export interface Connection {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

export type DriverName = 'node:sqlite' | 'libsql' | 'better-sqlite3';

/** Opens a file that exists; fails at once where it is locked. */
export type Connect = (file: string) => Connection;

/** What libsql and better-sqlite3 have in common. */
interface BetterStatement {
  run(values: readonly Value[]): { readonly changes: number };
  get(values: readonly Value[]): unknown;
  all(values: readonly Value[]): readonly unknown[];
}

interface BetterDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): BetterStatement;
  close(): unknown;
}

type BetterClass = new (file: string, options: { readonly timeout: number }) => BetterDatabase;

const drivers: { readonly [name in DriverName]: () => Promise<Connect> } = {
  async 'node:sqlite'() {
    const { DatabaseSync } = await import('node:sqlite');
    return (file) => {
      const database = new DatabaseSync(file);
      return {
        exec: (sql) => database.exec(sql),
        close: () => database.close(),
        prepare(sql) {
          const statement = database.prepare(sql);
          return {
            run: (...values) => Number(statement.run(...values).changes),
            get: (...values) => statement.get(...values),
            all: (...values) => statement.all(...values),
          };
        },
      };
    };
  },
  async libsql() {
    return better((await import('libsql')).default);
  },
  async 'better-sqlite3'() {
    return better((await import('better-sqlite3')).default);
  },
};

/** The first that is there, or the one that is named. */
export async function findDriver(wanted?: DriverName): Promise<Connect> {
  const names = wanted === undefined ? (Object.keys(drivers) as DriverName[]) : [wanted];
  const failures: unknown[] = [];
  for (const name of names) {
    try {
      return await drivers[name]();
    } catch (cause) {
      failures.push(cause);
    }
  }
  throw new Error(
    `There is no ${names.join(', ')} here. Node has SQLite built in from 22.13 on; ` +
      'for older ones run "npm install libsql"',
    { cause: new AggregateError(failures) },
  );
}

function better(Database: BetterClass): Connect {
  return (file) => {
    const database = new Database(file, { timeout: 0 });
    return {
      exec: (sql) => void database.exec(sql),
      close: () => void database.close(),
      prepare(sql) {
        const statement = database.prepare(sql);
        return {
          run: (...values) => statement.run(values).changes,
          get: (...values) => (statement.get(values) as Row | null | undefined) ?? undefined,
          all: (...values) => statement.all(values) as readonly Row[],
        };
      },
    };
  };
}
