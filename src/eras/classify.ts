import { McpError } from '../errors.js';
import type { Request } from '../exchange.js';
import type { Message } from '../json-rpc/message.js';
import { hasModernMeta, metaKeys } from '../protocol/meta.js';
import { eraOf } from '../protocol/revisions.js';

/** What one HTTP message shows of its era. Header values are undefined where absent. */
export interface Evidence {
  readonly message: Message;
  readonly versionHeader: string | undefined;
  readonly sessionHeader: string | undefined;
}

export type Verdict = 'modern' | 'initialize' | 'legacy' | McpError;

/**
 * Tells which era an HTTP message belongs to (2026-07-28 basic/versioning, "Backward
 * Compatibility"). Only the message decides: nothing is remembered from one to the next.
 */
export function classify({ message, versionHeader, sessionHeader }: Evidence): Verdict {
  if (isModern(message)) return 'modern';
  if (versionHeader !== undefined && eraOf(versionHeader) !== 'legacy') {
    // A version that this server does not know in an old session is that session's own fault.
    if (sessionHeader !== undefined && eraOf(versionHeader) === undefined) {
      return new McpError(
        'badRequest',
        `MCP-Protocol-Version "${versionHeader}" is not known here`,
      );
    }
    return 'modern';
  }
  if ('method' in message && message.method === 'initialize') return 'initialize';
  if (sessionHeader !== undefined) return 'legacy';
  return new McpError(
    'badRequest',
    'Mcp-Session-Id is missing: send initialize first, or the per-request _meta of 2026-07-28',
  );
}

/**
 * The same for one message on a pipe (stdio and its like), where a legacy session belongs to the
 * whole process and modern requests are answered beside it.
 */
export function classifyOnPipe(message: Message | Request, sessionIsOpen: boolean): Verdict {
  if (isModern(message)) return 'modern';
  if (sessionIsOpen) return 'legacy';
  if ('method' in message && message.method === 'initialize') return 'initialize';
  if ('method' in message && message.method === 'ping') return 'legacy';
  return new McpError(
    'invalidEnvelope',
    `params._meta must hold "${metaKeys.protocolVersion}"; older clients send initialize first`,
  );
}

function isModern(message: Message | Request): boolean {
  return 'method' in message && hasModernMeta(message.params);
}
