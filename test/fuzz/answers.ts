/** One line of what a server says: a notification, or the answer to a request. */
import { boom } from './server.js';
import { insist } from './target.js';

export interface Answer {
  readonly id: string | number | undefined;
  readonly error: { readonly code: number } | undefined;
}

/** The answer; undefined for a notification. Throws for what is no message of ours. */
export function readAnswer(text: string): Answer | undefined {
  const told = (): string => text;
  insist(!text.includes('\n') && !tellsTooMuch.test(text), () => `tells too much: ${text}`);
  const message = JSON.parse(text) as { readonly [name: string]: unknown };
  insist(message['jsonrpc'] === '2.0', told);
  const { id, method, error, result } = message;
  if (method !== undefined) {
    insist(typeof method === 'string' && id === undefined, () => `a question: ${text}`);
    return undefined;
  }
  insist(
    Object.keys(message).every((name) => members.has(name)),
    told,
  );
  const known = typeof id === 'string' || typeof id === 'number';
  if (error === undefined) {
    insist(typeof result === 'object' && result !== null && known, told);
    return { id, error: undefined };
  }
  insist(result === undefined && (known || id === undefined), told);
  const { code, message: said } = error as { code: unknown; message: unknown };
  insist(typeof code === 'number' && Number.isInteger(code) && typeof said === 'string', told);
  return { id, error: { code } };
}

const members = new Set(['jsonrpc', 'id', 'result', 'error']);

// A stack, a file of this program, what a handler threw.
const tellsTooMuch = new RegExp(
  `\\n {4}at |node:internal|\\.[jt]s:\\d+|${boom.message}|TypeError|RangeError|is not a function`,
);
