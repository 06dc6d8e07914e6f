import { isScope } from '../authorization.js';
import { defaultLimits } from '../limits.js';

/** What a refused request is told by its `www-authenticate` header (RFC 9110, section 11.6.1). */
export interface Challenge {
  readonly error: string | undefined;
  readonly resourceMetadata: string | undefined;
  readonly scopes: readonly string[] | undefined;
}

const schemes: ReadonlySet<string> = new Set(['bearer', 'dpop']);
const { challengeLengthMax, challengeScopesMax } = defaultLimits;

/** The first challenge by token; parameters of other schemes do not count. */
export function readChallenge(header: string | undefined): Challenge {
  const found = new Map<string, string>();
  let isOurs = false;
  for (const { scheme, name, value } of partsOf((header ?? '').slice(0, challengeLengthMax))) {
    if (scheme !== undefined) {
      // A second one of the same kind must not mix its parameters with the first.
      if (isOurs && found.size > 0) break;
      isOurs = schemes.has(scheme.toLowerCase());
    }
    if (isOurs && name !== undefined && !found.has(name)) found.set(name, value);
  }
  const scope = found.get('scope');
  return {
    error: found.get('error'),
    resourceMetadata: found.get('resource_metadata'),
    // A person reads them in a terminal, and they go into an address.
    scopes: scope?.split(' ').filter(isScope).slice(0, challengeScopesMax),
  };
}

interface Part {
  readonly scheme?: string;
  readonly name?: string;
  readonly value: string;
}

// Sticky, and each alternative begins differently, so that reading is linear.
const parameter = /[\s,]*([!#$%&'*+.^_`|~\w-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s",]*))/y;
const schemeWord = /[\s,]*([!#$%&'*+.^_`|~\w-]+)(?=[\s,]|$)/y;

function* partsOf(text: string): Generator<Part> {
  for (let at = 0; at < text.length;) {
    parameter.lastIndex = schemeWord.lastIndex = at;
    const pair = parameter.exec(text);
    const word = pair === null ? schemeWord.exec(text) : null;
    if (pair !== null) {
      const value = pair[2]?.replace(/\\(.)/g, '$1') ?? pair[3] ?? '';
      yield { name: pair[1]!.toLowerCase(), value };
      at = parameter.lastIndex;
    } else if (word !== null) {
      yield { scheme: word[1]!, value: '' };
      at = schemeWord.lastIndex;
    } else return;
  }
}
