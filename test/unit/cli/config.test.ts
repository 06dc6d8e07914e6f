import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../../../src/cli/config-file.js';
import { fillIn, needsOf } from '../../../src/cli/config-values.js';
import { configFile, folder, plainServer } from './config-files.js';
import { run } from './run.js';

const one = { command: 'node', args: ['x.js'] };

test('the forms of all hosts are read', async () => {
  const { servers, warnings } = await readConfig(
    configFile({
      globalShortcut: 'Ctrl+Space',
      mcpServers: {
        claude: { type: 'stdio', ...one, env: { A: 'b', PORT: 1 }, cwd: '/' },
        cursor: { url: 'http://localhost:1/mcp', headers: { 'X-A': 'b' } },
        windsurf: { serverUrl: 'https://h/sse', disabled: true, disabledTools: [] },
        typed: { type: 'streamable-http', url: 'https://h/mcp' },
        boxed: { ...one, sandbox: { profile: 'bwrap', roots: ['.'], network: true } },
      },
    }),
  );
  expect(warnings).toEqual([]);
  expect(servers.map(({ name, transport, disabled }) => [name, transport, disabled])).toEqual([
    ['claude', 'stdio', false],
    ['cursor', 'http', false],
    ['windsurf', 'http', true],
    ['typed', 'http', false],
    ['boxed', 'stdio', false],
  ]);
  expect(servers[0]).toMatchObject({ env: { A: 'b', PORT: '1' }, cwd: '/' });
  expect(servers[2]).toMatchObject({ url: 'https://h/sse' });
  expect(servers[4]).toMatchObject({ sandbox: { profile: 'bwrap', roots: ['.'] } });
});

test('comments and trailing commas are allowed, and nothing inside of texts is one', async () => {
  const text = `\ufeff// a file
  { "servers": { /* one */
      "s": { "command": "a//b", "args": ["/* no */", ",]", "\\",}",], }, // end
    }, "inputs": [], }`;
  const { servers } = await readConfig(configFile(text));
  expect(servers).toMatchObject([{ command: 'a//b', args: ['/* no */', ',]', '",}'] }]);
});

function manyServers(count: number): object {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`s${at}`, one]));
}

test('as many servers as are allowed are read', async () => {
  const { servers } = await readConfig(configFile({ servers: manyServers(1000) }));
  expect(servers).toHaveLength(1000);
});

test.each([
  ['{"mcpServers": {"a": }', /no valid JSON/],
  ['{"mcpServer": {}}', /has "mcpServer", but no servers/],
  ['{}', /neither "mcpServers" nor "servers"/],
  ['[]', /no object at its top/],
  ['{"mcpServers": {"a": {"command": "x"}, "a": {"command": "y"}}}', /two members of one name/],
  ['{"mcpServers": {"a": {}}}', /neither a command nor a URL/],
  ['{"mcpServers": {"a": {"command": "x", "url": "http://h"}}}', /a command and a URL/],
  ['{"mcpServers": {"a": {"command": "x", "args": "y"}}}', /no list of texts/],
  ['{"mcpServers": {"a": {"command": "x", "args": [1]}}}', /no list of texts/],
  ['{"mcpServers": {"a": {"command": "x", "type": "http"}}}', /the type "http"/],
  ['{"mcpServers": {"a": {"command": "x", "type": "carrier"}}}', /the type "carrier"/],
  ['{"mcpServers": {"a": {"command": "x", "sandbox": "bwarp"}}}', /no known profile.*bwarp/],
  ['{"mcpServers": {"a": {"command": "x", "sandbox": {"network": true}}}}', /no known profile/],
  [
    '{"mcpServers": {"a": {"command": "x", "sandbox": {"profile": "bwrap", "rooms": []}}}}',
    /"rooms"/,
  ],
  [
    '{"servers": {"a": {"command": "x", "sandbox": {"profile": "limits", "bounds": {"x": 1}}}}}',
    /"bounds" in its "sandbox"/,
  ],
  ['{"mcpServers": {"a": {"command": "x", "sandboxEnabled": true}}}', /sandboxEnabled/],
  [`{"mcpServers": ${'['.repeat(2000)}${']'.repeat(2000)}}`, /nested too deeply/],
  [JSON.stringify({ servers: manyServers(1001) }), /over 1000 servers/],
  [' '.repeat(1024 * 1024 + 1), /bytes; at most/],
])('%.60s is refused', async (text, why) => {
  await expect(readConfig(configFile(text))).rejects.toThrow(why);
  await expect(readConfig(configFile(text))).rejects.toMatchObject({ exit: 'configuration' });
});

test('what is unknown is told, with what was probably meant', async () => {
  const file = configFile({ mcpServers: { a: { ...one, arg: ['y'], colour: 'red' } } });
  const { warnings } = await readConfig(file);
  expect(warnings).toEqual([
    'The server "a" has a member "arg" that means nothing here. Did you mean "args"?',
    'The server "a" has a member "colour" that means nothing here.',
  ]);
  const { code, stderr } = await run(['servers', '--config', file]);
  expect([code, stderr]).toEqual([0, expect.stringContaining('Did you mean "args"?')]);
});

test('variables are filled in as each host has it, and each text stays one', async () => {
  const project = join(folder, 'project');
  mkdirSync(join(project, '.vscode'), { recursive: true });
  const file = join(project, '.vscode', 'mcp.json');
  writeFileSync(
    file,
    JSON.stringify({
      servers: {
        s: {
          command: '${env:TOOL}',
          args: [
            ...['${A B}', '${SPACED}', '--x=${X:-a b}', '${workspaceFolder}/y', '${userHome}'],
            ...['${workspaceFolderBasename}', '${/}${pathSeparator}', '${input:key}', '${REF}'],
          ],
          env: { E: '${EMPTY:-preset}' },
          cwd: 'sub',
        },
      },
      inputs: [{ type: 'promptString', id: 'key', description: 'Key' }],
    }),
    { mode: 0o600 },
  );
  const config = await readConfig(file);
  const env = { TOOL: 'tool', SPACED: 'one two', HOME: '/h', EMPTY: '', REF: '${TOOL}' };
  const [entry] = config.servers;
  const filled = fillIn(entry!, config, env, new Map([['key', '${TOOL}']]));
  expect(filled).toMatchObject({
    command: 'tool',
    args: [
      ...['${A B}', 'one two', '--x=a b', `${project}/y`, '/h'],
      ...['project', '//', '${TOOL}', '${TOOL}'],
    ],
    env: { E: 'preset' },
    cwd: join(project, 'sub'),
  });
  expect(needsOf(entry!, config, {})).toEqual({
    variables: ['TOOL', 'SPACED', 'X', 'REF', 'EMPTY'],
    missing: ['TOOL', 'SPACED', 'REF'],
    inputs: ['key'],
    unknown: ['A B'],
  });
});

test('all that is missing is named at once', async () => {
  const more = { args: ['${ONE}', '${TWO:-x}', '${constructor}'], env: { A: '${env:THREE}' } };
  const config = configFile({ mcpServers: { s: { command: '${FOUR}', ...more } } });
  const { code, stderr } = await run(['ping', '--config', config, 's']);
  expect(code).toBe(78);
  expect(stderr).toContain('FOUR, ONE, constructor, THREE');
});

test('what only another program could fill in is named', async () => {
  const args = ['${command:pick}', '${input:unheard}'];
  const config = configFile({ mcpServers: { s: { command: 'x', args } } });
  const { code, stderr } = await run(['ping', '--config', config, 's']);
  expect(code).toBe(78);
  expect(stderr).toContain('${command:pick}, ${input:unheard}');
});

test('servers are listed without any being started and without values', async () => {
  const started = join(folder, 'listed');
  const config = configFile({
    mcpServers: {
      plain: plainServer([], { env: { STARTED: started, KEY: 'hush-value' }, sandbox: 'limits' }),
      far: { url: 'https://h/mcp', headers: { 'X-Key': 'hush-header' }, disabled: true },
      lacking: { command: 'x', args: ['${NO_SUCH}'] },
    },
  });
  const table = await run(['servers', '--config', config]);
  expect(table.stdout).toMatch(/plain +stdio .*server\.cjs {2}\(sandbox limits\)/);
  expect(table.stdout).toMatch(/far +http +https:\/\/h\/mcp {2}\(disabled\)/);
  expect(table.stdout).toMatch(/lacking +stdio +x .*\(not set: NO_SUCH\)/);
  const json = await run(['servers', '--json', '--config', config]);
  const { servers } = JSON.parse(json.stdout) as { servers: object[] };
  expect(servers).toMatchObject([
    { name: 'plain', env: ['STARTED', 'KEY'], sandbox: 'limits' },
    { name: 'far', headers: ['X-Key'], disabled: true },
    { name: 'lacking', missing: ['NO_SUCH'] },
  ]);
  expect(table.stdout + json.stdout).not.toContain('hush');
});

test('a link to a file of one’s own may be given', async () => {
  const link = join(folder, 'link.json');
  symlinkSync(configFile({ mcpServers: { a: one } }), link);
  expect((await readConfig(link)).servers).toHaveLength(1);
});

test.each([
  [['ping'], 1, 'Which server'],
  [['ping', 'fles'], 1, 'Did you mean files?'],
  [['ping', 'off'], 1, 'is disabled'],
  [['ping', 'files', '-H', 'A: b'], 1, 'no HTTP headers'],
  [['ping', 'files', '--', 'node'], 1, 'a file and a command'],
  [['ping', 'web', '--sandbox-network'], 1, 'gets no sandbox'],
  [['ping', 'web', '-e', 'A=b'], 1, 'variables of a command'],
  [['ping', 'files', '--sandbox-network'], 1, 'no sandbox to allow'],
])('sallyport %j ends with %i', async (words, code, said) => {
  const off = { ...one, disabled: true };
  const web = { url: 'http://127.0.0.1:1/mcp' };
  const config = configFile({ mcpServers: { files: one, off, web } });
  const [command = '', ...rest] = words;
  const ran = await run([command, '--config', config, ...rest]);
  expect(ran.stderr).toContain(said);
  expect(ran.code).toBe(code);
});
