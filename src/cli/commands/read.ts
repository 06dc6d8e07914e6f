import { fromBase64 } from '../../protocol/base64.js';
import type { ReadResourceResult } from '../../protocol/modern.types.js';
import { usage } from '../failure.js';
import type { Results } from '../output.js';
import { addTargetCommand, type CommandParts } from './target-command.js';

export function addRead(parts: CommandParts): void {
  addTargetCommand<string>(parts, {
    name: 'read',
    operands: 'URI',
    summary: 'Reads a resource. Bytes go to standard output as they are.',
    help: `Examples:
  sallyport read http://127.0.0.1:3000/mcp file:///notes.txt
  sallyport read file:///logo.png -- node ./server.js > logo.png`,
    prepare([uri, ...more]) {
      if (uri === undefined) {
        throw usage('There is no URI to read.', '"sallyport resources" lists what there is.');
      }
      if (more.length > 0) throw usage(`"${more[0]}" is too much.`, 'Give one URI.');
      return uri;
    },
    async run({ client, call }, uri, results) {
      const result = await client.readResource(uri, call);
      return { json: result, print: () => printContents(result, results) };
    },
  });
}

function printContents({ contents }: ReadResourceResult, results: Results): void {
  for (const one of contents) {
    if ('text' in one) {
      results.print(results.fit(one.text));
      continue;
    }
    const bytes = fromBase64(one.blob) ?? new Uint8Array();
    if (!results.isTerminal) results.bytes(bytes);
    else results.print(results.fit(`[${one.uri}, ${bytes.length} bytes; redirect them to a file]`));
  }
}
