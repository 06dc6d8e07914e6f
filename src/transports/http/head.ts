import { McpError } from '../../errors.js';

/** The headers that mean something here, read once. Undefined: absent. */
export class Head {
  host: string | undefined;
  origin: string | undefined;
  'content-type': string | undefined;
  'content-length': string | undefined;
  'content-encoding': string | undefined;
  'transfer-encoding': string | undefined;
  accept: string | undefined;
  authorization: string | undefined;
  'mcp-session-id': string | undefined;
  'mcp-protocol-version': string | undefined;
  'mcp-method': string | undefined;
  'mcp-name': string | undefined;
  'last-event-id': string | undefined;
  'sec-fetch-site': string | undefined;
  'sec-fetch-mode': string | undefined;
  'access-control-request-method': string | undefined;
  'access-control-request-headers': string | undefined;
  /** A header by which something shows that stands between the peer and this server. */
  forwarded = false;
  /** `Mcp-Param-*` by lower-case name. */
  params: Map<string, string> | undefined;
}

type Single = Exclude<keyof Head, 'forwarded' | 'params'>;

const singles: ReadonlySet<string> = new Set<Single>([
  'host',
  'origin',
  'content-type',
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'accept',
  'authorization',
  'mcp-session-id',
  'mcp-protocol-version',
  'mcp-method',
  'mcp-name',
  'last-event-id',
  'sec-fetch-site',
  'sec-fetch-mode',
  'access-control-request-method',
  'access-control-request-headers',
]);

/** Reads raw headers. A header that may come once and came twice makes the request ambiguous. */
export function readHead(rawHeaders: readonly string[], headersMax: number): Head | McpError {
  if (rawHeaders.length > 2 * headersMax) {
    return new McpError('headersTooLarge', `A request may have ${headersMax} headers`);
  }
  const head = new Head();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!.toLowerCase();
    const value = rawHeaders[at + 1]!;
    if (singles.has(name)) {
      // Accept may be split over several lines; the others may not (RFC 9110, section 5.3).
      if (head[name as Single] !== undefined && name !== 'accept') return twice(name);
      head[name as Single] = name === 'accept' ? join(head.accept, value) : value;
    } else if (name.startsWith('mcp-param-')) {
      head.params ??= new Map();
      if (head.params.has(name)) return twice(name);
      head.params.set(name, value);
    } else if (isProxys(name)) {
      head.forwarded = true;
    } else if (name.includes('_') && isKnown(name.replaceAll('_', '-'))) {
      // Some gateways take "_" for "-": two spellings of one header are two opinions of a request.
      return new McpError('badRequest', 'A header name with "_" imitates a known header');
    }
  }
  return head;
}

function isProxys(name: string): boolean {
  return (
    name.startsWith('x-forwarded-') ||
    name === 'forwarded' ||
    name === 'via' ||
    name === 'x-real-ip'
  );
}

function isKnown(name: string): boolean {
  return singles.has(name) || name.startsWith('mcp-param-') || isProxys(name);
}

function join(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before}, ${value}`;
}

function twice(name: string): McpError {
  return new McpError('badRequest', `The header ${name} came twice`);
}
