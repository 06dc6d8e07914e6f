import type { Limits } from '../../limits.js';
import { allowedMethods, isPreflight, methodNotAllowed } from './guards/method.js';
import type { Head } from './head.js';
import { emptyHeaders } from './reply-headers.js';
import { type WireBody, type WireHeaders, type WireReply, WrappedReply } from './wire.js';

/** What pages of listed origins may do (WHATWG Fetch, section 3.3): exact origins, no cookies. */
export interface Cors {
  /** The reply as a page may read it, if it is of a listed origin. */
  readable(wire: WireReply, head: Head): WireReply;
  /**
   * Answers the question whether a page may send a request; false when it is none. Throws McpError
   * for pages that are not listed: those of the server itself have no need to ask.
   */
  answersPreflight(method: string, head: Head, wire: WireReply): boolean;
}

/** For `origins` in lower case. Undefined without any: no answer has a header of CORS then. */
export function createCors(origins: readonly string[], limits: Limits): Cors | undefined {
  if (origins.length === 0) return undefined;
  const listed = new Map(origins.map((origin) => [origin, grantsOf(origin)]));
  const isListed = ({ origin }: Head): boolean =>
    origin !== undefined && listed.has(origin.toLowerCase());
  const maxAge = String(Math.floor(limits.preflightMs / 1000));
  return {
    readable(wire, { origin }) {
      const grants = origin === undefined ? undefined : listed.get(origin.toLowerCase());
      return new ReadableReply(wire, grants);
    },
    answersPreflight(method, head, wire) {
      if (!isPreflight(method, head)) return false;
      if (!isListed(head)) throw methodNotAllowed();
      wire.send(204, {
        ...emptyHeaders,
        'access-control-allow-methods': allowedMethods,
        'access-control-allow-headers': [...pageHeaders, ...paramsIn(head)].join(', '),
        'access-control-max-age': maxAge,
      });
      return true;
    },
  };
}

const pageHeaders: readonly string[] = [
  'accept',
  'authorization',
  'content-type',
  'last-event-id',
  'mcp-method',
  'mcp-name',
  'mcp-protocol-version',
  'mcp-session-id',
  'traceparent',
  'tracestate',
  'baggage',
];

const readableHeaders =
  'Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate, Retry-After, X-Request-Id';

/**
 * The headers for arguments among those that a page asks for. Which ones tools have depends on who
 * is calling, and a preflight does not say that; none of them can do harm.
 */
function paramsIn(head: Head): readonly string[] {
  const asked = head['access-control-request-headers'] ?? '';
  const names = asked.split(',').map((name) => name.trim().toLowerCase());
  return names.filter((name) => /^mcp-param-[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name));
}

function grantsOf(origin: string): WireHeaders {
  return Object.freeze({
    'access-control-allow-origin': origin,
    'access-control-expose-headers': readableHeaders,
    vary: 'Origin',
  });
}

class ReadableReply extends WrappedReply {
  readonly #grants: WireHeaders | undefined;

  constructor(wire: WireReply, grants: WireHeaders | undefined) {
    super(wire);
    this.#grants = grants;
  }

  override send(status: number, headers: WireHeaders, body?: WireBody): void {
    const { allow } = headers;
    const asked = allow === undefined ? {} : { allow: `${allow}, OPTIONS` };
    super.send(status, { ...headers, ...asked, ...this.#grants }, body);
  }

  override open(status: number, headers: WireHeaders): void {
    super.open(status, { ...headers, ...this.#grants });
  }
}
