import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LaunchPlan } from '../../../../src/transports/stdio/launch-plan.js';
import { planLaunch } from '../../../../src/transports/stdio/launch-plan.js';
import { bwrapProfile } from '../../../../src/transports/stdio/sandbox/bwrap.js';
import { dockerProfile } from '../../../../src/transports/stdio/sandbox/docker.js';
import { limitsProfile } from '../../../../src/transports/stdio/sandbox/limits.js';
import { nodeProfile } from '../../../../src/transports/stdio/sandbox/node.js';
import type { Sandbox } from '../../../../src/transports/stdio/sandbox.js';
import { systemTool } from '../../../../src/transports/stdio/system-tool.js';

const plan: LaunchPlan = {
  program: 'node',
  command: 'node',
  file: '/people/me/.node/bin/node',
  realFile: '/people/me/.node/bin/node',
  args: ['server.js', '--root', 'a b'],
  env: { HOME: '/people/me', TMPDIR: '/var/mine', TOKEN: 'secret' },
  namedEnv: ['TOKEN'],
  cwd: '/people/me/work',
  ending: 'group',
};

const none = { roots: [], readOnlyRoots: [] };
const found = { tool: '/usr/bin/tool', name: 'sallyport-1' };

let root = '';
beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'sandbox-')));
});
afterAll(() => rm(root, { recursive: true }));

describe('docker', () => {
  const options = { profile: 'docker', image: 'node:22', ...none } as const;

  test('has every bound there is, and shows no value of a variable', () => {
    const wrapped = dockerProfile.wrap(plan, options, found);
    const user = expect.stringMatching(/^[1-9]\d*:\d+$/);
    expect(wrapped).toMatchObject({
      file: '/usr/bin/tool',
      afterKill: { file: '/usr/bin/tool', args: ['kill', 'sallyport-1'] },
    });
    expect(wrapped.args).toEqual([
      ...['run', '-i', '--init', '--rm', '--name', 'sallyport-1', '--network', 'none'],
      ...['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
      ...['--pids-limit', '128', '--memory', '512m', '--cpus', '1', '--user', user],
      ...['--tmpfs', '/tmp', '--env', 'TOKEN', 'node:22', 'node', 'server.js', '--root', 'a b'],
    ]);
  });

  test('mounts roots, and has a network where it is wanted', () => {
    const changes = { roots: ['/a'], readOnlyRoots: ['/b c'], network: true };
    const line = dockerProfile.wrap(plan, { ...options, ...changes }, found).args.join(' ');
    expect(line).toContain('--network bridge');
    expect(line).toContain('--mount type=bind,source=/a,target=/a --mount');
    expect(line).toContain('--mount type=bind,source=/b c,target=/b c,readonly ');
  });

  test('wants an image, and roots that can be written down', async () => {
    const missing = async (changes: object): Promise<unknown> =>
      dockerProfile.check(plan, { ...options, ...changes });
    expect(await missing({ image: '' })).toMatchObject({
      missing: expect.stringContaining('give the image'),
    });
    expect(await missing({ image: '--privileged' })).toMatchObject({
      missing: expect.stringContaining('give the image'),
    });
    expect(await missing({ roots: ['/a,readonly'] })).toMatchObject({
      missing: expect.stringContaining('comma'),
    });
  });
});

describe('node', () => {
  const wrap = (version: string, network?: boolean): string => {
    const options = { profile: 'node', roots: ['/w'], readOnlyRoots: ['/r'] } as const;
    const changed = network === undefined ? options : { ...options, network };
    return nodeProfile.wrap(plan, changed, { ...found, version }).args.join(' ');
  };

  test.each([
    ['20.20.2', '--experimental-permission'],
    ['22.12.0', '--experimental-permission'],
    ['22.13.0', '--permission'],
    ['23.4.0', '--experimental-permission'],
    ['24.0.0', '--permission'],
  ])('of version %s has the flag %s', (version, flag) => {
    expect(wrap(version)).toBe(
      `${flag} --allow-fs-read=/w --allow-fs-read=/r --allow-fs-read=/people/me/work ` +
        '--allow-fs-write=/w server.js --root a b',
    );
  });

  test('can refuse the network from 25 on, and does not pretend to before', async () => {
    expect(wrap('25.0.0')).not.toContain('net');
    expect(wrap('25.0.0', true)).toContain('--allow-net');
    expect(wrap('24.0.0', true)).not.toContain('net');
    const ours = { ...plan, realFile: await realpath(process.execPath) };
    const { node } = process.versions;
    const isOld = Number(node.split('.')[0]) < 25;
    const missing = `Node ${node} cannot refuse the network: install 25, or use bwrap`;
    expect(await nodeProfile.check(ours, { profile: 'node', network: false })).toMatchObject(
      isOld ? { missing } : { version: node },
    );
  });
});

test('limits put their bounds before the program', () => {
  const options = { profile: 'limits', bounds: { processes: 9 }, ...none } as const;
  expect(limitsProfile.wrap(plan, options, found)).toEqual({
    ...plan,
    file: '/usr/bin/tool',
    args: [
      ...['--nofile=1024', '--nproc=9', '--fsize=1073741824', '--cpu=3600', '--core=0', '--'],
      ...[plan.file, ...plan.args],
    ],
  });
});

describe('bwrap', () => {
  const wrap = (changes: object = {}): string => {
    const options = { profile: 'bwrap', ...none, ...changes } as const;
    return bwrapProfile.wrap(plan, options, found).args.join(' ');
  };

  test('has no network, no home, and dies along; the program itself is there to read', () => {
    const line = wrap();
    for (const part of [
      '--unshare-pid',
      '--unshare-net',
      '--die-with-parent',
      '--new-session',
      '--tmpfs /people/me',
      '--setenv TMPDIR /tmp',
      '--ro-bind /people/me/.node /people/me/.node',
      '--chdir /tmp -- /people/me/.node/bin/node server.js --root a b',
    ]) {
      expect(line).toContain(part);
    }
    expect(line).not.toMatch(/ --bind|\/etc\/shadow|ro-bind\S* \/etc /);
  });

  test('mounts roots over the empty home, and starts in one of them', () => {
    const line = wrap({ roots: ['/people/me/work'], readOnlyRoots: ['/r'], network: true });
    expect(line).toMatch(/--tmpfs \/people\/me .*--ro-bind \/r \/r --bind \/people\/me\/work /);
    expect(line).toContain('--chdir /people/me/work --');
    expect(line).not.toContain('--unshare-net');
  });

  test('never mounts a whole home because a program is in its bin', () => {
    const mine = { ...plan, file: '/people/me/bin/x', realFile: '/people/me/bin/x' };
    const options = { profile: 'bwrap', ...none } as const;
    const line = bwrapProfile.wrap(mine, options, found).args.join(' ');
    expect(line).toContain('--ro-bind /people/me/bin /people/me/bin');
    expect(line).not.toContain('--ro-bind /people/me ');
  });
});

describe('a sandbox that cannot be had is an error', () => {
  const reason = (sandbox: Sandbox, command = process.execPath): Promise<string> =>
    planLaunch({ command, sandbox }).then(
      () => '',
      (error: unknown) => (error as Error).message,
    );

  test('that says what is missing', async () => {
    expect(await reason({ profile: 'bwrap', roots: [join(root, 'no')] })).toMatch(
      /The root \S+no of the sandbox does not exist/,
    );
    expect(await reason('bubble' as Sandbox)).toContain('There is no sandbox "bubble": it is one');
    const notNode = await reason('node', '/bin/sh');
    expect(notNode).toContain('The sandbox "node" cannot be had: /bin/sh is no Node');
    expect(await systemTool('no-such-tool-anywhere')).toBeUndefined();
  });
});
