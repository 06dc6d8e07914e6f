import type { CallToolResult, Tool } from '../../protocol/modern.types.js';
import { argumentsFor, readTyped, type Typed } from '../arguments.js';
import { printContent } from '../content.js';
import { Failure, usage } from '../failure.js';
import { closest, listed } from '../suggest.js';
import { oneLine } from '../terminal/paint.js';
import { addTargetCommand, type CommandParts } from './target-command.js';

const help = `Arguments, read as the tool's input schema wants them:
  name=value      text, number, true or false; repeated for a list
  name:=JSON      any JSON value
  '{"a": 1}'      all arguments at once; @FILE reads them from a file, - from standard input

Examples:
  sallyport call http://127.0.0.1:3000/mcp greet name=Ada times=3
  sallyport call greet 'tags:=["a","b"]' -- node ./server.js
  echo '{"name":"Ada"}' | sallyport call http://127.0.0.1:3000/mcp greet - --json

Progress and log messages go to standard error, the result to standard output. Ctrl-C cancels the
call by the protocol. With --json the result is one line, and events are JSON lines on stderr.`;

interface Wanted {
  readonly name: string;
  readonly typed: readonly Typed[];
}

export function addCall(parts: CommandParts): void {
  addTargetCommand<Wanted>(parts, {
    name: 'call',
    operands: 'TOOL [ARGUMENT...]',
    summary: 'Calls a tool and shows its progress live.',
    help,
    async prepare([name, ...words], { stdin }) {
      if (name === undefined) {
        throw usage('There is no tool to call.', 'Name it: "sallyport tools" lists what there is.');
      }
      return { name, typed: await readTyped(words, stdin) };
    },
    async run({ client, call, note }, { name, typed }, results) {
      const tool = findTool(name, await client.listTools({ ...call, onProgress: () => undefined }));
      const args = argumentsFor(tool, typed, note);
      const result = await client.callTool(name, args, call);
      return {
        json: result,
        print: () => {
          if (result.isError !== true) printContent(contentOf(result), results);
        },
        ...(result.isError === true ? { failure: toolFailure(name, result) } : {}),
      };
    },
  });
}

function findTool(name: string, tools: readonly Tool[]): Tool {
  const tool = tools.find((one) => one.name === name);
  if (tool !== undefined) return tool;
  const names = tools.map((one) => one.name);
  const meant = closest(name, names);
  const next =
    names.length === 0
      ? 'It has none.'
      : meant === undefined
        ? `It has: ${listed(names)}.`
        : `Did you mean ${meant}?`;
  throw usage(`The server has no tool "${name}".`, next);
}

/** Structured content alone is a result too. */
function contentOf({ content, structuredContent }: CallToolResult): CallToolResult['content'] {
  if (content.length > 0 || structuredContent === undefined) return content;
  return [{ type: 'text', text: JSON.stringify(structuredContent, undefined, 2) }];
}

function toolFailure(name: string, { content }: CallToolResult): Failure {
  const texts = content.flatMap((block) => ('text' in block ? [block.text] : []));
  const said = texts.length === 0 ? 'it did not say why' : texts.join('\n');
  const isAboutArguments = said.startsWith('Invalid arguments');
  const next = isAboutArguments ? '"sallyport tools" shows what each argument must be.' : '';
  return new Failure('tool', `The tool "${oneLine(name)}" failed: ${said}`, next);
}
