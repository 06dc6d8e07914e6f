/** What real pipes may bring: lines without an end, and lines that are no message at all. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../../src/index.js';

const MiB = 1024 * 1024;
const lineBytes = 200 * MiB;
/** Far less than the line, and more than what garbage collection leaves for a while. */
const growthMax = 100 * MiB;

const script = fileURLToPath(new URL('server.ts', import.meta.url));
const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

test('a server is told 200 MB in one line: it answers that by its id, then the next ping', async () => {
  const { child, answers } = startServer();
  await ask(child, answers, 1);
  const before = peakBytes(child);
  await write(child, '{"jsonrpc":"2.0","id":"large","method":"tools/call","params":{"x":"');
  const chunk = 'x'.repeat(MiB);
  for (let sent = 0; sent < lineBytes; sent += MiB) await write(child, chunk);
  await write(child, '"}}\n');
  const refusal = await answers.next();
  expect(refusal.value).toMatchObject({ id: 'large', error: { code: -32600 } });
  await ask(child, answers, 2);
  expect(peakBytes(child) - before).toBeLessThan(growthMax);
}, 30_000);

test('a server is told 100,000 lines that are no message: it answers few and stays', async () => {
  const { child, answers } = startServer();
  await ask(child, answers, 1);
  const start = performance.now();
  const noise = 'this is no message\n'.repeat(1000);
  for (let n = 0; n < 100; n++) await write(child, noise);
  const ping = { jsonrpc: '2.0', id: 2, method: 'ping', params: { _meta: meta } };
  await write(child, `${JSON.stringify(ping)}\n`);
  let complaints = 0;
  for await (const answer of answers) {
    if (answer['id'] === 2) break;
    expect(answer).toMatchObject({ error: { code: -32700 } });
    complaints++;
  }
  // As many as are told of in a minute, then one a second.
  const seconds = (performance.now() - start) / 1000;
  expect(complaints).toBeGreaterThanOrEqual(20);
  expect(complaints).toBeLessThanOrEqual(21 + seconds);
}, 30_000);

test('a client is told 200 MB in one line: its memory is flat, and the next ping is answered', async () => {
  const client = await connect({ command: process.execPath, args: ['-e', largeTalker] });
  onTestFinished(() => client.close());
  await client.ping();
  const before = peakBytes();
  await expect(client.callTool('noisy')).rejects.toThrow('bytes; at most');
  await client.ping();
  expect(peakBytes() - before).toBeLessThan(growthMax);
}, 30_000);

/** Answers a call by a line of 200 MB, preceded by another that belongs to nobody. */
const largeTalker = `
const { once } = require('node:events');
const say = (message) => process.stdout.write(JSON.stringify(message) + '\\n');
const flood = async (head) => {
  process.stdout.write(head);
  const chunk = 'x'.repeat(${MiB});
  for (let sent = 0; sent < ${lineBytes}; sent += ${MiB}) {
    if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
  }
  process.stdout.write('"}]}}\\n');
};
require('node:readline').createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  if (method === 'tools/call') {
    await flood('x');
    return flood('{"jsonrpc":"2.0","id":' + id + ',"result":{"content":[{"type":"text","text":"');
  }
  const result = { initialize: { protocolVersion: params.protocolVersion,
    capabilities: { tools: {} }, serverInfo: { name: 'large', version: '1' } },
    ping: {}, 'tools/list': { tools: [] } }[method];
  if (result) say({ jsonrpc: '2.0', id, result });
  else say({ jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } });
});`;

type Answer = { readonly [member: string]: unknown };

function startServer(): { child: ChildProcess; answers: AsyncIterableIterator<Answer> } {
  const child = spawn(process.execPath, ['--import', 'tsx', script], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  onTestFinished(async () => {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  });
  return { child, answers: answersOf(child) };
}

async function* answersOf(child: ChildProcess): AsyncIterableIterator<Answer> {
  for await (const line of createInterface({ input: child.stdout! })) {
    yield JSON.parse(line) as Answer;
  }
}

async function ask(
  child: ChildProcess,
  answers: AsyncIterableIterator<Answer>,
  id: number,
): Promise<void> {
  const list = { jsonrpc: '2.0', id, method: 'tools/list', params: { _meta: meta } };
  await write(child, `${JSON.stringify(list)}\n`);
  expect((await answers.next()).value).toMatchObject({ id, result: {} });
}

async function write({ stdin }: ChildProcess, text: string): Promise<void> {
  if (!(stdin as Writable).write(text)) await once(stdin as Writable, 'drain');
}

/** The most memory that a process has had so far; without /proc only our own is known. */
function peakBytes(child?: ChildProcess): number {
  if (child === undefined) return process.resourceUsage().maxRSS * 1024;
  if (process.platform !== 'linux') return 0;
  const [, kiB] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))!;
  return Number(kiB) * 1024;
}
