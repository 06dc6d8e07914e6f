import { McpError } from '../../errors.js';

export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Fills in `${VAR}` and `${VAR:-default}`, in each text of a record or list by itself: whatever a
 * variable holds, one element stays one element. `${env:VAR}` means the same as `${VAR}`. What was
 * filled in is not looked at again. Throws McpError connectionFailed that names every variable
 * without a value and default. `other` gives the text for what stands in braces and is no variable.
 */
export function expandVariables<Texts extends readonly string[] | Readonly<Record<string, string>>>(
  texts: Texts,
  variables: Variables,
  other: (inside: string) => string | undefined = () => undefined,
): Texts {
  const missing = new Set<string>();
  const valueFor = (inside: string): string | undefined =>
    valueOf(inside, variables, missing) ?? other(inside);
  const expand = (text: string): string => expandOne(text, valueFor);
  const expanded = Array.isArray(texts)
    ? texts.map(expand)
    : Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, expand(text)]));
  if (missing.size === 0) return expanded as unknown as Texts;
  const names = [...missing].join(', ');
  throw new McpError(
    'connectionFailed',
    missing.size === 1
      ? `The variable ${names} is not set: set it, or write \${${names}:-default}`
      : `These variables are not set: ${names}. Set them, or write \${NAME:-default}`,
  );
}

function expandOne(text: string, valueFor: (inside: string) => string | undefined): string {
  let expanded = '';
  let at = 0;
  for (;;) {
    const start = text.indexOf('${', at);
    const end = start < 0 ? -1 : text.indexOf('}', start);
    if (end < 0) return expanded + text.slice(at);
    const inside = text.slice(start + 2, end);
    expanded += text.slice(at, start) + (valueFor(inside) ?? `\${${inside}}`);
    at = end + 1;
  }
}

/** A variable that a text mentions, and what stands for it where it is not set or empty. */
export interface Reference {
  readonly name: string;
  readonly preset: string | undefined;
}

/** Undefined for what is no variable, like `${workspaceFolder/x}`. */
export function readReference(inside: string): Reference | undefined {
  const from = inside.indexOf(':-');
  const written = from < 0 ? inside : inside.slice(0, from);
  const name = written.startsWith('env:') ? written.slice(4) : written;
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return undefined;
  return { name, preset: from < 0 ? undefined : inside.slice(from + 2) };
}

/** What stands in the braces of a text. */
export function insidesOf(text: string): readonly string[] {
  const found: string[] = [];
  expandOne(text, (inside) => void found.push(inside));
  return found;
}

/** Undefined for what is no variable, which is left as it stands. */
function valueOf(inside: string, variables: Variables, missing: Set<string>): string | undefined {
  const reference = readReference(inside);
  if (reference === undefined) return undefined;
  const { name, preset } = reference;
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  // As in shells, what is empty counts as unset where there is a default.
  if (preset !== undefined) return value === undefined || value === '' ? preset : value;
  if (value === undefined) missing.add(name);
  return value ?? '';
}
