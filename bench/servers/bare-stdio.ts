/** What Node itself can do over stdio: cut lines, parse, stringify, and nothing else. */
import { reportCpu } from './report-cpu.js';

interface Call {
  readonly id: number;
  readonly params: { readonly arguments: { readonly text: string } };
}

let pieces: Buffer[] = [];

process.stdin.on('data', (chunk: Buffer) => {
  let from = 0;
  for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
    pieces.push(chunk.subarray(from, end));
    answer(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces));
    pieces = [];
    from = end + 1;
  }
  if (from < chunk.length) pieces.push(chunk.subarray(from));
});
process.stdin.on('end', () => process.exit());

function answer(line: Buffer): void {
  const { id, params } = JSON.parse(line.toString()) as Call;
  const { text } = params.arguments;
  const result = { content: [{ type: 'text', text: text.length > 1000 ? 'long' : text }] };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`);
}

reportCpu({ port: 0 });
