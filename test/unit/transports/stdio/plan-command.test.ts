import { existsSync } from 'node:fs';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planCommand } from '../../../../src/transports/stdio/plan-command.js';
import { sha256Of } from '../../../../src/transports/stdio/trusted-file.js';

const command = '/bin/sh';

test('a plan says what would run, with names of variables and no value', async () => {
  const args = ['-e', `say "it's"`];
  const plan = await planCommand({
    command,
    args,
    env: { NODE_OPTIONS: 'secret', TOKEN: 'secret', PYTHONPATH: 'secret' },
    isolation: 'process-group',
  });
  expect(plan).toMatchObject({
    file: command,
    sha256: await sha256Of(command),
    realFile: await realpath(command),
    args,
    riskyEnv: ['NODE_OPTIONS', 'PYTHONPATH'],
    cwd: process.cwd(),
    sandbox: 'none',
    line: `${command} -e 'say "it'\\''s"'`,
  });
  expect(plan.env).toEqual(expect.arrayContaining(['NODE_OPTIONS', 'PATH', 'TOKEN']));
  expect(JSON.stringify(plan)).not.toContain('secret');
});

test('the line cannot draw over itself', async () => {
  const args = ["\u001b[2K'\\\r\u202e", '', '-y'];
  const { line } = await planCommand({ command, args, isolation: 'process-group' });
  expect(line).toBe(`${command} $'\\u001b[2K\\'\\\\\\u000d\\u202e' '' -y`);
});

test('nor hide anything in itself', async () => {
  const args = ['a\u200bb\u2060c\ufeffd\u00ade\u{e0041}', 'a\u00a0b'];
  const { line } = await planCommand({ command, args, isolation: 'process-group' });
  expect(line).toBe(`${command} $'a\\u200bb\\u2060c\\ufeffd\\u00ade\\U000e0041' $'a\\u00a0b'`);
});

test('a pin is told in the form in which it is compared', async () => {
  const sha256 = await sha256Of(command);
  const plan = await planCommand({ command, sha256: sha256.toUpperCase() });
  expect(plan.sha256).toBe(sha256);
  const other = '0'.repeat(64);
  await expect(planCommand({ command, sha256: other })).rejects.toThrow('that was pinned');
});

test('nothing of the program is run, not even to learn its version', async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'plan-')));
  try {
    const script = `#!/bin/sh\n: >${folder}/ran\necho v22.20.0\n`;
    await writeFile(join(folder, 'node'), script, { mode: 0o755 });
    const node = join(folder, 'node');
    const { line } = await planCommand({ command: node, args: ['x.js'], sandbox: 'node' });
    expect(line).toContain('permission');
    expect(existsSync(join(folder, 'ran'))).toBe(false);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('the line is the same each time, sandbox included, so that consent can be kept', async () => {
  const sandbox = { profile: 'limits' } as const;
  const [one, two] = [
    await planCommand({ command, sandbox, isolation: 'process-group' }),
    await planCommand({ command, sandbox, isolation: 'process-group' }),
  ];
  expect(one).toEqual(two);
  expect(one.line).toContain('--nproc=256');
  expect(one).toMatchObject({ sandbox: 'limits', args: [] });
});
