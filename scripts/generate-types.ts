/**
 * Writes src/protocol/modern.types.ts and legacy.types.ts from the published JSON Schemas.
 * Run: npx tsx scripts/generate-types.ts [--schema DIR] [--out DIR]
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { printDefinition, usedNames, type Definitions } from './types-from-schema.js';

const modernRevision = '2026-07-28';
const legacyRevision = '2025-11-25';

/** JSON-RPC and plain JSON are at home in src/json-rpc; unions of everything help nobody. */
const notPrinted = [
  /^JSON|Error$/,
  /ResultResponse$/,
  /^(Client|Server)(Request|Notification|Result)$/,
  /^(Paginated)?Request$|^Notification$|^(Empty|Paginated|Cacheable)Result$|^ResultType$/,
  /^(BaseMetadata|Icons|InputResponseRequestParams|ResourceRequestParams)$/,
];

/** What older peers say and the modern revision no longer has, or has in another shape. */
const legacyRoots = [
  'CancelTaskRequest',
  'CancelTaskResult',
  'ClientCapabilities',
  'CreateTaskResult',
  'ElicitRequestFormParams',
  'ElicitRequestURLParams',
  'ElicitationCompleteNotification',
  'GetTaskPayloadRequest',
  'GetTaskRequest',
  'GetTaskResult',
  'InitializeRequest',
  'InitializeResult',
  'InitializedNotification',
  'ListTasksRequest',
  'ListTasksResult',
  'PingRequest',
  'RelatedTaskMetadata',
  'RootsListChangedNotification',
  'ServerCapabilities',
  'SetLevelRequest',
  'SubscribeRequest',
  'TaskStatusNotification',
  'Tool',
  'UnsubscribeRequest',
];

const { values: options } = parseArgs({
  options: {
    schema: { type: 'string', default: '../shared/schema' },
    out: { type: 'string', default: 'src/protocol' },
  },
});

const modern = readDefinitions(modernRevision);
const legacy = readDefinitions(legacyRevision);
writeTypes('modern.types.ts', modernRevision, modernBody());
writeTypes('legacy.types.ts', legacyRevision, legacyBody());

function modernBody(): string {
  const names = Object.keys(modern)
    .filter((name) => name !== 'RequestId' && !notPrinted.some((pattern) => pattern.test(name)))
    .sort();
  return names.map((name) => printDefinition(modern, name)).join('\n');
}

function legacyBody(): string {
  const printed = new Map<string, string>();
  const imported = new Set<string>();
  const waiting = [...legacyRoots];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (printed.has(name) || imported.has(name)) continue;
    if (isSameInModern(name, new Set())) {
      imported.add(name);
      continue;
    }
    printed.set(name, printDefinition(legacy, name));
    waiting.push(...usedNames(legacy, name));
  }
  const types = [...printed.keys()].sort().map((name) => printed.get(name));
  const names = [...imported].sort().join(', ');
  return `import type { ${names} } from './modern.types.js';\n\n${types.join('\n')}`;
}

/** True when neither the definition nor anything that it refers to has changed. */
function isSameInModern(name: string, seen: Set<string>): boolean {
  if (seen.has(name)) return true;
  seen.add(name);
  if (!Object.hasOwn(modern, name)) return false;
  if (printDefinition(legacy, name, false) !== printDefinition(modern, name, false)) return false;
  return usedNames(legacy, name).every((used) => isSameInModern(used, seen));
}

function readDefinitions(revision: string): Definitions {
  const text = readFileSync(join(options.schema, revision, 'schema.json'), 'utf8');
  return (JSON.parse(text) as { $defs: Definitions }).$defs;
}

function writeTypes(file: string, revision: string, body: string): void {
  const path = join(options.out, file);
  const header = [
    '/**',
    ` * Generated from the JSON Schema of MCP ${revision} by scripts/generate-types.ts; do not`,
    " * edit. Names equal the schema's. To write it again: npx tsx scripts/generate-types.ts",
    ' */\n',
  ].join('\n');
  const imports = `import type { JsonObject, RequestId } from '../json-rpc/message.js';\n`;
  writeFileSync(path, header + imports + body);
  const formatter = createRequire(import.meta.url).resolve('oxfmt/package.json');
  execFileSync(process.execPath, [join(dirname(formatter), 'bin/oxfmt'), path]);
}
