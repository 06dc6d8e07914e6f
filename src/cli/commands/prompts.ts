import type { Prompt } from '../../protocol/modern.types.js';
import { noWords } from '../arguments.js';
import { oneLine, type Paint } from '../terminal/paint.js';
import { addTargetCommand, type CommandParts } from './target-command.js';

export function addPrompts(parts: CommandParts): void {
  addTargetCommand(parts, {
    name: 'prompts',
    operands: '',
    summary: 'Lists the prompts of a server and their arguments.',
    help: `Example:
  sallyport prompts http://127.0.0.1:3000/mcp`,
    prepare: noWords,
    async run({ client, call }, _nothing, { print, paint }) {
      const prompts = await client.listPrompts(call);
      const lines = prompts.map((prompt) => described(prompt, paint));
      const text = lines.length === 0 ? 'This server has no prompts.' : lines.join('\n\n');
      return { json: { prompts }, print: () => print(text) };
    },
  });
}

function described(prompt: Prompt, paint: Paint): string {
  const lines = [paint.bold(oneLine(prompt.name))];
  const about = prompt.description ?? prompt.title;
  if (about !== undefined) lines.push(`  ${oneLine(about)}`);
  for (const { name, required, description } of prompt.arguments ?? []) {
    const hint = required === true ? ' (required)' : '';
    const said = description === undefined ? '' : `  ${paint.dim(oneLine(description))}`;
    lines.push(`    ${paint.cyan(oneLine(name))}=text${hint}${said}`);
  }
  return lines.join('\n');
}
