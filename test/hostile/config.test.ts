/**
 * Configuration files that somebody else wrote or changed: nothing of theirs is started, and no
 * value of the user's is sent anywhere, before the user has agreed to exactly that.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run, type Ran } from '../unit/cli/run.js';
import {
  configFile,
  folder,
  freshState,
  plainServer,
  runAtTerminal,
  serverScript,
} from '../unit/cli/config-files.js';
import { attacks } from './advisories.js';

attacks('J', 'U');

const question = 'Do you agree? [y/N] ';
const agree: readonly (readonly [string, string])[] = [[question, 'y\n']];

interface Told {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly told: string | null;
}

const told = ({ stdout }: Ran): Told => JSON.parse(stdout) as Told;

test('a command runs once it was agreed to, and after that without a question', async () => {
  const env = { XDG_STATE_HOME: freshState() };
  const config = configFile({ mcpServers: { s: plainServer(['a b'], { env: { TOLD: 'x' } }) } });
  const words = ['call', '--config', config, 's', 'tell'];
  const first = await runAtTerminal(words, env, agree);
  expect(first.stderr).toContain(`${serverScript} 'a b'`);
  expect(first.stderr).toMatch(/program .*SHA-256 [0-9a-f]{64}/);
  expect(first.stderr).toMatch(/variable +TOLD=x$/m);
  expect(first.code).toBe(0);
  expect(told(first)).toEqual({ args: ['a b'], cwd: folder, told: 'x' });
  const second = await run(words, { env });
  expect([second.code, second.stderr]).toEqual([0, '']);
  const file = join(env.XDG_STATE_HOME, 'sallyport', 'approvals.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('without a terminal nothing is started that was not agreed to', async () => {
  const started = join(folder, 'unapproved');
  const env = { XDG_STATE_HOME: freshState(), MY_TOKEN: 'hush-hush-123' };
  const config = configFile({
    mcpServers: { s: plainServer(['--key=${MY_TOKEN}'], { env: { STARTED: started } }) },
  });
  const refused = await run(['ping', '--config', config, 's'], { env });
  expect(refused.code).toBe(78);
  expect(refused.stderr).toContain(`${serverScript} --key=[secret]`);
  expect(refused.stderr).toContain('--yes');
  expect(refused.stderr).not.toContain('hush');
  for (const words of [['servers'], ['doctor'], ['doctor', '--json'], ['servers', '--json']]) {
    const ran = await run([...words, '--config', config], { env });
    expect(ran.code).toBe(0);
    expect(ran.stdout).not.toContain('hush');
  }
  expect(existsSync(started)).toBe(false);
  expect((await run(['ping', '--yes', '--config', config, 's'], { env })).code).toBe(0);
  expect(existsSync(started)).toBe(true);
  expect((await run(['ping', '--config', config, 's'], { env })).code).toBe(0);
});

test.each(['n\n', '\n', 'yess\n'])('the answer %j is no', async (answer) => {
  const started = join(folder, 'declined');
  const env = { XDG_STATE_HOME: freshState() };
  const config = configFile({ mcpServers: { s: plainServer([], { env: { STARTED: started } }) } });
  const words = ['ping', '--config', config, 's'];
  const { code } = await runAtTerminal(words, env, [[question, answer]]);
  expect([code, existsSync(started)]).toEqual([78, false]);
});

test.each([
  ['an argument', plainServer(['safe', 'worse']), 'argument 2'],
  ['one argument less', plainServer(['safe']), 'argument 2'],
  ['a variable', plainServer(['safe', 'x'], { env: { A: '' } }), 'names of variables'],
  ['a folder', plainServer(['safe', 'x'], { cwd: '/' }), 'working directory'],
  ['no sandbox', plainServer(['safe', 'x'], { sandbox: undefined }), 'sandbox'],
  ['another program', { ...plainServer(['safe', 'x']), command: '/bin/sh' }, 'program'],
])('%s in the place of what was approved is asked for again', async (_what, after, part) => {
  const started = join(folder, 'drifted');
  const env = { XDG_STATE_HOME: freshState() };
  const common = { sandbox: 'limits' };
  const config = configFile({ mcpServers: { s: { ...plainServer(['safe', 'x']), ...common } } });
  const words = ['ping', '--config', config, 's'];
  expect((await run([...words, '--yes'], { env })).code).toBe(0);
  const changed = { ...common, ...after };
  writeFileSync(config, JSON.stringify({ mcpServers: { s: changed } }));
  const refused = await run(words, { env });
  expect(refused.code).toBe(78);
  expect(refused.stderr).toContain('is not what was approved');
  expect(refused.stderr).toContain(part);
  expect(existsSync(started)).toBe(false);
});

test('a variable that makes programs load others is shown with its value, and watched', async () => {
  const env = { XDG_STATE_HOME: freshState() };
  const withOptions = (value: string): object => ({
    mcpServers: { s: plainServer([], { env: { NODE_OPTIONS: value } }) },
  });
  const config = configFile(withOptions('--no-warnings'));
  const words = ['ping', '--config', config, 's'];
  const first = await runAtTerminal(words, env, agree);
  expect(first.stderr).toMatch(/risky +NODE_OPTIONS=--no-warnings/);
  writeFileSync(config, JSON.stringify(withOptions('--require=./evil.js')));
  const refused = await run(words, { env });
  expect([refused.code, refused.stderr]).toEqual([78, expect.stringContaining('NODE_OPTIONS')]);
  writeFileSync(config, JSON.stringify(withOptions('--no-deprecation')));
  const again = await runAtTerminal(words, env, agree);
  expect(again.stderr).toContain('Changed since it was approved: variable NODE_OPTIONS.');
  expect(again.code).toBe(0);
});

test('a program that was replaced after its approval is not started', async () => {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const program = join(bin, 'server');
  const started = join(folder, 'replaced');
  const script = (more: string): string =>
    `#!${process.execPath}\n${more}\nrequire(${JSON.stringify(serverScript)});`;
  writeFileSync(program, script(''), { mode: 0o755 });
  const env = { XDG_STATE_HOME: freshState() };
  const config = configFile({ mcpServers: { s: { command: program } } });
  const words = ['ping', '--config', config, 's'];
  expect((await run([...words, '--yes'], { env })).code).toBe(0);
  const evil = `require('node:fs').writeFileSync(${JSON.stringify(started)}, '');`;
  writeFileSync(program, script(evil), { mode: 0o755 });
  const refused = await run(words, { env });
  expect(refused.stderr).toContain('content of the program');
  expect([refused.code, existsSync(started)]).toEqual([78, false]);
});

test('a program that is replaced while its user is being asked is not started', async () => {
  const program = join(folder, 'swapped');
  const started = join(folder, 'swapped-started');
  writeFileSync(program, `#!${process.execPath}\n`, { mode: 0o755 });
  const config = configFile({ mcpServers: { s: { command: program } } });
  const env = { XDG_STATE_HOME: freshState() };
  const swap = (): string => {
    const evil = `require('node:fs').writeFileSync(${JSON.stringify(started)}, '');`;
    writeFileSync(program, `#!${process.execPath}\n${evil}`, { mode: 0o755 });
    return 'y\n';
  };
  const ran = await runAtTerminal(['ping', '--config', config, 's'], env, [[question, swap]]);
  expect(ran.stderr).toContain('is not the file that was pinned');
  expect([ran.code, existsSync(started)]).toEqual([4, false]);
});

test('an approval that cannot be kept is none', async () => {
  const started = join(folder, 'unkept');
  const env = { XDG_STATE_HOME: serverScript };
  const config = configFile({ mcpServers: { s: plainServer([], { env: { STARTED: started } }) } });
  const { code, stderr } = await run(['ping', '--yes', '--config', config, 's'], { env });
  expect([code, stderr]).toEqual([78, expect.stringContaining('XDG_STATE_HOME')]);
  expect(existsSync(started)).toBe(false);
});

test.each([
  [0o660, 'its group'],
  [0o606, 'everybody'],
])('a file of mode %o is not believed', async (mode, who) => {
  const config = configFile({ mcpServers: { s: plainServer() } }, mode);
  for (const command of ['servers', 'doctor']) {
    const { code, stderr } = await run([command, '--config', config]);
    expect([code, stderr]).toEqual([78, expect.stringContaining(who)]);
    expect(stderr).toContain(`chmod go-w '${config}'`);
  }
});

test('a folder, a device and a pipe are not read', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const path of [folder, '/dev/zero', pipe]) {
    const { code, stderr } = await run(['servers', '--config', path]);
    expect([code, stderr]).toEqual([78, expect.stringContaining('no regular file')]);
  }
});

test.runIf(process.getuid?.() === 0)('a file of somebody else is not believed', async () => {
  const config = configFile({ mcpServers: { s: plainServer() } });
  execFileSync('chown', ['65534', config]);
  const { code, stderr } = await run(['servers', '--config', config]);
  expect([code, stderr]).toEqual([78, expect.stringContaining('belongs to another user')]);
});

test('approvals that others can write are no approvals', async () => {
  const env = { XDG_STATE_HOME: freshState() };
  const config = configFile({ mcpServers: { s: plainServer() } });
  const words = ['ping', '--config', config, 's'];
  expect((await run([...words, '--yes'], { env })).code).toBe(0);
  const approvals = join(env.XDG_STATE_HOME, 'sallyport', 'approvals.json');
  chmodSync(approvals, 0o666);
  const { code, stderr } = await run(words, { env });
  expect([code, stderr]).toEqual([78, expect.stringContaining('chmod')]);
});

test('an approval holds for one file and one name', async () => {
  const env = { XDG_STATE_HOME: freshState() };
  const config = configFile({ mcpServers: { s: plainServer(), other: plainServer() } });
  expect((await run(['ping', '--yes', '--config', config, 's'], { env })).code).toBe(0);
  const copy = join(folder, 'copy.json');
  copyFileSync(config, copy);
  expect((await run(['ping', '--config', copy, 's'], { env })).code).toBe(78);
  expect((await run(['ping', '--config', config, 'other'], { env })).code).toBe(78);
});

test('looking at a server on Node with permissions does not ask the program its version', async () => {
  const started = join(folder, 'asked');
  const program = join(folder, 'node');
  writeFileSync(program, `#!/bin/sh\n: > '${started}'\necho v20.0.0\n`, { mode: 0o755 });
  const config = configFile({ mcpServers: { s: { command: program, sandbox: 'node' } } });
  const env = { XDG_STATE_HOME: freshState() };
  await run(['doctor', '--config', config], { env });
  expect((await run(['ping', '--config', config, 's'], { env })).code).toBe(78);
  expect(existsSync(started)).toBe(false);
});

test('a server elsewhere gets no variable that the user does not know of', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const env = { XDG_STATE_HOME: freshState(), CLOUD_SECRET: 'hush-hush-123' };
    const url = `http://127.0.0.1:${port}/?k=\${CLOUD_SECRET}`;
    const config = configFile({ mcpServers: { s: { url } } });
    const refused = await run(['ping', '--config', config, 's'], { env });
    expect(refused.stderr).toContain('CLOUD_SECRET');
    expect([refused.code, asked]).toEqual([78, []]);
    await run(['ping', '--yes', '--config', config, 's'], { env });
    expect(asked.length).toBeGreaterThan(0);
  } finally {
    server.close();
  }
});

test('what a file asks its user for is asked at the terminal, and a secret is not shown', async () => {
  const env = { XDG_STATE_HOME: freshState() };
  const config = configFile({
    servers: { s: plainServer(['--to=${input:where}'], { env: { TOLD: '${input:key}' } }) },
    inputs: [
      { id: 'key', type: 'promptString', description: 'API key', password: true },
      { id: 'where', type: 'pickString', description: 'Where', options: ['x', 'y'], default: 'x' },
    ],
  });
  const words = ['call', '--config', config, 's', 'tell'];
  const refused = await run(words, { env });
  expect([refused.code, refused.stderr]).toEqual([78, expect.stringContaining('asks for key.')]);
  const ran = await runAtTerminal(words, env, [
    ['API key: ', 'hush-hush-123\n'],
    ['Where (x, y) [x]: ', 'y\n'],
    ...agree,
  ]);
  expect(told(ran)).toMatchObject({ args: ['--to=y'], told: 'hush-hush-123' });
  expect(ran.stderr).not.toContain('hush');
  const given = await run([...words, '--input', 'key=k', '--input', 'where=y'], { env });
  expect(told(given)).toMatchObject({ args: ['--to=y'], told: 'k' });
});
