/** What is agreed to before a server of a configuration starts: all of it, and to nothing else. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { run } from '../unit/cli/run.js';
import {
  configFile,
  folder,
  freshState,
  plainServer,
  runAtTerminal,
} from '../unit/cli/config-files.js';

const question = 'Do you agree? [y/N] ';
const agree: readonly (readonly [string, string])[] = [[question, 'y\n']];
const refuse: readonly (readonly [string, string])[] = [[question, 'n\n']];
const withEnv = (env: object, more: object = {}): object => ({
  mcpServers: { s: plainServer([], { env, ...more }) },
});

/** A variable of this process until the test is over. */
function setVariable(name: string, value: string): void {
  process.env[name] = value;
  onTestFinished(() => void delete process.env[name]);
}

test.each([
  ['another value', { HOME: '/evil/home', X: 'plain' }, 'variable HOME'],
  ['a value of the user', { HOME: '/root', X: '${CLOUD_SECRET}' }, 'values of yours'],
])('%s in a variable is asked for again', async (_what, after, part) => {
  const started = join(folder, 'valued');
  const env = { XDG_STATE_HOME: freshState(), CLOUD_SECRET: 'plain' };
  const config = configFile(withEnv({ HOME: '/root', X: 'plain' }));
  const words = ['ping', '--config', config, 's'];
  expect((await run([...words, '--yes'], { env })).code).toBe(0);
  writeFileSync(config, JSON.stringify(withEnv({ ...after, STARTED: started })));
  const refused = await run(words, { env });
  expect([refused.code, refused.stderr]).toEqual([78, expect.stringContaining(part)]);
  expect(existsSync(started)).toBe(false);
});

test('values are shown as they are written, with what of the user goes in', async () => {
  const env = { XDG_STATE_HOME: freshState(), CLOUD_SECRET: 'hush-hush-123' };
  const values = { HOME: '/root', X: '${CLOUD_SECRET}', API_KEY: 'hunter2' };
  const config = configFile(withEnv(values, { inheritEnv: ['SSH_AUTH_SOCK'] }));
  for (const ran of [
    await run(['ping', '--config', config, 's'], { env }),
    await runAtTerminal(['ping', '--config', config, 's'], env, refuse),
  ]) {
    expect(ran.code).toBe(78);
    expect(ran.stderr).toMatch(/variable +HOME=\/root$/m);
    expect(ran.stderr).toMatch(/variable +X=\$\{CLOUD_SECRET\}$/m);
    expect(ran.stderr).toMatch(/yours +CLOUD_SECRET, SSH_AUTH_SOCK: /);
    expect(ran.stderr).toMatch(/variable +API_KEY=\[secret\]$/m);
    expect(ran.stderr).not.toMatch(/hush|hunter2/);
  }
});

test('an inherited variable that changes what programs load is shown and watched', async () => {
  const env = { XDG_STATE_HOME: freshState() };
  const config = configFile(withEnv({}, { inheritEnv: ['NODE_NO_WARNINGS'] }));
  const words = ['ping', '--config', config, 's'];
  setVariable('NODE_NO_WARNINGS', '0');
  const first = await runAtTerminal(words, env, agree);
  expect(first.stderr).toMatch(/risky +NODE_NO_WARNINGS=0 changes/);
  setVariable('NODE_NO_WARNINGS', '1');
  const again = await run(words, { env });
  expect([again.code, again.stderr]).toEqual([78, expect.stringContaining('NODE_NO_WARNINGS')]);
});

test('what is long is shown to its end, with or without a terminal', async () => {
  const env = { XDG_STATE_HOME: freshState() };
  const roots = Array.from({ length: 300 }, (_, at) => `root-${at}  x`);
  for (const root of roots) mkdirSync(join(folder, root), { recursive: true });
  const sandbox = { profile: 'limits', roots };
  const more = { sandbox, env: { A: `${'x'.repeat(2000)}  y` } };
  const config = configFile({ mcpServers: { s: plainServer([`${'z'.repeat(2000)}  z`], more) } });
  const words = ['ping', '--config', config, 's'];
  for (const ran of [await run(words, { env }), await runAtTerminal(words, env, refuse)]) {
    expect(ran.code).toBe(78);
    for (const end of ['xxx  y', 'zzz  z', 'root-299  x']) expect(ran.stderr).toContain(end);
  }
});

test('what is too long to be shown is refused, unless its user has read it elsewhere', async () => {
  const env = { XDG_STATE_HOME: freshState() };
  const config = configFile({ mcpServers: { s: plainServer(['x'.repeat(17_000)]) } });
  const words = ['ping', '--config', config, 's'];
  for (const ran of [await run(words, { env }), await runAtTerminal(words, env, agree)]) {
    expect([ran.code, ran.stderr]).toEqual([78, expect.stringContaining('at most 16384')]);
  }
  expect((await run([...words, '--yes'], { env })).code).toBe(0);
});

const literal = {
  tav: { url: 'https://user:hunter2@h/mcp?api_key=hunter2&x=${X_VALUE}' },
  brave: plainServer(['--api-key', 'hunter2', '--token=hunter2', 'ghp_abcdefghijklmnop1234']),
};

test('secrets that stand in a file are shown to nobody but its user', async () => {
  const env = { XDG_STATE_HOME: freshState(), X_VALUE: '1' };
  const config = configFile({ mcpServers: literal });
  for (const words of [
    ['servers'],
    ['servers', '--json'],
    ['doctor'],
    ['doctor', '--json'],
    ['ping', 'tav'],
    ['ping', 'brave'],
    ['ping', '--json', 'brave'],
  ]) {
    const { stdout, stderr } = await run([...words, '--config', config], { env });
    const said = stdout + stderr;
    expect(said).not.toMatch(/hunter2|abcdefgh/);
    expect(said).toContain('[secret]');
  }
  const asked = await runAtTerminal(['ping', '--config', config, 'brave'], env, refuse);
  expect(asked.stderr).toContain('--api-key hunter2 --token=hunter2');
});

test('a file in a folder that everybody may change is not believed', async () => {
  const open = join(folder, 'open');
  const inner = join(open, 'inner');
  mkdirSync(inner, { recursive: true });
  const config = join(inner, 'mcp.json');
  writeFileSync(config, JSON.stringify({ mcpServers: { s: plainServer() } }), { mode: 0o600 });
  chmodSync(open, 0o777);
  const { code, stderr } = await run(['servers', '--config', config]);
  expect([code, stderr]).toEqual([78, expect.stringContaining(`chmod o-w '${open}'`)]);
  chmodSync(open, 0o1777);
  expect((await run(['servers', '--config', config])).code).toBe(0);
});

test('approvals in a folder that everybody may change are none', async () => {
  const env = { XDG_STATE_HOME: freshState() };
  const config = configFile({ mcpServers: { s: plainServer() } });
  const words = ['ping', '--config', config, 's'];
  expect((await run([...words, '--yes'], { env })).code).toBe(0);
  chmodSync(join(env.XDG_STATE_HOME, 'sallyport'), 0o777);
  const { code, stderr } = await run(words, { env });
  expect([code, stderr]).toEqual([78, expect.stringContaining('chmod o-w')]);
});

test('names that look alike have approvals of their own, and are told apart', async () => {
  const env = { XDG_STATE_HOME: freshState() };
  const names = ['a', 'a\u200b', 'a ', 'red\u001b[31m'];
  const config = configFile({
    mcpServers: Object.fromEntries(names.map((name) => [name, plainServer()])),
  });
  expect((await run(['ping', '--yes', '--config', config, 'a '], { env })).code).toBe(0);
  for (const name of names.filter((one) => one !== 'a ')) {
    expect((await run(['ping', '--config', config, name], { env })).code).toBe(78);
  }
  const file = join(env.XDG_STATE_HOME, 'sallyport', 'approvals.json');
  const { approved } = JSON.parse(readFileSync(file, 'utf8')) as { readonly approved: object };
  expect(Object.keys(approved)).toEqual([JSON.stringify([config, 'a '])]);
  const { stderr } = await run(['ping', '--config', config]);
  expect(stderr).toContain('It has: a, "a\\u200b", "a ", "red\\u001b[31m".');
});

test('a server without a name and one that is called like a prototype are told of', async () => {
  const nameless = configFile({ mcpServers: { '': plainServer() } });
  expect((await run(['servers', '--config', nameless])).stdout).toMatch(/^"" +stdio/);
  const { code, stderr } = await run([
    ...['servers', '--config'],
    configFile('{"mcpServers": {"__proto__": {"command": "node"}}}'),
  ]);
  expect([code, stderr]).toEqual([78, expect.stringContaining('has a member "__proto__"')]);
});
