import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveLimits } from '../../src/limits.js';
import { systemClock } from '../../src/platform/clock.js';
import { startChild } from '../../src/transports/stdio/child-process.js';
import { planLaunch } from '../../src/transports/stdio/launch-plan.js';
import type { Sandbox } from '../../src/transports/stdio/sandbox.js';
import { endings } from './behaviours.js';
import { runCell } from './cell.js';
import { isMessage, listen } from '../unit/transports/stdio/listen.js';

let outside = '';
let inside = '';
let port = 0;
let server: Server;
beforeAll(async () => {
  const make = (name: string): string => realpathSync(mkdtempSync(join(tmpdir(), name)));
  [outside, inside] = [make('outside-'), make('inside-')];
  writeFileSync(join(outside, 'secret'), 'secret');
  writeFileSync(join(inside, 'data'), 'data');
  server = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as { port: number });
});
afterAll(() => {
  server.close();
  for (const folder of [outside, inside]) rmSync(folder, { recursive: true });
});

/** What a server may do, tried by itself. */
const attempts = `
  const fs = require('node:fs');
  const [outside, inside, port] = process.argv.slice(1);
  const attempt = (act) => {
    try { return String(act() ?? 'done'); } catch (error) { return error.code ?? error.message; }
  };
  const params = {
    readsOutside: attempt(() => fs.readFileSync(outside + '/secret')),
    writesOutside: attempt(() => fs.writeFileSync(outside + '/written', 'x')),
    reads: attempt(() => fs.readFileSync(inside + '/data')),
    writes: attempt(() => fs.writeFileSync(inside + '/written', 'x')),
    passwords: attempt(() => fs.readFileSync('/etc/shadow').length),
    system: attempt(() => fs.writeFileSync('/usr/written', 'x')),
    starts: attempt(() => require('node:child_process').execFileSync('/bin/true').length),
    openFiles: attempt(() => {
      const open = [];
      try { for (;;) open.push(fs.openSync(inside + '/data')); } catch (error) {
        for (const one of open) fs.closeSync(one);
        return error.code + (open.length > 900 && open.length < 1024 ? ' at 1024' : '');
      }
    }),
  };
  const say = (connects) => console.log(
    JSON.stringify({ jsonrpc: '2.0', method: 'tried', params: { ...params, connects } }));
  require('node:net').connect(Number(port), '127.0.0.1')
    .on('connect', () => say('done')).on('error', (error) => say(error.code));
  process.stdin.resume();
`;

async function tried(sandbox: Sandbox): Promise<Record<string, string>> {
  const child = await startChild({
    command: process.execPath,
    args: ['-e', attempts, outside, inside, String(port)],
    sandbox,
    limits: resolveLimits(),
    clock: systemClock,
  });
  try {
    const { what } = await listen(child).until(isMessage);
    return (what as { params: Record<string, string> }).params;
  } finally {
    await child.close();
  }
}

/** Whether this machine lacks the profile; where it must not, its tests fail. */
async function lacks(sandbox: Sandbox): Promise<boolean> {
  if (process.env['REQUIRE_SYSTEM'] === '1') return false;
  const planned = planLaunch({ command: process.execPath, sandbox });
  return planned.then(
    () => false,
    (error: unknown) => (console.warn(`Not shown here: ${String(error)}`), true),
  );
}

test('without a sandbox a server may do all of it, so that what fails below is refused', async () => {
  const { openFiles: _, passwords: __, system: ___, ...may } = await tried('none');
  expect(may).toEqual({
    readsOutside: 'secret',
    writesOutside: 'done',
    reads: 'data',
    writes: 'done',
    starts: '0',
    connects: 'done',
  });
});

describe.skipIf(await lacks('bwrap'))('bubblewrap', () => {
  test('keeps a server from files outside of its roots, and from the network', async () => {
    const may = await tried({ profile: 'bwrap', roots: [inside], bounds: {} });
    expect(may).toEqual({
      readsOutside: 'ENOENT',
      writesOutside: 'ENOENT',
      reads: 'data',
      writes: 'done',
      passwords: 'ENOENT',
      system: 'EROFS',
      starts: '0',
      openFiles: 'EMFILE at 1024',
      connects: 'ECONNREFUSED',
    });
    expect(readFileSync(join(inside, 'written'), 'utf8')).toBe('x');
  });

  test('lets it read what it may only read, and use the network where that is wanted', async () => {
    const may = await tried({ profile: 'bwrap', readOnlyRoots: [inside], network: true });
    expect(may).toMatchObject({ reads: 'data', writes: 'EROFS', connects: 'done' });
  });

  test('gives root no power over the system, and shows nothing that is near its program', async () => {
    writeFileSync(join(outside, 'program'), readFileSync('/bin/sh'), { mode: 0o755 });
    const script =
      'did=; mount -o remount,rw /usr && did=$did,mount; mknod /tmp/b b 8 0 && did=$did,mknod; ' +
      'for f in kernel/hostname vm/swappiness; do read x </proc/sys/$f; ' +
      '(echo "$x" >/proc/sys/$f) && did=$did,$f; done; mkdir -p /tmp/m; ' +
      `mount -t tmpfs x /tmp/m && did=$did,tmpfs; [ -e ${outside}/secret ] && did=$did,secret; ` +
      'unshare -Ur true && did=$did,namespace; ' +
      `echo "{\\"jsonrpc\\":\\"2.0\\",\\"method\\":\\"did$did\\"}"`;
    const warnings: string[] = [];
    const child = await startChild({
      command: join(outside, 'program'),
      args: ['-c', script],
      sandbox: 'bwrap',
      limits: resolveLimits(),
      clock: systemClock,
      onWarning: (warning) => warnings.push(warning),
    });
    try {
      expect((await listen(child).until(isMessage)).what).toMatchObject({ method: 'did' });
      expect(warnings).toEqual([expect.stringMatching(/starts in \/tmp.*readOnlyRoots/)]);
    } finally {
      await child.close();
    }
  });

  test.each([
    ['end of input', 'exec cat >/dev/null', { code: 0, signal: null }],
    ['SIGTERM', 'exec sleep 1000', { code: null, signal: 'SIGTERM' }],
    ['its handler', 'trap "exit 42" TERM; while :; do read x </no; done 2>&-', { code: 42 }],
    ['SIGKILL', 'trap "" TERM; while :; do sleep 1000; done', { code: null, signal: 'SIGKILL' }],
  ])('a server in it ends by %s', async (_, script, exit) => {
    const child = await startChild({
      command: '/bin/sh',
      args: ['-c', `trap : TERM; echo '{"jsonrpc":"2.0","method":"up"}'; trap - TERM; ${script}`],
      sandbox: 'bwrap',
      limits: resolveLimits({ stdinCloseMs: 300, terminateMs: 300 }),
      clock: systemClock,
    });
    expect(child.isolation).toBe('pid-namespace');
    await listen(child).until(isMessage);
    await child.close();
    expect(await child.exited).toMatchObject(exit);
  });

  test.each(endings)(
    'leaves nobody when the host %s',
    async (ending) => {
      const outcome = await runCell('ignores SIGTERM', ending, { count: 4, sandbox: 'bwrap' });
      expect(outcome).toMatchObject({ isolation: 'pid-namespace', survivors: 0, zombies: 0 });
      expect(outcome.seen).toBeGreaterThan(8);
    },
    30_000,
  );
});

describe.skipIf(await lacks('limits'))('limits', () => {
  test('bound what a server uses up, and nothing else', async () => {
    const may = await tried('limits');
    expect(may).toMatchObject({ openFiles: 'EMFILE at 1024', readsOutside: 'secret' });
  });
});

test('the permissions of Node keep a server within its roots', async () => {
  expect(await tried({ profile: 'node', roots: [inside] })).toMatchObject({
    readsOutside: 'ERR_ACCESS_DENIED',
    writesOutside: 'ERR_ACCESS_DENIED',
    reads: 'data',
    writes: 'done',
    system: 'ERR_ACCESS_DENIED',
    starts: 'ERR_ACCESS_DENIED',
  });
});
