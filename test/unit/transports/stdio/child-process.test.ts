import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Limits, resolveLimits } from '../../../../src/limits.js';
import { systemClock } from '../../../../src/platform/clock.js';
import {
  type ChildOptions,
  type ChildPipe,
  startChild,
} from '../../../../src/transports/stdio/child-process.js';
import { cites } from '../../../requirements.js';
import { type Heard, isEnd, isMessage, isReject, listen } from './listen.js';
import { isRunning } from '../../../is-running.js';

const children: ChildPipe[] = [];
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.close()));
});

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'child-'));
});
afterEach(() => rm(folder, { recursive: true }));

type Changes = Partial<Omit<ChildOptions, 'limits'>> & { readonly limits?: Partial<Limits> };

async function start(script: string, changes: Changes = {}): Promise<ChildPipe> {
  const child = await startChild({
    command: process.execPath,
    args: ['-e', script],
    clock: systemClock,
    ...changes,
    limits: resolveLimits({ stdinCloseMs: 200, terminateMs: 200, ...changes.limits }),
  });
  children.push(child);
  return child;
}

/** Pids that a child says mean something here, and only the child holds its pipes. */
const inGroup: Changes = { isolation: 'process-group' };

const say = (text: string): string => `process.stdout.write(${JSON.stringify(`${text}\n`)});`;
const stay = 'process.stdin.resume();';
const stayForEver = 'setInterval(() => {}, 1000);';

async function reasonOf(started: Promise<unknown>): Promise<string> {
  const thrown: unknown = await started.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toMatchObject({ kind: 'connectionFailed' });
  return (thrown as Error).message;
}

const textOf = ({ items }: Heard): string => JSON.stringify(items.map((item) => item.what));

cites('stdio/subprocess', 'stdio/supported', 'stdio/only-messages');
test('a server is talked to, prints strays to stderr, and ends by itself', async () => {
  const echo = fileURLToPath(new URL('fixtures/echo.ts', import.meta.url));
  const args = ['--import', 'tsx', echo];
  const child = await start('', { args, limits: { stdinCloseMs: 5000 } });
  const heard = listen(child);
  const message = {
    jsonrpc: '2.0',
    id: 1,
    method: 'm',
    params: { big: 'x'.repeat(200_000) },
  } as const;
  await child.send(message);
  expect((await heard.until(isMessage)).what).toEqual(message);
  await child.close();
  expect(await child.exited).toEqual({ code: 0, signal: null });
  expect(child.stderrTail()).toBe('stray console.log\nstray write\n');
  expect(heard.items.map((item) => item.kind)).toEqual(['message', 'end']);
  expect(heard.items[1]?.what).toBeUndefined();
}, 20_000);

test('a command that does not exist says so, and what to do', async () => {
  const reason = await reasonOf(start('', { command: 'no-such-command-here' }));
  expect(reason).toMatch(/"no-such-command-here" was not found\. Install it, or give its absolute/);
  expect(await reasonOf(start('', { command: './nowhere' }))).toContain('Check its path');
  expect(await reasonOf(start('', { command: '' }))).toContain('empty');
  expect(await reasonOf(start('', { cwd: join(folder, 'no') }))).toContain('working directory');
  expect(await reasonOf(start('', { args: ['a\0b'] }))).toContain('NUL');
});

test.skipIf(process.platform === 'win32')('files that cannot be run are told apart', async () => {
  const plain = join(folder, 'plain');
  await writeFile(plain, 'text');
  expect(await reasonOf(start('', { command: plain }))).toContain('not an executable file');
  const script = join(folder, 'script');
  await writeFile(script, '#!/no/such/interpreter\n', { mode: 0o755 });
  expect(await reasonOf(start('', { command: script }))).toContain('interpreter');
});

test.skipIf(process.platform === 'win32')('a link is started under its own name', async () => {
  await symlink(process.execPath, join(folder, 'named'));
  const script = say('{"jsonrpc":"2.0","method":"${process.argv0}"}').replaceAll('"', '`') + stay;
  const env = { PATH: folder };
  const heard = listen(await start(script.replaceAll('\\`', '"'), { command: 'named', env }));
  const { what } = await heard.until(isMessage);
  expect(what).toMatchObject({ method: join(folder, 'named') });
});

cites('guards/environment', 'stdio/no-authorization');
test('the child sees few variables of ours, and those it was given', async () => {
  process.env['NODE_OPTIONS_PROBE'] = 'secret';
  process.env['ASKED_FOR'] = 'yes';
  const print = 'JSON.stringify({ jsonrpc: "2.0", method: "env", params: process.env }) + "\\n"';
  const script = `process.stdout.write(${print});${stay}`;
  const options = { env: { MINE: '1' }, inheritEnv: ['ASKED_FOR'] };
  const heard = listen(await start(script, options));
  const { params } = (await heard.until(isMessage)).what as { params: Record<string, string> };
  expect(params).toMatchObject({ MINE: '1', ASKED_FOR: 'yes', PATH: process.env['PATH'] });
  expect(params).not.toHaveProperty('NODE_OPTIONS_PROBE');
  delete process.env['NODE_OPTIONS_PROBE'];
  delete process.env['ASKED_FOR'];
});

test('lines that are no message are counted and shown in moderation; messages go on', async () => {
  const shown: string[] = [];
  const script =
    say('\u001b[31mstarting\u001b[0m\u0007 up') +
    say('{"level":30,"msg":"log"}') +
    say('x'.repeat(300)).repeat(30) +
    say('{"jsonrpc":"2.0","id":5,"result":7}') +
    say('{"jsonrpc":"2.0","method":"after"}') +
    stay;
  const child = await start(script, { onNoise: (line) => shown.push(line) });
  const heard = listen(child);
  expect((await heard.until(isMessage)).what).toMatchObject({ method: 'after' });
  expect(child.noiseLines()).toBe(32);
  expect(shown).toHaveLength(20);
  expect(shown.slice(0, 3)).toEqual(['starting up', '{"level":30,"msg":"log"}', 'x'.repeat(200)]);
  expect(heard.items.filter(isReject)).toMatchObject([{ what: { id: 5, response: true } }]);
});

test('a message over the bound is refused under its id', async () => {
  const script = say(`{"jsonrpc":"2.0","id":5,"result":{"x":"${'y'.repeat(2000)}"}}`) + stay;
  const heard = listen(await start(script, { limits: { clientMessageBytesMax: 1000 } }));
  expect((await heard.until(isReject)).what).toMatchObject({ id: 5, response: true });
});

test('the death of the server ends the pipe with its exit code and last words', async () => {
  const dying = "console.error('\\x1b[1mboom');process.exit(3)";
  const script = say('{"jsonrpc":"2.0","method":"last"}') + dying;
  const child = await start(script);
  const heard = listen(child);
  const end = await heard.until(isEnd);
  expect(heard.items[0]?.what).toMatchObject({ method: 'last' });
  expect(end.what).toMatchObject({ kind: 'connectionClosed' });
  expect((end.what as Error).message).toMatch(/exited with code 3 \(standard error: boom\)$/);
  expect(await child.exited).toEqual({ code: 3, signal: null });
  expect(child.send({ jsonrpc: '2.0', method: 'late' })).toBeUndefined();
  await child.close();
  expect(heard.items.filter(isEnd)).toHaveLength(1);
});

test('whoever waits for room goes on when the server dies', async () => {
  const child = await start(stayForEver);
  const heard = listen(child);
  const sent = child.send({ jsonrpc: '2.0', method: 'm', params: { x: 'y'.repeat(5_000_000) } });
  expect(sent).toBeInstanceOf(Promise);
  process.kill(child.pid, 'SIGKILL');
  await sent;
  expect(((await heard.until(isEnd)).what as Error).message).toContain('was ended by SIGKILL');
});

test('a pipe that is started after the death of its server is told', async () => {
  const child = await start('process.exit(4)');
  await child.exited;
  const end = await listen(child).until(isEnd);
  expect((end.what as Error).message).toContain('code 4');
});

test('a server that closes its output but lives on is ended', async () => {
  const child = await start(`require('fs').closeSync(1);${stayForEver}`, inGroup);
  const heard = listen(child);
  const end = await heard.until(isEnd);
  expect((end.what as Error).message).toContain('closed its side');
  expect(await child.exited).toEqual({ code: null, signal: 'SIGTERM' });
});

cites('stdio/shutdown-in-steps');
test('close asks first: a server that minds the end of its input is not killed', async () => {
  const script = `process.stdin.on('end', () => process.exit(7)).resume();${stayForEver}`;
  const child = await start(script, { limits: { stdinCloseMs: 5000 } });
  await child.close();
  expect(await child.exited).toEqual({ code: 7, signal: null });
});

cites('stdio/shutdown-in-steps');
test.skipIf(process.platform === 'win32')('then it tells, then it kills', async () => {
  const told = await start(stayForEver);
  const ready = "process.on('SIGTERM', () => {});" + say('{"jsonrpc":"2.0","method":"ready"}');
  const deaf = await start(ready + stayForEver);
  await listen(deaf).until(isMessage);
  await Promise.all([told.close(), deaf.close()]);
  expect(await told.exited).toEqual({ code: null, signal: 'SIGTERM' });
  expect(await deaf.exited).toEqual({ code: null, signal: 'SIGKILL' });
});

test.skipIf(process.platform === 'win32')('what the server has started ends with it', async () => {
  const script =
    `const helper = require('child_process').spawn(process.execPath, ['-e', '${stayForEver}'],` +
    `{ stdio: 'inherit' });` +
    "const found = { jsonrpc: '2.0', id: helper.pid, method: 'm' };" +
    "process.stdout.write(JSON.stringify(found) + '\\n');" +
    "process.stdin.on('end', () => process.exit(0)).resume();";
  const child = await start(script, inGroup);
  const heard = listen(child);
  const { id } = (await heard.until(isMessage)).what as { id: number };
  expect(isRunning(id)).toBe(true);
  await child.close();
  await expect.poll(() => isRunning(id)).toBe(false);
  expect(textOf(heard)).not.toContain('closed its side');
});

test('standard error is handed over line by line as plain text', async () => {
  const lines: string[] = [];
  const script = "process.stderr.write('one\\n\\x1b[32mtwo\\x1b[0m\\r\\nthree')";
  const child = await start(script, { stderr: (line) => lines.push(line) });
  await listen(child).until(isEnd);
  expect(lines).toEqual(['one', 'two', 'three']);
  expect(child.stderrTail()).toBe('one\ntwo\nthree');
});
