import { noWords } from '../arguments.js';
import { oneLine } from '../terminal/paint.js';
import { addTargetCommand, type CommandParts } from './target-command.js';

export function addPing(parts: CommandParts): void {
  addTargetCommand(parts, {
    name: 'ping',
    operands: '',
    summary: 'Asks whether a server answers, and what it is.',
    help: `Examples:
  sallyport ping http://127.0.0.1:3000/mcp
  sallyport ping -- npx -y some-mcp-server`,
    prepare: noWords,
    async run({ client, call }, _nothing, { print, paint }) {
      const started = performance.now();
      await client.ping(call);
      const ms = Math.round((performance.now() - started) * 10) / 10;
      const { info, capabilities, instructions } = client.server;
      const { protocolVersion } = client;
      const name = oneLine(info === undefined ? 'a server without a name' : info.name);
      const lines = [
        `${paint.bold(name)} ${oneLine(info?.version ?? '')} answered in ${ms} ms`,
        `  speaks  ${oneLine(protocolVersion)}`,
        `  offers  ${
          Object.keys(capabilities)
            .map((one) => oneLine(one))
            .join(', ') || 'nothing'
        }`,
        ...(instructions === undefined ? [] : [`  says    ${oneLine(instructions)}`]),
      ];
      return {
        json: { ms, protocolVersion, ...client.server },
        print: () => print(lines.join('\n')),
      };
    },
  });
}
