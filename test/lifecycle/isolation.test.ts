import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resolveLimits } from '../../src/limits.js';
import { systemClock } from '../../src/platform/clock.js';
import { asProcessOne, inGroup } from '../../src/transports/stdio/hand-over.js';
import { isolate, namespacePrefix } from '../../src/transports/stdio/isolation.js';
import { type LaunchPlan, planLaunch } from '../../src/transports/stdio/launch-plan.js';
import { isEnd, isMessage, listen } from '../unit/transports/stdio/listen.js';
import {
  type ChildOptions,
  type ChildPipe,
  startChild,
} from '../../src/transports/stdio/child-process.js';

const prefix = await namespacePrefix();
const skip = typeof prefix === 'string' && process.env['REQUIRE_SYSTEM'] !== '1';

const up = `echo '{"jsonrpc":"2.0","method":"up"}'`;
const children: ChildPipe[] = [];
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'isolation-'));
  chmodSync(folder, 0o755);
});
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.close()));
  rmSync(folder, { recursive: true });
});

type Changes = Partial<ChildOptions>;

const run = promisify(execFile);
const node = (script: string): Changes => ({ command: process.execPath, args: ['-e', script] });

async function startScript(script: string, changes: Changes = {}): Promise<ChildPipe> {
  const child = await startChild({
    command: '/bin/sh',
    args: ['-c', script],
    // Nothing but SIGTERM ends these in time.
    limits: resolveLimits({ stdinCloseMs: 0, terminateMs: 60_000 }),
    clock: systemClock,
    ...changes,
  });
  children.push(child);
  return child;
}

describe.skipIf(skip)('in a pid namespace', () => {
  test('a server without handlers dies of SIGTERM at once', async () => {
    const child = await startScript(`${up}; exec sleep 1000`);
    expect(child.isolation).toBe('pid-namespace');
    await listen(child).until(isMessage);
    const began = performance.now();
    await child.close();
    expect(await child.exited).toEqual({ code: null, signal: 'SIGTERM' });
    // It takes less than 10 ms; the bound is for machines that run all tests at once.
    expect(performance.now() - began).toBeLessThan(1000);
  });

  test('one with a handler runs it, once, and its exit code is told', async () => {
    const file = join(folder, 'calls');
    const child = await startScript(
      `trap 'echo x >>${file}; exit 42' TERM; ${up}; while :; do read x <${folder}/no; done 2>&-`,
    );
    await listen(child).until(isMessage);
    await child.close();
    expect(await child.exited).toEqual({ code: 42, signal: null });
    expect(readFileSync(file, 'utf8')).toBe('x\n');
  });

  test('an orphaned grandchild is reaped', async () => {
    // The orphan is dead once the pipe ends; then no zombie may be left for long.
    const script =
      `mkfifo ${folder}/dead; (sh -c 'exec 9>${folder}/dead' &); read x <${folder}/dead; ` +
      'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do ' +
      "left=$(grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null | wc -l); " +
      '[ "$left" = 0 ] && break; done; ' +
      `echo "{\\"jsonrpc\\":\\"2.0\\",\\"method\\":\\"left $left\\"}"; exec cat`;
    const heard = listen(await startScript(script));
    expect((await heard.until(isMessage)).what).toMatchObject({ method: 'left 0' });
  });

  test('/proc shows the processes of the server and no others', async () => {
    const script =
      'for p in /proc/[0-9]*; do n=$((n+1)); done; ' +
      `echo "{\\"jsonrpc\\":\\"2.0\\",\\"id\\":$n,\\"method\\":\\"pid $$\\"}"; exec cat`;
    const heard = listen(await startScript(script));
    expect((await heard.until(isMessage)).what).toMatchObject({ id: 2, method: 'pid 2' });
  });

  test('launchers get none of its variables, and it gets them as they are', async () => {
    const value = `it's "two"\nlines; $HOME \\ \u0081\u00c1 `;
    const script =
      `process.stdout.write(JSON.stringify({ jsonrpc: '2.0', method: 'env', params: {` +
      `launcher: require('fs').readFileSync('/proc/1/environ', 'utf8') + ` +
      `require('fs').readFileSync('/proc/1/cmdline', 'utf8'), own: process.env,` +
      `open: require('fs').existsSync('/proc/1/fd/3') } }) + '\\n')`;
    const env = { LD_LIBRARY_PATH: '/nowhere', VALUE: value, n: 'n', text: 'x' };
    const child = await startScript('', { ...node(script), env });
    const { what } = await listen(child).until(isMessage);
    const { params } = what as { params: { launcher: string; own: object; open: boolean } };
    expect(params.own).toMatchObject(env);
    expect(params.launcher).not.toMatch(/nowhere|LD_|VALUE|lines/);
    expect(params.open).toBe(false);
  });

  test('a name that a shell would drop is reason for less isolation, and is handed on', async () => {
    const warnings: string[] = [];
    const script = `console.log('{"jsonrpc":"2.0","method":"' + process.env['a.b'] + '"}')`;
    const onWarning = (warning: string): never => {
      warnings.push(warning);
      throw new Error('a listener of the user');
    };
    const child = await startScript('', { ...node(script), env: { 'a.b': 'c' }, onWarning });
    expect((await listen(child).until(isMessage)).what).toMatchObject({ method: 'c' });
    expect(child.isolation).toBe('process-group');
    expect(warnings).toEqual([expect.stringContaining('none to a shell: a.b')]);
    const insisting = startScript('', { env: { 'a.b': 'c' }, sandbox: 'limits' });
    await expect(insisting).rejects.toThrow('cannot hand on the variable "a.b"');
  });

  test('want of open files is no verdict on namespaces', async () => {
    const words = ['--import', 'tsx', fileURLToPath(new URL('starved.ts', import.meta.url))];
    const script = 'ulimit -n 200; exec "$@"';
    const { stdout } = await run('/bin/sh', ['-c', script, 'sh', process.execPath, ...words]);
    const { starved, later } = JSON.parse(stdout) as { starved: number; later: string };
    expect(starved).toBeGreaterThan(0);
    expect(later).toBe('object');
  }, 30_000);

  test('nothing is started for a host that does not answer any more', async () => {
    const started = join(folder, 'started');
    for (const words of [asProcessOne, inGroup]) {
      const [file = '', ...args] = words;
      const child = spawn(file, [...args, '/bin/sh', '-c', `: >${started}`], {
        stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
      });
      const pipe = child.stdio[3] as Duplex;
      pipe.once('data', () => pipe.end('export A=1'));
      await once(child, 'exit');
      expect(existsSync(started)).toBe(false);
    }
  });

  test('nothing of the launcher shows on standard error', async () => {
    const child = await startScript('echo mine >&2; kill -SEGV $$');
    expect(await child.exited).toEqual({ code: null, signal: 'SIGSEGV' });
    await listen(child).until(isEnd);
    expect(child.stderrTail()).toBe('mine\n');
  });

  test('signals that keyboards send are not ignored by what the server starts', async () => {
    const script =
      `ignored=$(sed -n 's/^SigIgn:.//p' /proc/self/status); ` +
      `echo "{\\"jsonrpc\\":\\"2.0\\",\\"method\\":\\"$ignored\\"}"; exec cat`;
    const heard = listen(await startScript(script));
    const { method } = (await heard.until(isMessage)).what as { method: string };
    const interrupt = 0b10;
    expect(Number.parseInt(method.slice(-4), 16) & interrupt).toBe(0);
  });
});

describe('where there is no namespace', () => {
  const plan = async (changes: Partial<LaunchPlan> = {}): Promise<LaunchPlan> => ({
    ...(await planLaunch({ command: '/bin/sh' })).plan,
    ...changes,
  });
  const none = (): Promise<string> => Promise.resolve('not allowed');

  test('a group holds the server, and one line says what that means', async () => {
    const isolated = await isolate(await plan(), 'auto', none);
    expect(isolated).toMatchObject({ isolation: 'process-group', plan: { file: '/bin/sh' } });
    expect(isolated.warning).toMatch(/unless it leaves the process group; .* \(not allowed\)$/);
    expect(isolated.warning).not.toContain('\n');
  });

  test('whoever chose the group is not warned, and whoever insists on more is refused', async () => {
    expect(await isolate(await plan(), 'process-group', none)).not.toHaveProperty('warning');
    await expect(isolate(await plan(), 'pid-namespace', none)).rejects.toMatchObject({
      kind: 'connectionFailed',
      message: 'No pid namespace for sh: not allowed',
    });
  });

  test('a container is known to outlive a host that is killed', async () => {
    const afterKill = { file: '/bin/true', args: [] };
    const { isolation, warning } = await isolate(await plan({ afterKill }), 'auto', none);
    expect([isolation, warning]).toEqual(['process-group', expect.stringContaining('container')]);
  });
});
