/**
 * Texts as SQLite keeps them: drivers cut them at a NUL, and UTF-8 has no bytes for half a
 * character, so two names could become one. Such texts are kept as JSON, which has neither.
 */

const cannotBeKept = /[\0\p{Surrogate}]/u;

export function toText(value: string): string {
  // What is JSON itself must not be taken for this.
  return value.startsWith('"') || cannotBeKept.test(value) ? JSON.stringify(value) : value;
}

/** Throws for what `toText` cannot have made. */
export function fromText(text: string): string {
  if (!text.startsWith('"')) return text;
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'string') throw new SyntaxError('It is no text');
  return value;
}
