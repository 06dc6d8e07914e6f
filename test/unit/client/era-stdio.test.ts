import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { connect } from '../../../src/connect.js';
import { createEraCache } from '../../../src/eras/verdict-cache.js';
import { cites } from '../../requirements.js';

/** A program that opens sessions; `onOther` is what it does when another message comes first. */
function program(onOther: string): string {
  return `
    const say = (message) => console.log(JSON.stringify({ jsonrpc: '2.0', ...message }));
    const tell = (line) => process.stderr.write(line + '\\n');
    tell('started ' + Math.random());
    tell('hello');
    let isOpen = false;
    require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
      const { id, method } = JSON.parse(line);
      tell(method);
      if (method === 'initialize') {
        isOpen = true;
        const serverInfo = { name: 'stubborn', version: '1' };
        const result = { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo };
        say({ id, result });
      } else if (method === 'tools/list') say({ id, result: { tools: [] } });
      else if (!isOpen) { ${onOther} }
    });
  `;
}

/** How often it was started, and whether it was asked what it is. */
async function startsIn(said: readonly string[]): Promise<readonly [number, boolean]> {
  // What it says comes by another pipe than its answers, and perhaps later.
  await expect.poll(() => said).toContain('tools/list');
  const starts = said.filter((line) => line.startsWith('started')).length;
  return [starts, said.includes('server/discover')];
}

const whatItDoes = {
  dies: 'process.exit(1);',
  'says nothing': '',
  refuses: "say({ id, error: { code: -32601, message: 'Not yet' } });",
  'is noisy':
    "console.log('Warming up ...\\n{not json'); say({ id, error: { code: 1, message: '' } });",
  'closes its output': 'process.stdout.end();',
};

cites('era/probe', 'era/silence', 'era/any-error');
test.each(Object.entries(whatItDoes))(
  'a server that %s when it is asked what it is',
  async (_what, onOther) => {
    const said: string[] = [];
    const target = {
      command: process.execPath,
      args: ['-e', program(onOther)],
      stderr: (line: string) => void said.push(line),
    };
    const limits = { probeMs: 1000, stdinCloseMs: 300, terminateMs: 300 };
    const options = { eraCache: createEraCache(), limits };
    for (const isFirst of [true, false]) {
      said.length = 0;
      await using client = await connect(target, options);
      expect(client.protocolVersion).toBe('2025-11-25');
      expect(await client.listTools()).toEqual([]);
      const needsTwo = isFirst && ['process.exit(1);', 'process.stdout.end();'].includes(onOther);
      expect(await startsIn(said)).toEqual([needsTwo ? 2 : 1, isFirst]);
    }
  },
);

test('a server that dies of the probe only after it was taken for silent', async () => {
  const said: string[] = [];
  // It reads nothing until it has been written to twice, as a slow starter may.
  const slow = program('process.exit(1);').replace("tell('hello');", 'wait();');
  const wait = `function wait() {
    if (!require('node:fs').existsSync(process.argv[1])) {
      require('node:fs').writeFileSync(process.argv[1], '');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
    }
  }`;
  const folder = await mkdtemp(join(tmpdir(), 'slow-'));
  const target = {
    command: process.execPath,
    args: ['-e', `${wait}${slow}`, join(folder, 'started')],
    stderr: (line: string) => void said.push(line),
  };
  const limits = { probeMs: 300, stdinCloseMs: 300, terminateMs: 300 };
  await using client = await connect(target, { eraCache: false, limits });
  expect(await client.listTools()).toEqual([]);
  expect(await startsIn(said)).toEqual([2, expect.anything()]);
  await rm(folder, { recursive: true });
});

test('what a server that is no server says is heard once, though it is started twice', async () => {
  const said: string[] = [];
  const file = join(await mkdtemp(join(tmpdir(), 'no-server-')), 'starts');
  const script = `
    require('node:fs').appendFileSync(process.argv[1], 'started ');
    console.error('Cannot find module\\n    at the first line');
    process.exit(1);`;
  const target = {
    command: process.execPath,
    args: ['-e', script, file],
    stderr: (line: string) => void said.push(line),
  };
  await expect(connect(target, { eraCache: false })).rejects.toThrow(/code 1 .*find module/);
  expect(await readFile(file, 'utf8')).toBe('started started ');
  expect(said).toEqual(['Cannot find module', '    at the first line']);
  await rm(dirname(file), { recursive: true });
});
