import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { askDocker } from '../../../src/cli/docker-engine.js';
import { configFile, folder, plainServer } from './config-files.js';
import { run } from './run.js';

interface Told {
  readonly node: string;
  readonly offers: readonly { readonly name: string; readonly has: boolean | 'unknown' }[];
  readonly guarantees: readonly { readonly what: string; readonly holds: boolean | 'unknown' }[];
  readonly servers?: readonly { readonly [member: string]: string }[];
}

test('the machine is told about, for people and for programs alike', async () => {
  const people = await run(['doctor']);
  const json = await run(['doctor', '--json']);
  expect([people.code, json.code]).toEqual([0, 0]);
  const { node, offers, guarantees } = JSON.parse(json.stdout) as Told;
  expect(node).toBe(process.versions.node);
  const names = ['pid namespaces', 'user namespaces', 'prlimit', 'bwrap', 'docker'];
  expect(offers.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
  for (const { what, holds } of guarantees) {
    expect(people.stdout).toContain(
      `${what}: ${holds === 'unknown' ? holds : holds ? 'yes' : 'no'}`,
    );
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

test.each([
  ['echo 27.1', true, 'engine 27.1'],
  ['echo "Cannot connect to the daemon" >&2; exit 1', false, 'Cannot connect'],
  ['echo ""', false, 'no version'],
  ['exec sleep 60', 'unknown', 'within 0.2 s'],
])('docker that does %j has an engine: %s', async (script, has, detail) => {
  const docker = join(folder, 'docker');
  writeFileSync(docker, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const ms = has === 'unknown' ? 200 : 60_000;
  expect(await askDocker(docker, ms)).toEqual({ has, detail: expect.stringContaining(detail) });
});

test.runIf(process.getuid?.() === 0)(
  'root is not told that its processes are bounded',
  async () => {
    const { guarantees } = JSON.parse((await run(['doctor', '--json'])).stdout) as Told;
    const limits = guarantees.find(({ what }) => what.startsWith('--sandbox limits'));
    expect(limits).toMatchObject({ holds: false });
  },
);

test('a sandbox for nothing is refused', async () => {
  const { code, stderr } = await run(['doctor', '--sandbox', 'bwrap']);
  expect([code, stderr]).toEqual([1, expect.stringContaining('nothing to put in a sandbox')]);
});
