import type { Client } from '../../client/client.js';
import type { CallOptions } from '../../client/call.js';
import { McpError } from '../../errors.js';
import type { Resource, ResourceTemplate } from '../../protocol/modern.types.js';
import { noWords } from '../arguments.js';
import type { Results } from '../output.js';
import { oneLine, type Paint } from '../terminal/paint.js';
import { addTargetCommand, type CommandParts } from './target-command.js';

export function addResources(parts: CommandParts): void {
  addTargetCommand(parts, {
    name: 'resources',
    operands: '',
    summary: 'Lists the resources of a server and their templates.',
    help: `Example:
  sallyport resources http://127.0.0.1:3000/mcp`,
    prepare: noWords,
    async run({ client, call }, _nothing, results) {
      const resources = await client.listResources(call);
      const resourceTemplates = await templatesOf(client, call);
      return {
        json: { resources, resourceTemplates },
        print: () => printResources(resources, resourceTemplates, results),
      };
    },
  });
}

async function templatesOf(
  client: Client,
  call: CallOptions,
): Promise<readonly ResourceTemplate[]> {
  try {
    return await client.listResourceTemplates(call);
  } catch (thrown) {
    // Many servers have resources and no idea of templates.
    if (thrown instanceof McpError && thrown.kind === 'methodNotFound') return [];
    throw thrown;
  }
}

function printResources(
  resources: readonly Resource[],
  templates: readonly ResourceTemplate[],
  { print, paint }: Results,
): void {
  const lines = [
    ...resources.map((one) => described(one.uri, one, paint)),
    ...templates.map((one) => described(one.uriTemplate, one, paint)),
  ];
  print(lines.length === 0 ? 'This server has no resources.' : lines.join('\n'));
}

function described(uri: string, one: Resource | ResourceTemplate, paint: Paint): string {
  const name = one.title ?? one.name;
  const type = one.mimeType === undefined ? '' : `  ${oneLine(one.mimeType)}`;
  const about = one.description === undefined ? '' : `\n    ${oneLine(one.description)}`;
  const label = name === uri ? '' : `  ${oneLine(name)}`;
  return `${paint.bold(oneLine(uri))}${label}${paint.dim(type)}${about}`;
}
