/** What Node itself can do over stdio: cut lines, parse, stringify, and nothing else. */
import { isWork, resultOf, writeWork } from './bare-answers.mjs';

let pieces = [];

process.stdin.on('data', (chunk) => {
  let from = 0;
  for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
    pieces.push(chunk.subarray(from, end));
    answer(JSON.parse((pieces.length === 1 ? pieces[0] : Buffer.concat(pieces)).toString()));
    pieces = [];
    from = end + 1;
  }
  if (from < chunk.length) pieces.push(chunk.subarray(from));
});
process.stdin.on('end', () => process.exit());

const write = (message) => process.stdout.write(`${message}\n`);

function answer(message) {
  if (message.id === undefined) return;
  if (isWork(message)) return write(writeWork(message, write));
  write(JSON.stringify({ jsonrpc: '2.0', id: message.id, result: resultOf(message) }));
}
