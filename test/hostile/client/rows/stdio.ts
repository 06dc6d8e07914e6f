/** What a child process does when a tool is called; `say`, `id` and `result` are at hand. */
export interface ChildAttack {
  readonly name: string;
  readonly child: string;
  /** What a client without care does. */
  readonly naive: 'takes' | 'waits' | 'breaks' | 'believes';
  readonly ours: string | readonly string[];
  /** Ours is timed out, after this many ms. */
  readonly timeoutMs?: number;
}

/** Speaks well until a tool is called; then the attack runs. */
export function childSource(attack: string): string {
  return `
const say = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
const result = { content: [], resultType: 'complete' };
const forever = (text) => {
  const more = () => { while (process.stdout.write(text)); };
  process.stdout.on('drain', more);
  more();
};
process.stdout.on('error', () => process.exit());
const welcome = {
  protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'x', version: '1' },
};
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  if (method === 'initialize') say({ id, result: welcome });
  else if (method === 'tools/call') { ${attack} }
});`;
}

const mib = "'x'.repeat(1024 * 1024)";

export const childAttacks: readonly ChildAttack[] = [
  {
    name: 'a line without end',
    child: `forever(${mib})`,
    naive: 'takes',
    ours: 'timeout',
    timeoutMs: 500,
  },
  {
    name: 'an answer without end',
    child: `process.stdout.write('{"jsonrpc":"2.0","id":' + id + ',"result":"'); forever(${mib})`,
    naive: 'takes',
    ours: ['timeout', 'badResponse'],
    timeoutMs: 500,
  },
  {
    name: 'an answer that is too long',
    child: `process.stdout.write('{"jsonrpc":"2.0","id":' + id + ',"result":{"content":[],"x":"' + 'x'.repeat(9 * 1024 * 1024) + '"}}\\n')`,
    naive: 'takes',
    ours: 'badResponse',
  },
  {
    name: 'a flood of noise',
    child: `process.stdout.write('Listening...\\n'.repeat(100_000)); say({ id, result })`,
    naive: 'breaks',
    ours: 'result',
  },
  {
    name: 'NUL bytes',
    child: `process.stdout.write('\\0\\0\\0\\n'); say({ id, result })`,
    naive: 'breaks',
    ours: 'result',
  },
  {
    name: 'bytes that are no UTF-8',
    child: `process.stdout.write(Buffer.from([0xff, 0xfe, 0x0a])); say({ id, result })`,
    naive: 'breaks',
    ours: 'result',
  },
  {
    name: 'an answer to another request',
    child: `say({ id: 999, result }); setTimeout(() => {}, 1e6)`,
    naive: 'believes',
    ours: 'timeout',
    timeoutMs: 200,
  },
  {
    name: 'result and error at once',
    child: `say({ id, result, error: { code: 1, message: 'no' } })`,
    naive: 'believes',
    ours: 'badResponse',
  },
  {
    name: 'a prototype',
    child: `process.stdout.write('{"jsonrpc":"2.0","id":' + id + ',"result":{"content":[],"__proto__":{"a":1}}}\\n')`,
    naive: 'believes',
    ours: 'badResponse',
  },
  {
    name: 'a hundred thousand levels',
    child: `process.stdout.write('{"jsonrpc":"2.0","id":' + id + ',"result":{"content":[],"x":' + '['.repeat(1e5) + ']'.repeat(1e5) + '}}\\n')`,
    naive: 'breaks',
    ours: 'badResponse',
  },
  {
    name: 'an end in the middle of an answer',
    child: `process.stdout.write('{"jsonrpc":', () => process.exit())`,
    naive: 'waits',
    ours: 'outcomeUnknown',
  },
  { name: 'silence', child: '', naive: 'waits', ours: 'timeout', timeoutMs: 200 },
  {
    name: 'log messages of a wrong shape',
    child: `say({ method: 'notifications/message' }); say({ method: 'notifications/message', params: { level: [] } }); say({ id, result })`,
    naive: 'breaks',
    ours: 'result',
  },
  {
    name: 'progress of a wrong shape',
    child: `say({ method: 'notifications/progress', params: { progressToken: id, progress: 'x' } }); say({ id, result })`,
    naive: 'breaks',
    ours: 'result',
  },
];
