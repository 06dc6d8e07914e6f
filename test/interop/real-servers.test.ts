/** Servers as their authors published them, started by our client, with and without a sandbox. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { CommandTarget } from '../../src/connect.js';
import { type Client, connect } from '../../src/index.js';
import { missingForSandbox } from '../../src/transports/stdio/sandbox.js';
import { run } from '../unit/cli/run.js';
import { planLaunch } from '../../src/transports/stdio/launch-plan.js';

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));
// Everything below is named by a server as "around"; the sandbox shows it "inside" alone.
const around = mkdtempSync(join(tmpdir(), 'servers-'));
const inside = join(around, 'inside');
const outside = join(around, 'outside');
let web: Server;
let webUrl = '';

beforeAll(async () => {
  mkdirSync(inside);
  mkdirSync(outside);
  writeFileSync(join(outside, 'secret.txt'), 'out of reach');
  web = createServer((_request, response) => response.end('from the network'));
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  webUrl = `http://127.0.0.1:${(web.address() as AddressInfo).port}/`;
});
afterAll(() => {
  web.closeAllConnections();
  web.close();
  rmSync(around, { recursive: true });
});

const isolated = { profile: 'bwrap', roots: [inside], readOnlyRoots: [modules] } as const;
const sandboxes = [
  { name: 'no sandbox', sandbox: undefined },
  { name: '--sandbox bwrap', sandbox: isolated },
] as const;

const { base } = await planLaunch({ command: process.execPath });
const noSandbox = await missingForSandbox({ profile: 'bwrap' }, base);
const skipsSandbox = noSandbox !== undefined && process.env['REQUIRE_SYSTEM'] !== '1';
if (noSandbox !== undefined) console.log(`Not run in a sandbox: ${noSandbox}`);

function target(
  name: string,
  args: readonly string[],
  more: Partial<CommandTarget> = {},
): CommandTarget {
  const script = createRequire(import.meta.url).resolve(
    `@modelcontextprotocol/server-${name}/dist/index.js`,
  );
  return { command: process.execPath, args: [script, ...args], cwd: inside, ...more };
}

describe.each(sandboxes)('with $name', ({ name, sandbox }) => {
  const skip = sandbox !== undefined && skipsSandbox;
  const given = sandbox === undefined ? {} : { sandbox };
  const boxed = sandbox !== undefined;

  describe.skipIf(skip).each(['auto', 'legacy'] as const)('our client, era %s', (era) => {
    const open = async (target: CommandTarget): Promise<Client> => {
      const client = await connect({ ...target, ...given }, { era, eraCache: false });
      onTestFinished(() => client.close());
      return client;
    };

    test('everything adds up, and reaches the network where it may', async () => {
      const client = await open(target('everything', ['stdio']));
      await hasTools(client, ['echo', 'get-sum']);
      expect(await textOf(client, 'get-sum', { a: 2, b: 40 })).toContain('42');
      const fetched = await client.callTool('gzip-file-as-resource', { data: webUrl });
      expect(fetched.isError === true).toBe(boxed);
    });

    test('filesystem writes into its root, and leaves it where it may', async () => {
      const client = await open(target('filesystem', [around]));
      await hasTools(client, ['read_text_file', 'write_file']);
      const mine = join(inside, `${name}-${era}.txt`);
      await textOf(client, 'write_file', { path: mine, content: 'written' });
      expect(readFileSync(mine, 'utf8')).toBe('written');
      expect(await textOf(client, 'read_text_file', { path: mine })).toBe('written');

      const secret = join(outside, 'secret.txt');
      const read = await client.callTool('read_text_file', { path: secret });
      expect(read.isError === true).toBe(boxed);
      const stray = join(around, `${name}-${era}.txt`);
      await client.callTool('write_file', { path: stray, content: 'stray' });
      expect(existsSync(stray)).toBe(!boxed);
    });

    test('memory keeps a graph in a file of its root, and in no other', async () => {
      const file = join(inside, `${name}-${era}.jsonl`);
      const client = await open(target('memory', [], { env: { MEMORY_FILE_PATH: file } }));
      await hasTools(client, ['create_entities', 'read_graph']);
      const entity = { name: 'gate', entityType: 'door', observations: ['it is shut'] };
      await client.callTool('create_entities', { entities: [entity] });
      expect(await textOf(client, 'read_graph', {})).toContain('it is shut');
      expect(readFileSync(file, 'utf8')).toContain('it is shut');

      const stray = join(outside, `${name}-${era}.jsonl`);
      const other = await open(target('memory', [], { env: { MEMORY_FILE_PATH: stray } }));
      await other.callTool('create_entities', { entities: [entity] });
      expect(existsSync(stray)).toBe(!boxed);
    });

    test('sequential-thinking takes a thought', async () => {
      const client = await open(target('sequential-thinking', []));
      await hasTools(client, ['sequentialthinking']);
      const thought = { thought: 'first', thoughtNumber: 1, totalThoughts: 2 };
      const said = await textOf(client, 'sequentialthinking', {
        ...thought,
        nextThoughtNeeded: true,
      });
      expect(said).toContain('"thoughtNumber": 1');
    });
  });
});

test.skipIf(skipsSandbox)('the command line starts one in the sandbox of its file', async () => {
  const state = mkdtempSync(join(around, 'state-'));
  const config = join(state, 'mcp.json');
  const { command, args } = target('filesystem', ['${FOLDER}']);
  const server = { command, args, sandbox: isolated };
  writeFileSync(config, JSON.stringify({ mcpServers: { files: server } }), { mode: 0o600 });
  const env = { XDG_STATE_HOME: state, FOLDER: around };
  const call = async (path: string): Promise<number> => {
    const words = ['call', '--yes', '--config', config, 'files', 'read_text_file', `path=${path}`];
    return (await run(words, { env })).code;
  };
  writeFileSync(join(inside, 'mine.txt'), 'mine');
  expect(await call(join(inside, 'mine.txt'))).toBe(0);
  expect(await call(join(outside, 'secret.txt'))).toBe(5);
});

async function hasTools(client: Client, wanted: readonly string[]): Promise<void> {
  const names = (await client.listTools()).map((tool) => tool.name);
  expect(names).toEqual(expect.arrayContaining([...wanted]));
}

async function textOf(
  client: Client,
  name: string,
  args: { readonly [name: string]: unknown },
): Promise<string> {
  const { content, isError } = await client.callTool(name, args);
  const text = content.map((block) => ('text' in block ? block.text : '')).join('\n');
  expect(isError === true, text).toBe(false);
  return text;
}
