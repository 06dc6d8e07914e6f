import { type ErrorKind, McpError } from '../errors.js';
import { countedAs, type Principal } from '../exchange.js';

export interface PlacesOptions {
  readonly max: number;
  /** Of one principal who can be told apart from others. Default: any number. */
  readonly perPrincipalMax?: number;
  /** What is counted, as a message says it, such as `calls`. */
  readonly what: string;
  /** What is thrown when all are taken. Default: `tooManyRequests`. */
  readonly whenFull?: 'tooManyRequests' | 'unavailable';
}

/** A bounded number of places, of which one principal cannot take all. */
export interface Places {
  /** Throws McpError when there is none left, or none for this principal. */
  take(principal: Principal): void;
  /** Gives one back that was taken. */
  leave(principal: Principal): void;
  readonly size: number;
}

export function createPlaces(options: PlacesOptions): Places {
  const { max, perPrincipalMax = max, what, whenFull = 'tooManyRequests' } = options;
  const held = new Map<string, number>();
  let size = 0;
  const keyOf = (principal: Principal): string | undefined =>
    perPrincipalMax >= max ? undefined : countedAs(principal);

  return {
    take(principal) {
      if (size >= max) throw full(whenFull, `The server holds ${max} ${what}`);
      const key = keyOf(principal);
      if (key !== undefined) {
        const mine = held.get(key) ?? 0;
        if (mine >= perPrincipalMax) {
          throw full('tooManyRequests', `You hold ${perPrincipalMax} ${what}`);
        }
        held.set(key, mine + 1);
      }
      size++;
    },
    leave(principal) {
      size--;
      const key = keyOf(principal);
      if (key === undefined) return;
      const mine = (held.get(key) ?? 0) - 1;
      if (mine > 0) held.set(key, mine);
      else held.delete(key);
    },
    get size() {
      return size;
    },
  };
}

function full(kind: ErrorKind, what: string): McpError {
  return new McpError(kind, `${what}; try again later`);
}
