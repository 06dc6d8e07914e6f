import { expect, test } from 'vitest';
import { resolveLimits } from '../../../../src/limits.js';
import { planLaunch } from '../../../../src/transports/stdio/launch-plan.js';
import { sha256Of } from '../../../../src/transports/stdio/trusted-file.js';

const command = process.execPath;

test('arguments have room for 128 KiB, each with the byte that ends it', async () => {
  const room = 128 * 1024 - command.length - 2;
  await planLaunch({ command, args: ['x'.repeat(room)] });
  await expect(planLaunch({ command, args: ['x'.repeat(room), ''] })).rejects.toThrow(
    'The command line has 131073 bytes, more than 131072: put long values into a file',
  );
  await expect(planLaunch({ command, args: ['é'.repeat(70_000)] })).rejects.toThrow('bytes');
  const limits = resolveLimits({ commandLineBytesMax: 1000 });
  const long = planLaunch({ command, args: ['x'.repeat(1000)] }, { limits });
  await expect(long).rejects.toThrow('more than 1000');
});

test('where a list of commands is given, nothing else is started', async () => {
  await planLaunch({ command, allowedCommands: ['other', command] });
  await planLaunch({ command: 'node', allowedCommands: ['node'] });
  const refused = { kind: 'connectionFailed', message: expect.stringContaining('not among those') };
  await expect(planLaunch({ command, allowedCommands: ['node'] })).rejects.toMatchObject(refused);
  await expect(planLaunch({ command, allowedCommands: [] })).rejects.toThrow('allowed: none is');
});

test('a pinned program is started only if it is that one', async () => {
  const sh = '/bin/sh';
  const sha256 = await sha256Of(sh);
  const { plan } = await planLaunch({ command: sh, sha256 });
  expect(plan).toMatchObject({ file: sh, ending: 'group', args: [] });
  await expect(planLaunch({ command: sh, sha256: '0'.repeat(64) })).rejects.toThrow('pinned');
});

test('what was named for the child is told from what it just inherits', async () => {
  process.env['ASKED_FOR'] = 'yes';
  const { plan } = await planLaunch({
    command,
    env: { MINE: '1' },
    inheritEnv: ['ASKED_FOR', 'NOT_THERE'],
  });
  delete process.env['ASKED_FOR'];
  expect(plan.namedEnv).toEqual(['MINE', 'ASKED_FOR']);
});

test.each(['', 'A=B', 'A\0B'])('%j is refused as the name of a variable', async (name) => {
  for (const names of [{ env: { [name]: 'x' } }, { inheritEnv: [name] }]) {
    await expect(planLaunch({ command, ...names })).rejects.toThrow('no name of a variable');
  }
});
