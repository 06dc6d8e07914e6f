/** McpError and its one table: name, JSON-RPC code, HTTP status, whose fault. */

interface Row {
  /** JSON-RPC error code. Ours lie outside -32768..-32000, which JSON-RPC and MCP reserve. */
  readonly code: number;
  /** HTTP status when the answer's head is not on its way yet. */
  readonly status: number;
  readonly fault: 'caller' | 'server' | 'connection';
}

const row = (code: number, status: number, fault: Row['fault']): Row => ({ code, status, fault });

/** Every way in which an exchange can fail. Codes of our own equal the HTTP status they mean. */
export const errorTable = Object.freeze({
  // JSON-RPC 2.0, section 5.1
  parseError: row(-32700, 400, 'caller'),
  invalidRequest: row(-32600, 400, 'caller'),
  methodNotFound: row(-32601, 404, 'caller'),
  invalidParams: row(-32602, 200, 'caller'),
  internal: row(-32603, 200, 'server'),
  // MCP 2026-07-28
  invalidEnvelope: row(-32602, 400, 'caller'),
  headerMismatch: row(-32020, 400, 'caller'),
  missingClientCapability: row(-32021, 400, 'caller'),
  unsupportedVersion: row(-32022, 400, 'caller'),
  // MCP up to 2025-11-25 says -32002; eras/legacy translates
  resourceNotFound: row(-32602, 200, 'caller'),
  // the edge
  badRequest: row(400, 400, 'caller'),
  unauthorized: row(401, 401, 'caller'),
  forbidden: row(403, 403, 'caller'),
  notFound: row(404, 404, 'caller'),
  sessionNotFound: row(404, 404, 'caller'),
  methodNotAllowed: row(405, 405, 'caller'),
  notAcceptable: row(406, 406, 'caller'),
  requestTooSlow: row(408, 408, 'caller'),
  streamConflict: row(409, 409, 'caller'),
  tooLarge: row(413, 413, 'caller'),
  unsupportedMediaType: row(415, 415, 'caller'),
  tooManyRequests: row(429, 429, 'caller'),
  unavailable: row(503, 503, 'server'),
  // ends of an exchange that no peer reports
  cancelled: row(499, 200, 'caller'),
  timeout: row(504, 200, 'connection'),
  connectionClosed: row(521, 502, 'connection'),
  connectionFailed: row(522, 502, 'connection'),
  outcomeUnknown: row(520, 502, 'connection'),
  badResponse: row(523, 502, 'server'),
  /** A peer's error whose code is none of the above. */
  peer: row(0, 200, 'server'),
} as const satisfies Record<string, Row>);

export type ErrorKind = keyof typeof errorTable;

export interface McpErrorOptions {
  readonly data?: unknown;
  /** Kept for logs and observers; never sent to a peer. */
  readonly cause?: unknown;
  /** The code a peer sent, where it differs from the table's. */
  readonly code?: number;
  /** True when a peer sent this error, false when it arose here. */
  readonly fromPeer?: boolean;
}

/** The only thing an exchange rejects with. */
export class McpError extends Error {
  override readonly name = 'McpError';
  readonly kind: ErrorKind;
  readonly code: number;
  readonly data: unknown;
  readonly fromPeer: boolean;

  constructor(kind: ErrorKind, message: string, options: McpErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.code = options.code ?? errorTable[kind].code;
    this.data = options.data;
    this.fromPeer = options.fromPeer ?? false;
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
]);

/**
 * Throw this from a tool to tell the model what went wrong. Its text reaches the caller as a result
 * with `isError: true`; the text of any other error never does.
 */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}
