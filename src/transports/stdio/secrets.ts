/** Takes secrets out of a text that is about to be shown. */
export interface Scrubber {
  scrub(text: string): string;
  /** The same for the beginning of a text, at whose end a secret may have been cut in two. */
  scrubHead(text: string): string;
}

/** What stands in the place of a secret. */
export const hidden = '[secret]';

/**
 * Hides the values of variables whose names say that they are secrets, and what programs show of
 * credentials in headers and addresses. It keeps secrets out of logs by accident; a program that
 * means to tell them finds a way.
 */
export function createScrubber(env: Readonly<Record<string, string>> = {}): Scrubber {
  const values = secretValues(env);
  const longest = values[0]?.length ?? 0;
  const scrub = (text: string): string => {
    let shown = text;
    for (const value of values) shown = shown.replaceAll(value, hidden);
    for (const [pattern, replacement] of patterns) shown = shown.replace(pattern, replacement);
    return shown;
  };
  return {
    scrub,
    scrubHead: (text) => scrub(text).slice(0, -Math.max(longest, headCut)),
  };
}

/** Longer than any credential that the patterns know and that is not a variable's value. */
const headCut = 256;

// Shorter ones are words such as "true", and hiding them would hide everything.
const lengthMin = 8;

/** Longest first, or what is left of a longer one would show. */
function secretValues(env: Readonly<Record<string, string>>): readonly string[] {
  const values = Object.entries(env)
    .filter(([name]) => isSecretName(name))
    .flatMap(([, value]) => [value, ...value.split(/\r?\n/)])
    .flatMap((value) => [value, value.trim()])
    .flatMap((value) => [value, JSON.stringify(value).slice(1, -1), inAddress(value)])
    .filter((value) => value.length >= lengthMin);
  return [...new Set(values)].toSorted((a, b) => b.length - a.length);
}

function inAddress(value: string): string {
  try {
    return encodeURIComponent(value);
  } catch {
    // Half a surrogate pair has no such form.
    return value;
  }
}

/** Whether the value of a variable of this name is nobody else's business. */
export function isSecretName(name: string): boolean {
  const words = name.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();
  if (secretParts.some((part) => words.includes(part))) return true;
  return words.split(/[^A-Z]+/).some((word) => secretWords.has(word));
}

const secretParts = (
  'TOKEN SECRET PASSWORD PASSWD PASSPHRASE APIKEY CREDENTIAL BEARER CONNECTION_STRING ' +
  'CONNECTIONSTRING WEBHOOK SIGNATURE'
).split(' ');
const secretWords: ReadonlySet<string> = new Set(
  'KEY AUTH PASS PAT PWD PRIVATE COOKIE DSN SESSION JWT PGPASS'.split(' '),
);

const patterns: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // A header: the word before the credential is its scheme.
  [/\b(authorization["']?[ \t]?[:=][ \t]?["']?(?:\w{1,16}[ \t])?)[^\s"',;]{4,}/gi, `$1${hidden}`],
  [/\b((?:api[-_]?key|password)["']?[:=][ \t]?["']?)[^\s"',;&]{4,}/gi, `$1${hidden}`],
  [/\b((?:[a-z]+_token|client_secret)["']?[:=][ \t]?["']?)[^\s"',;&]{4,}/gi, `$1${hidden}`],
  // A word alone may follow in a sentence; a token has digits in it.
  [/\b(bearer[ \t]{1,8})(?=[^\s"']{0,128}\d)[^\s"',;]{8,}/gi, `$1${hidden}`],
  // The user's part of an address: scheme://name:password@host.
  [/(\/\/[^\s/:@]{0,128}:)[^\s/@]{1,512}@/g, `$1${hidden}@`],
];
