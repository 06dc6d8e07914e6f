import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configFile, folder, plainServer } from './config-files.js';
import { run } from './run.js';

interface Told {
  readonly node: string;
  readonly offers: readonly { readonly name: string; readonly has: boolean }[];
  readonly guarantees: readonly { readonly what: string; readonly holds: boolean }[];
  readonly servers?: readonly { readonly [member: string]: string }[];
}

test('the machine is told about, for people and for programs alike', async () => {
  const people = await run(['doctor']);
  const json = await run(['doctor', '--json']);
  expect([people.code, json.code]).toEqual([0, 0]);
  const { node, offers, guarantees } = JSON.parse(json.stdout) as Told;
  expect(node).toBe(process.versions.node);
  const names = ['pid namespaces', 'user namespaces', 'prlimit', 'bwrap', 'docker', 'tini'];
  expect(offers.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
  for (const { what, holds } of guarantees) {
    expect(people.stdout).toContain(`${what}: ${holds ? 'yes' : 'no'}`);
  }
  expect(guarantees.map(({ what }) => what)).toEqual(
    expect.arrayContaining([
      'Closing a stdio server leaves no process behind',
      'The same when this program is killed',
    ]),
  );
});

test('what a file would run is told without running it, problems and secrets included', async () => {
  const started = join(folder, 'doctored');
  const more = { env: { STARTED: started }, sandbox: 'limits' };
  const config = configFile({
    mcpServers: {
      plain: plainServer(['--key=${MY_TOKEN}'], more),
      gone: { command: join(folder, 'gone') },
      lacking: { command: 'x', args: ['${NO_SUCH_ONE}'] },
      far: { url: 'https://h/mcp' },
    },
  });
  const env = { MY_TOKEN: 'hush-hush-123' };
  const { code, stdout } = await run(['doctor', '--json', '--config', config], { env });
  expect(code).toBe(0);
  expect((JSON.parse(stdout) as Told).servers).toMatchObject([
    { server: 'plain', runs: expect.stringMatching(/server\.cjs --key=\[secret\]$/) },
    { server: 'gone', problem: expect.stringContaining('was not found') },
    { server: 'lacking', problem: expect.stringContaining('NO_SUCH_ONE') },
    { server: 'far', connects: 'https://h/mcp' },
  ]);
  expect(existsSync(started)).toBe(false);
});

test('a command after -- is told about', async () => {
  const { stdout } = await run(['doctor', '--', process.execPath, 'a b']);
  expect(stdout).toContain(`${process.execPath} 'a b'`);
  const { code, stderr } = await run(['doctor', '--config', 'x', '--', 'node']);
  expect([code, stderr]).toEqual([1, expect.stringContaining('a file and a command')]);
});
