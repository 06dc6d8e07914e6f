/** What may be wrong with a file, in words that say what to do. */

const advice: readonly (readonly [RegExp, (file: string) => string])[] = [
  [
    /SQLITE_(?:BUSY|LOCKED)|database (?:is|table is) locked/i,
    (file) =>
      `${file} is in use by another process. One process owns such a file: end the other one ` +
      'first, give each its own file, or share a Redis (redisStore) between them',
  ],
  [
    /SQLITE_(?:NOTADB|CORRUPT)|not a database|malformed/i,
    (file) =>
      `${file} is damaged, or is no SQLite database. Put a copy in its place, or move it away ` +
      'and begin anew: sessions then end, and their clients begin new ones',
  ],
  [
    /SQLITE_FULL|disk is full/i,
    (file) => `There is no room left for ${file}. Nothing more is kept until there is`,
  ],
  [
    /SQLITE_READONLY|readonly database/i,
    (file) => `${file} cannot be written. Give this user the right to, in its folder too`,
  ],
];

/** Does `step`; what the driver throws is explained, and remains the cause. */
export function orExplain<T>(file: string, step: () => T): T {
  try {
    return step();
  } catch (cause) {
    throw explained(file, cause);
  }
}

/** A value that nobody can have written there. */
export function damaged(file: string, what: string): Error {
  return new Error(`${file} is damaged: ${what}`);
}

function explained(file: string, cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause;
  const { code } = cause as { readonly code?: unknown };
  const text = `${String(code)} ${cause.message}`;
  const say = advice.find(([pattern]) => pattern.test(text))?.[1];
  return say === undefined ? cause : new Error(say(file), { cause });
}
