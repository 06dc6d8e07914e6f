import { isJsonObject, type JsonObject } from '../../json-rpc/message.js';
import type { Row } from './driver.js';
import { damaged } from './faults.js';
import { fromText } from './text.js';

/** Reads the columns of rows; a value that is not of its kind is a fault of the file. */
export interface Reader {
  text(row: Row, column: string): string;
  /** Null where there is none. */
  optionalText(row: Row, column: string): string | undefined;
  /** Of a row that has to be there. */
  number(row: Row | undefined, column: string): number;
  json(row: Row, column: string): unknown;
  /** What a member has to be, for an object that repeats what its row says. */
  object(row: Row, column: string, members: JsonObject): JsonObject;
  /** Fails; `what` says what is wrong. */
  fail(what: string): never;
}

export function createReader(file: string): Reader {
  const fail = (what: string): never => {
    throw damaged(file, what);
  };
  const rawText = (row: Row, column: string): string => {
    const value = row[column];
    return typeof value === 'string' ? value : fail(`"${column}" is no text`);
  };
  const parsed = <T>(column: string, parse: () => T): T => {
    try {
      return parse();
    } catch {
      return fail(`"${column}" cannot be read`);
    }
  };
  const reader: Reader = {
    text: (row, column) => {
      const text = rawText(row, column);
      return parsed(column, () => fromText(text));
    },
    optionalText: (row, column) => (row[column] === null ? undefined : reader.text(row, column)),
    number(row, column) {
      const value = row?.[column];
      return typeof value === 'number' ? value : fail(`"${column}" is no number`);
    },
    json(row, column) {
      const text = rawText(row, column);
      return parsed(column, () => JSON.parse(text) as unknown);
    },
    object(row, column, members) {
      const value = reader.json(row, column);
      if (!isJsonObject(value)) return fail(`"${column}" is no object`);
      for (const [name, member] of Object.entries(members)) {
        if (value[name] !== member) return fail(`"${column}" is that of another row`);
      }
      return value;
    },
    fail,
  };
  return reader;
}
