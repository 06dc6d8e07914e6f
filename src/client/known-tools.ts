import type { Middleware, Result } from '../exchange.js';
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';

/** What a list said of a tool. The server's own word: it may be wrong, or a lie. */
export interface KnownTool {
  readonly outputSchema: JsonObject | undefined;
  /** Doing it twice does no more than doing it once, or nothing at all. */
  readonly mayBeRepeated: boolean;
}

/** The tools of the newest list that went by. */
export interface KnownTools {
  readonly middleware: Middleware;
  get(name: unknown): KnownTool | undefined;
}

export function createKnownTools(toolsMax: number): KnownTools {
  const known = new Map<unknown, KnownTool>();
  let seen = new Set<unknown>();

  const learn = (cursor: unknown, { tools, nextCursor }: Result): void => {
    if (!Array.isArray(tools)) return;
    if (cursor === undefined) seen = new Set();
    for (const tool of tools as readonly unknown[]) {
      if (!isJsonObject(tool) || known.size >= toolsMax) continue;
      seen.add(tool['name']);
      known.set(tool['name'], readTool(tool, known.get(tool['name'])));
    }
    if (nextCursor !== undefined) return;
    for (const name of known.keys()) if (!seen.has(name)) known.delete(name);
  };

  return {
    middleware: (next) => (request, io) => {
      if (request.method !== 'tools/list') return next(request, io);
      return next(request, io).then((result) => {
        learn(request.params?.['cursor'], result);
        return result;
      });
    },
    get: (name) => known.get(name),
  };
}

function readTool({ outputSchema, annotations }: JsonObject, before?: KnownTool): KnownTool {
  const hints = isJsonObject(annotations) ? annotations : {};
  const tool = {
    outputSchema: isJsonObject(outputSchema) ? outputSchema : undefined,
    mayBeRepeated: hints['readOnlyHint'] === true || hints['idempotentHint'] === true,
  };
  // The same list, kept, leaves a tool what it was, so that its schema is made ready once.
  const isSame =
    before?.outputSchema === tool.outputSchema && before?.mayBeRepeated === tool.mayBeRepeated;
  return isSame && before !== undefined ? before : tool;
}
