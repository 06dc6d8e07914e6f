/** The small HTTP client that the transport needs; one variant on Node, one for the web. */
import { McpError } from '../../errors.js';
import type { Cancelling } from '../../exchange.js';

export interface HttpRequest {
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body?: string;
  /** Ends the request and whatever still comes of its answer. */
  readonly signal?: Cancelling;
}

export interface HttpAnswer {
  readonly status: number;
  /** A header by lower-case name. */
  header(name: string): string | undefined;
  /** Hands over the body piece by piece. Rejects when it breaks off or `onChunk` throws. */
  read(onChunk: (chunk: Uint8Array) => void): Promise<void>;
}

/** Sends one request. Rejects with McpError when no answer comes; redirects are answers. */
export interface HttpSend {
  (request: HttpRequest): Promise<HttpAnswer>;
  /** Lets go of the connections that are kept for later requests. */
  readonly close?: () => void;
}

/**
 * The error for a request to which no answer came. Unless it certainly never left, the server may
 * have acted on it; a web page is not told, so there it always may.
 */
export function unanswered(url: string, cause: unknown): McpError {
  const { origin } = new URL(url);
  const { code = '', syscall } = detailsOf(cause);
  const neverLeft = syscall === 'connect' || syscall === 'getaddrinfo' || isNoConnection(code);
  if (!neverLeft) {
    const text = `${origin} closed the connection without an answer`;
    return new McpError('outcomeUnknown', code === '' ? `No answer came from ${origin}` : text, {
      cause,
    });
  }
  const isProxy = code.startsWith('ERR_PROXY_') && cause instanceof Error;
  const why = code === 'ECONNREFUSED' ? 'nothing listens there' : isProxy ? cause.message : code;
  return new McpError('connectionFailed', `Could not reach ${origin}: ${why}`, { cause });
}

/** Node puts them on the error itself, its fetch on the cause of that. */
function detailsOf(thrown: unknown): { readonly code?: string; readonly syscall?: string } {
  const error = thrown as { code?: unknown; cause?: unknown } | undefined;
  const from = typeof error?.code === 'string' ? error : error?.cause;
  const { code, syscall } = (from ?? {}) as { code?: unknown; syscall?: unknown };
  return {
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof syscall === 'string' ? { syscall } : {}),
  };
}

// No name, no way, or no certificate that can be trusted.
const noConnection: readonly string[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EPROTO',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_',
  'ERR_PROXY_',
  'ERR_TLS_',
  'ERR_SSL_',
  'DEPTH_ZERO_',
  'SELF_SIGNED_',
  'UNABLE_TO_',
];

function isNoConnection(code: string): boolean {
  return noConnection.some((beginning) => code.startsWith(beginning));
}
