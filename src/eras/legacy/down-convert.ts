import type { Result } from '../../exchange.js';
import { rememberJson } from '../../json-rpc/encode.js';
import { isJsonObject, type JsonObject } from '../../json-rpc/message.js';
import { metaKeys } from '../../protocol/meta.js';
import { atLeast } from '../../protocol/revisions.js';

/**
 * A result of 2026-07-28 as an older revision knows it: members that came later are left out, and
 * content that a peer could not read becomes text, so that nothing said is lost.
 */
export function downConvert(method: string, result: Result, revision: string): Result {
  if (!Object.isFrozen(result)) return convert(method, result, revision);
  let byRevision = kept.get(result);
  if (byRevision === undefined) kept.set(result, (byRevision = new Map<string, Result>()));
  let converted = byRevision.get(revision);
  if (converted === undefined) {
    converted = Object.freeze(convert(method, result, revision));
    rememberJson(converted);
    byRevision.set(revision, converted);
  }
  return converted;
}

// Lists stay the same object until they change; they are converted once per revision.
const kept = new WeakMap<Result, Map<string, Result>>();

function convert(method: string, result: Result, revision: string): Result {
  const { resultType, ttlMs, cacheScope, _meta, ...rest } = result;
  const out: { [key: string]: unknown } = rest;
  const meta = withoutServerInfo(_meta as JsonObject | undefined);
  if (meta !== undefined) out['_meta'] = meta;
  const shape = shapes[method];
  return shape === undefined ? out : shape(out, revision);
}

function withoutServerInfo(meta: JsonObject | undefined): JsonObject | undefined {
  if (meta === undefined) return undefined;
  const { [metaKeys.serverInfo]: info, ...rest } = meta;
  return Object.keys(rest).length === 0 ? undefined : rest;
}

type Shape = (result: { [key: string]: unknown }, revision: string) => Result;

const list =
  (member: string): Shape =>
  (result, revision) => ({
    ...result,
    [member]: (result[member] as readonly JsonObject[]).map((item) => asItem(item, revision)),
  });

const shapes: { readonly [method: string]: Shape | undefined } = {
  'tools/list': list('tools'),
  'resources/list': list('resources'),
  'resources/templates/list': list('resourceTemplates'),
  'prompts/list': list('prompts'),
  'tools/call': (result, revision) => {
    const { structuredContent, ...rest } = result;
    const out: { [key: string]: unknown } = rest;
    const content = result['content'] as readonly JsonObject[];
    const blocks = content.map((block) => asContent(block, revision));
    out['content'] = blocks;
    if (structuredContent === undefined) return out;
    // Objects only before 2026-07-28, and none at all before 2025-06-18.
    if (atLeast(revision, '2025-06-18') && isJsonObject(structuredContent)) {
      out['structuredContent'] = structuredContent;
    } else {
      const json = JSON.stringify(structuredContent);
      const isSaid = blocks.some(({ type, text }) => type === 'text' && text === json);
      if (!isSaid) out['content'] = [...blocks, { type: 'text', text: json }];
    }
    return out;
  },
  'prompts/get': (result, revision) => ({
    ...result,
    messages: (result['messages'] as readonly JsonObject[]).map((message) => ({
      ...message,
      content: asContent(message['content'] as JsonObject, revision),
    })),
  }),
};

function asItem(item: JsonObject, revision: string): JsonObject {
  if (atLeast(revision, '2025-11-25') && isObjectSchema(item['outputSchema'])) return item;
  const { icons, title, outputSchema, annotations, execution, ...rest } = item;
  const out: { [key: string]: unknown } = rest;
  if (atLeast(revision, '2025-11-25')) {
    if (icons !== undefined) out['icons'] = icons;
    if (execution !== undefined) out['execution'] = execution;
  }
  if (atLeast(revision, '2025-06-18')) {
    if (title !== undefined) out['title'] = title;
    if (outputSchema !== undefined && isObjectSchema(outputSchema)) {
      out['outputSchema'] = outputSchema;
    }
  }
  // Tools have annotations since 2025-03-26; resources had some from the beginning.
  const isTool = 'inputSchema' in item;
  if (annotations !== undefined && (!isTool || atLeast(revision, '2025-03-26'))) {
    out['annotations'] = annotations;
  }
  return out;
}

function asContent(block: JsonObject, revision: string): JsonObject {
  if (block['type'] === 'resource_link' && !atLeast(revision, '2025-06-18')) {
    return { type: 'text', text: `${String(block['name'])}: ${String(block['uri'])}` };
  }
  if (block['type'] === 'audio' && !atLeast(revision, '2025-03-26')) {
    return { type: 'text', text: `[audio, ${String(block['mimeType'])}]` };
  }
  return block;
}

function isObjectSchema(schema: unknown): boolean {
  return schema === undefined || (isJsonObject(schema) && schema['type'] === 'object');
}
