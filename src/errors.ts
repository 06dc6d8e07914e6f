/** McpError and its one table: name, JSON-RPC code, HTTP status, whose fault. */

/**
 * Every way in which an exchange can fail, and whose fault it is.
 *
 * `code` is the JSON-RPC error code; those of our own lie outside -32768..-32000, which JSON-RPC
 * and MCP reserve, and equal the HTTP status that they mean. `status` is the HTTP status when the
 * head of the answer is not on its way yet.
 */
export const errorTable = {
  // JSON-RPC 2.0, section 5.1
  parseError: { code: -32700, status: 400, fault: 'caller' },
  invalidRequest: { code: -32600, status: 400, fault: 'caller' },
  methodNotFound: { code: -32601, status: 404, fault: 'caller' },
  invalidParams: { code: -32602, status: 200, fault: 'caller' },
  internal: { code: -32603, status: 200, fault: 'server' },
  // MCP 2026-07-28
  invalidEnvelope: { code: -32602, status: 400, fault: 'caller' },
  headerMismatch: { code: -32020, status: 400, fault: 'caller' },
  missingClientCapability: { code: -32021, status: 400, fault: 'caller' },
  unsupportedVersion: { code: -32022, status: 400, fault: 'caller' },
  // MCP up to 2025-11-25 says -32002; eras/legacy translates
  resourceNotFound: { code: -32602, status: 200, fault: 'caller' },
  // the edge
  badRequest: { code: 400, status: 400, fault: 'caller' },
  unauthorized: { code: 401, status: 401, fault: 'caller' },
  forbidden: { code: 403, status: 403, fault: 'caller' },
  insufficientScope: { code: 403, status: 403, fault: 'caller' },
  notFound: { code: 404, status: 404, fault: 'caller' },
  sessionNotFound: { code: 404, status: 404, fault: 'caller' },
  methodNotAllowed: { code: 405, status: 405, fault: 'caller' },
  notAcceptable: { code: 406, status: 406, fault: 'caller' },
  requestTooSlow: { code: 408, status: 408, fault: 'caller' },
  streamConflict: { code: 409, status: 409, fault: 'caller' },
  tooLarge: { code: 413, status: 413, fault: 'caller' },
  unsupportedMediaType: { code: 415, status: 415, fault: 'caller' },
  expectationFailed: { code: 417, status: 417, fault: 'caller' },
  tooManyRequests: { code: 429, status: 429, fault: 'caller' },
  headersTooLarge: { code: 431, status: 431, fault: 'caller' },
  unavailable: { code: 503, status: 503, fault: 'server' },
  // ends of an exchange that no peer reports
  cancelled: { code: 499, status: 200, fault: 'caller' },
  timeout: { code: 504, status: 200, fault: 'connection' },
  connectionClosed: { code: 521, status: 502, fault: 'connection' },
  connectionFailed: { code: 522, status: 502, fault: 'connection' },
  outcomeUnknown: { code: 520, status: 502, fault: 'connection' },
  badResponse: { code: 523, status: 502, fault: 'server' },
  /** A peer's error whose code is none of the above. */
  peer: { code: 0, status: 200, fault: 'server' },
} as const;

Object.freeze(errorTable);

export type ErrorKind = keyof typeof errorTable;

export interface McpErrorOptions {
  readonly data?: unknown;
  /** Kept for logs and observers; never sent to a peer. */
  readonly cause?: unknown;
  /** The code a peer sent, where it differs from the table's. */
  readonly code?: number;
  /** True when a peer sent this error, false when it arose here. */
  readonly fromPeer?: boolean;
  readonly retryAfterMs?: number | undefined;
}

/** The only thing an exchange rejects with. */
export class McpError extends Error {
  override readonly name = 'McpError';
  readonly kind: ErrorKind;
  readonly code: number;
  readonly data: unknown;
  readonly fromPeer: boolean;
  /** How long the peer asks to wait before the next attempt, in ms, where it says so. */
  readonly retryAfterMs: number | undefined;

  constructor(kind: ErrorKind, message: string, options: McpErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.code = options.code ?? errorTable[kind].code;
    this.data = options.data;
    this.fromPeer = options.fromPeer ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }

  /**
   * An error of another copy of this package is one of ours too: a server's module may bring its
   * own, and its refusals must not turn into "Internal error". What came as JSON never is.
   */
  static override [Symbol.hasInstance](value: unknown): value is McpError {
    if (!(value instanceof Error) || value.name !== 'McpError' || !('kind' in value)) return false;
    return typeof value.kind === 'string' && Object.hasOwn(errorTable, value.kind);
  }

  /** HTTP status for this error while the head of the answer is still ours to choose. */
  get status(): number {
    return errorTable[this.kind].status;
  }

  /** The JSON-RPC error object that a peer may see. */
  toWire(): { code: number; message: string; data?: unknown } {
    return this.data === undefined
      ? { code: this.code, message: this.message }
      : { code: this.code, message: this.message, data: this.data };
  }

  /** An unknown throw becomes a bare "Internal error"; what was thrown stays in `cause`. */
  static from(thrown: unknown): McpError {
    if (thrown instanceof McpError) return thrown;
    return new McpError('internal', 'Internal error', { cause: thrown });
  }

  /** An error object that a peer sent. */
  static fromWire(error: { code: number; message: string; data?: unknown }): McpError {
    const kind = kindByCode.get(error.code) ?? 'peer';
    return new McpError(kind, error.message, {
      code: error.code,
      data: error.data,
      fromPeer: true,
    });
  }
}

// -32002 is what peers up to 2025-11-25 say for a missing resource.
const kindByCode: ReadonlyMap<number, ErrorKind> = new Map<number, ErrorKind>([
  [-32700, 'parseError'],
  [-32600, 'invalidRequest'],
  [-32601, 'methodNotFound'],
  [-32602, 'invalidParams'],
  [-32603, 'internal'],
  [-32002, 'resourceNotFound'],
  [-32020, 'headerMismatch'],
  [-32021, 'missingClientCapability'],
  [-32022, 'unsupportedVersion'],
  // Ours, so that a refusal reads alike whether its transport has a status beside it or not.
  [400, 'badRequest'],
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'notFound'],
  [413, 'tooLarge'],
  [429, 'tooManyRequests'],
  [503, 'unavailable'],
  [504, 'timeout'],
]);

/** What the caller wants to do needs all of `scopes`; clients know how to ask for them. */
export function insufficientScope(scopes: readonly string[]): McpError {
  const text = `This needs the ${scopes.length === 1 ? 'scope' : 'scopes'} ${scopes.join(' ')}`;
  return new McpError('insufficientScope', text, { data: { requiredScopes: scopes } });
}

/** A method that the one who is asked does not have. */
export function unknownMethod(method: string): McpError {
  return new McpError('methodNotFound', `Method not found: ${method.slice(0, 128)}`);
}

/** A request whose id another one has that is not answered yet. */
export function idInUse(id: string | number): McpError {
  return new McpError('invalidRequest', `The request id ${JSON.stringify(id)} is in use already`);
}

/**
 * Throw this from a tool to tell the model what went wrong. Its text reaches the caller as a result
 * with `isError: true`; the text of any other error never does.
 */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}
