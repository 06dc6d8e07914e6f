import { isJsonObject, type JsonObject } from '../../json-rpc/message.js';
import type { Tool } from '../../protocol/modern.types.js';
import { kindOf } from '../coerce.js';
import { noWords } from '../arguments.js';
import type { Results } from '../output.js';
import { oneLine, type Paint } from '../terminal/paint.js';
import { addTargetCommand, type CommandParts } from './target-command.js';

export function addTools(parts: CommandParts): void {
  addTargetCommand(parts, {
    name: 'tools',
    operands: '',
    summary: 'Lists the tools of a server and their arguments.',
    help: `Examples:
  sallyport tools http://127.0.0.1:3000/mcp
  sallyport tools --json -- node ./server.js | jq '.tools[].name'`,
    prepare: noWords,
    async run({ client, call }, _nothing, results) {
      const tools = await client.listTools(call);
      return { json: { tools }, print: () => printTools(tools, results) };
    },
  });
}

function printTools(tools: readonly Tool[], results: Results): void {
  if (tools.length === 0) return results.print('This server has no tools.');
  results.print(tools.map((tool) => described(tool, results.paint)).join('\n\n'));
}

function described(tool: Tool, paint: Paint): string {
  const lines = [paint.bold(oneLine(tool.name))];
  const about = tool.description ?? tool.title;
  if (about !== undefined) lines.push(`  ${oneLine(about)}`);
  const { properties, required } = tool.inputSchema as JsonObject;
  const needed = new Set(Array.isArray(required) ? required : []);
  for (const [name, schema] of Object.entries(isJsonObject(properties) ? properties : {})) {
    lines.push(`    ${argumentLine(name, schema, needed.has(name), tool.inputSchema, paint)}`);
  }
  return lines.join('\n');
}

function argumentLine(
  name: string,
  schema: unknown,
  isRequired: boolean,
  root: unknown,
  paint: Paint,
): string {
  const { default: preset, description } = isJsonObject(schema) ? schema : {};
  const hints = isRequired
    ? ' (required)'
    : preset === undefined
      ? ''
      : ` [${oneLine(json(preset))}]`;
  const about = typeof description === 'string' ? `  ${paint.dim(oneLine(description))}` : '';
  return `${paint.cyan(oneLine(name))}=${oneLine(kindOf(schema, root))}${hints}${about}`;
}

function json(value: unknown): string {
  return (JSON.stringify(value) ?? '').slice(0, 100);
}
