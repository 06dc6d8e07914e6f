import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LaunchPlan } from '../../../../src/transports/stdio/launch-plan.js';
import { planLaunch } from '../../../../src/transports/stdio/launch-plan.js';
import { bwrapProfile } from '../../../../src/transports/stdio/sandbox/bwrap.js';
import { programFiles } from '../../../../src/transports/stdio/sandbox/bwrap-program.js';
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
  around: [],
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

  test('docker itself obeys no variable of the server, when it starts and when it ends it', async () => {
    process.env['DOCKER_HOST'] = 'unix:///ours';
    const env = { ...plan.env, DOCKER_HOST: 'tcp://theirs', LD_PRELOAD: '/evil.so', HOME: '/h' };
    const steered = { ...plan, env, namedEnv: Object.keys(env) };
    const wrapped = dockerProfile.wrap(steered, options, found);
    delete process.env['DOCKER_HOST'];
    expect(wrapped.env).toMatchObject({ DOCKER_HOST: 'unix:///ours', TOKEN: 'secret' });
    expect(wrapped.env).not.toHaveProperty('LD_PRELOAD');
    expect(wrapped.env['HOME']).toBe(process.env['HOME']);
    const line = wrapped.args.join(' ');
    expect(line).toContain('--env DOCKER_HOST=tcp://theirs --env LD_PRELOAD=/evil.so');
    expect(line).not.toContain('secret');
    const told = { ...plan, env: { HTTPS_PROXY: 'http://me:pw@p' }, namedEnv: ['HTTPS_PROXY'] };
    expect(await dockerProfile.check(told, options, true)).toMatchObject({
      missing: expect.stringContaining('HTTPS_PROXY'),
    });
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
      dockerProfile.check(plan, { ...options, ...changes }, true);
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
    expect(await nodeProfile.check(ours, { profile: 'node', network: false }, true)).toMatchObject(
      isOld ? { missing } : { version: node },
    );
  });
});

test.each([
  [['--allow-fs-write=*', 'x.js'], {}],
  [['--allow_fs_write=*', 'x.js'], {}],
  [['--require', './x.js', '--allow-child-process'], {}],
  [['--no-permission', 'x.js'], {}],
  [['--env-file=x', 'x.js'], {}],
  [['x.js'], { NODE_OPTIONS: '--no-warnings "--allow-fs-write=/"' }],
])('node: %j with %j would undo its permissions, and is refused', async (args, env) => {
  const ours = { ...plan, realFile: await realpath(process.execPath), args, env };
  expect(await nodeProfile.check(ours, { profile: 'node' }, true)).toMatchObject({
    missing: expect.stringContaining('would change what it permits'),
  });
});

test.each([[['x.js', '--allow-writes']], [['--import', 'tsx', '--', 'x.js', '--allow-writes']]])(
  'node: %j is fine',
  async (args) => {
    const ours = { ...plan, realFile: await realpath(process.execPath), args };
    expect(await nodeProfile.check(ours, { profile: 'node' }, true)).not.toHaveProperty('missing');
  },
);

test('limits put their bounds before the program', () => {
  const options = { profile: 'limits', bounds: { processes: 9 }, ...none } as const;
  expect(limitsProfile.wrap(plan, options, found)).toEqual({
    ...plan,
    around: [
      ...['/usr/bin/tool', '--nofile=1024', '--nproc=9', '--fsize=1073741824', '--cpu=3600'],
      ...['--core=0', '--'],
    ],
  });
});

describe('bwrap', () => {
  const wrap = (changes: object = {}): string => {
    const options = { profile: 'bwrap', ...none, ...changes } as const;
    return bwrapProfile.wrap(plan, options, found).around.join(' ');
  };

  test('has no network, no home, and dies along; the program itself is there to read', () => {
    const line = wrap();
    for (const part of [
      '--unshare-pid',
      '--unshare-net',
      '--die-with-parent',
      '--new-session',
      '--tmpfs /people/me',
      '--cap-drop ALL',
      '--ro-bind /people/me/.node/bin/node /people/me/.node/bin/node --unshare-net',
      '--chdir /tmp --',
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

  test.each([
    ['/people/me/.local/bin/x', '/people/me/.local/bin/x'],
    ['/people/me/.cargo/bin/x', '/people/me/.cargo/bin/x'],
    ['/people/me/bin/x', '/people/me/bin/x'],
    ['/people/me/srv', '/people/me/srv'],
    ['/srv-binary', '/srv-binary'],
    ['/tmp/x', '/tmp/x'],
    ['/opt/bin/x', '/opt/bin/x'],
    ['/people/me/work/bin/x', '/people/me/work/bin/x'],
    ['/people/versions/1/bin/x', '/people/versions/1'],
    ['/people/me/.nvm/versions/node/v22.1.0/bin/node', '/people/me/.nvm/versions/node/v22.1.0'],
    ['/people/me/.pyenv/versions/3.12.1/bin/python', '/people/me/.pyenv/versions/3.12.1'],
  ])('of %s it shows %s', (file, shown) => {
    expect(programFiles({ ...plan, file, realFile: file })).toEqual([shown]);
  });

  test('no folder of versions is shown that holds the home or the working folder', () => {
    for (const changes of [{ cwd: '/v/versions/1/work' }, { env: { HOME: '/v/versions/1' } }]) {
      const file = '/v/versions/1/bin/x';
      expect(programFiles({ ...plan, file, realFile: file, ...changes })).toEqual([file]);
    }
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

test('tools that make sandboxes are those of the system, not those of a project', async () => {
  const folder = join(root, 'node_modules', '.bin');
  await mkdir(folder, { recursive: true });
  for (const name of ['setsid', 'made-up-tool']) {
    await writeFile(join(folder, name), '#!/bin/sh\n', { mode: 0o755 });
    await writeFile(join(root, name), '#!/bin/sh\n', { mode: 0o755 });
  }
  const { PATH } = process.env;
  process.env['PATH'] = `${folder}:${root}:${PATH}`;
  try {
    expect(await systemTool('made-up-tool')).toBeUndefined();
    expect(await systemTool('setsid')).not.toContain(root);
  } finally {
    process.env['PATH'] = PATH;
  }
});
