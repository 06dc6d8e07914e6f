import type { Exchange, Io, Request, Result } from '../../exchange.js';
import { McpError } from '../../errors.js';
import { isJsonObject, type JsonObject } from '../../json-rpc/message.js';
import { type ParamHeader, paramHeadersFor, paramHeadersOf } from '../../protocol/param-headers.js';

export interface MirrorOptions {
  /** Reads the list of tools anew, all pages. */
  readonly refresh: (io: Io) => Promise<void>;
  /** Told of a tool that is left out because its header annotations are invalid. */
  readonly onInvalidTool: (name: string, reason: string) => void;
}

/**
 * Mirrors annotated arguments into `Mcp-Param-*` headers (2026-07-28 server/tools, "x-mcp-header"):
 * learns from lists which there are, leaves out tools whose annotations are invalid, and when the
 * server finds a header missing or different, reads the list again and tries once more.
 */
export function mirrorParams(next: Exchange, options: MirrorOptions): Exchange {
  const known = new Map<string, readonly ParamHeader[]>();

  const learn = (result: Result): Result => {
    const tools = result['tools'];
    if (!Array.isArray(tools)) return result;
    const valid = tools.filter((tool: unknown) => {
      if (!isJsonObject(tool) || !isJsonObject(tool['inputSchema'])) return true;
      const name = String(tool['name']);
      const spec = paramHeadersOf(tool['inputSchema']);
      if ('invalid' in spec) {
        options.onInvalidTool(name, spec.invalid);
        return false;
      }
      known.set(name, spec.headers);
      return true;
    });
    return valid.length === tools.length ? result : { ...result, tools: valid };
  };
  const withHeaders = (request: Request, io: Io): Io => {
    const spec = known.get(String(request.params?.['name']));
    if (spec === undefined || spec.length === 0) return io;
    const args = (request.params?.['arguments'] ?? {}) as JsonObject;
    return new MirroringIo(io, paramHeadersFor(spec, args));
  };

  return async (request, io) => {
    if (request.method === 'tools/list') return learn(await next(request, io));
    if (request.method !== 'tools/call') return next(request, io);
    try {
      return await next(request, withHeaders(request, io));
    } catch (thrown) {
      if (!(thrown instanceof McpError) || thrown.kind !== 'headerMismatch') throw thrown;
      await options.refresh(io);
      return next(request, withHeaders(request, io));
    }
  };
}

class MirroringIo implements Io {
  readonly paramHeaders: ReadonlyMap<string, string>;
  readonly #io: Io;

  constructor(io: Io, paramHeaders: ReadonlyMap<string, string>) {
    this.#io = io;
    this.paramHeaders = paramHeaders;
  }

  get signal(): AbortSignal {
    return this.#io.signal;
  }

  get peer(): Io['peer'] {
    return this.#io.peer;
  }

  emit(notification: Parameters<Io['emit']>[0]): void | Promise<void> {
    return this.#io.emit(notification);
  }
}
