import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import { isContentBlock, text } from '../protocol/content.js';
import type { ContentBlock } from '../protocol/modern.types.js';
import type { InputRequired } from './rounds.js';

export interface ToolResultParts {
  /** What the model reads. Left out: the JSON text of `structured`. */
  readonly content?: string | ContentBlock | readonly ContentBlock[];
  /** What programs read; has to fit the tool's output schema. Any JSON value. */
  readonly structured?: unknown;
  /** True when the tool ran and failed; prefer to throw a ToolError. */
  readonly isError?: boolean;
  readonly meta?: JsonObject;
}

/** A tool's answer in full, for when a plain return value does not say enough. */
export class ToolResult {
  readonly parts: ToolResultParts;

  constructor(parts: ToolResultParts) {
    this.parts = parts;
  }
}

/** Text for the model beside a structured value for programs. */
export function toolResult(parts: ToolResultParts): ToolResult {
  return new ToolResult(parts);
}

/**
 * What a tool may return: text, content blocks, a structured value (any JSON value where the tool
 * has an output schema, an object otherwise), or everything by name.
 */
export type ToolReturn<Out> =
  | Out
  | string
  | ContentBlock
  | readonly ContentBlock[]
  | ToolResult
  | InputRequired;

/** The wire form of what a tool returned. `isStructured`: the tool has an output schema. */
export function toCallToolResult(returned: unknown, isStructured: boolean): JsonObject {
  if (returned instanceof ToolResult) return fromParts(returned.parts);
  if (isStructured) return fromParts({ structured: returned });
  if (typeof returned === 'string') return fromParts({ content: returned });
  if (returned === undefined || returned === null) return { content: [] };
  if (isContentBlock(returned)) return { content: [writable(returned)] };
  if (Array.isArray(returned) && returned.every(isContentBlock)) {
    return { content: returned.map(writable) };
  }
  if (isJsonObject(returned)) return fromParts({ structured: returned });
  return fromParts({ content: json(returned) });
}

export function errorResult(message: string): JsonObject {
  return { content: [text(message)], isError: true };
}

function fromParts({ content, structured, isError, meta }: ToolResultParts): JsonObject {
  const result: { [key: string]: unknown } = { content: blocks(content, structured) };
  if (structured !== undefined) result['structuredContent'] = structured;
  if (isError === true) result['isError'] = true;
  if (meta !== undefined) result['_meta'] = refuseUnwritable(meta);
  return result;
}

// Structured content is said again as text, for models and for older clients (server/tools).
function blocks(content: ToolResultParts['content'], structured: unknown): readonly ContentBlock[] {
  if (content === undefined) return structured === undefined ? [] : [text(json(structured))];
  // Otherwise the text has shown already that there is one.
  if (structured !== undefined) refuseUnwritable(structured);
  if (typeof content === 'string') return [text(content)];
  return (isContentBlock(content) ? [content] : content).map(writable);
}

/** `block` itself. What handlers make freely is in its `_meta`; the rest is plain. */
export function writable<T extends object>(block: T): T {
  if ('_meta' in block) refuseUnwritable(block._meta);
  if ('resource' in block && block.resource instanceof Object) writable(block.resource);
  return block;
}

// A value without JSON text would be found only where the answer is written, far from its author.
function refuseUnwritable<T>(value: T): T {
  JSON.stringify(value);
  return value;
}

function json(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}
