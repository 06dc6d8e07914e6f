import { realpath } from 'node:fs/promises';
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
