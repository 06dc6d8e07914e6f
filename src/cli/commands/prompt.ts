import { readPairs } from '../arguments.js';
import { textOf } from '../content.js';
import { usage } from '../failure.js';
import { addTargetCommand, type CommandParts } from './target-command.js';

interface Wanted {
  readonly name: string;
  readonly args: { readonly [name: string]: string };
}

export function addPrompt(parts: CommandParts): void {
  addTargetCommand<Wanted>(parts, {
    name: 'prompt',
    operands: 'NAME [name=value...]',
    summary: 'Gets a prompt, filled in.',
    help: `Example:
  sallyport prompt http://127.0.0.1:3000/mcp review language=TypeScript`,
    prepare([name, ...words]) {
      if (name !== undefined) return { name, args: readPairs(words, 'argument') };
      throw usage(
        'There is no prompt to get.',
        'Name it: "sallyport prompts" lists what there is.',
      );
    },
    async run({ client, call }, { name, args }, { print, fit, paint }) {
      const result = await client.getPrompt(name, args, call);
      return {
        json: result,
        print() {
          for (const { role, content } of result.messages) {
            print(`${paint.bold(`${fit(role)}:`)} ${fit(textOf(content))}`);
          }
        },
      };
    },
  });
}
