/** What only a process of its own can show. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { main, root, sallyport, start } from './processes.js';

const folder = mkdtempSync(join(tmpdir(), 'process-'));
afterAll(() => rmSync(folder, { recursive: true }));

const server = module(
  'server.mjs',
  `import { createServer } from '${pathToFileURL(root).href}dist/index.js';
   console.log('printed while loading');
   const server = createServer({ name: 'small', version: '1.0.0' });
   server.tool('env', {}, () => JSON.stringify(process.env));
   server.tool('print', {}, () => { console.log('printed in a call'); return 'ok'; });
   export default server;`,
);

function module(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const child = ['--', process.execPath, main, 'serve', server, '--stdio'];

test('what a server prints does not disturb its protocol, and is shown', async () => {
  const { code, stdout, stderr } = await sallyport(['call', 'print', ...child]).ended;
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'ok\n' });
  expect(stderr).toContain('printed while loading');
  expect(stderr).toContain('printed in a call');
});

test('a child gets the variables that it was given, and no secrets', async () => {
  const env = { SECRET_TOKEN: 's3cret' };
  const { stdout } = await sallyport(['call', 'env', '-e', 'GIVEN=1', ...child], { env }).ended;
  const seen = JSON.parse(stdout) as { readonly [name: string]: string };
  expect(seen).toMatchObject({ GIVEN: '1' });
  expect(seen).not.toHaveProperty('SECRET_TOKEN');
});

test('arguments come from standard input', async () => {
  const typed = ['call', 'env', '-', '--json', ...child];
  expect((await sallyport(typed, { stdin: '{}' }).ended).code).toBe(0);
  const { code, stderr } = await sallyport(typed, { stdin: 'x' }).ended;
  expect(code).toBe(1);
  expect(JSON.parse(stderr)).toMatchObject({ error: { exit: 1 } });
});

test('a child that dies is told of once, with what to do', async () => {
  const dying = ['--', process.execPath, '-e', 'console.error("no disk"); process.exit(3)'];
  const { code, stderr } = await sallyport(['tools', '--era', 'legacy', ...dying]).ended;
  expect(code).toBe(4);
  expect(stderr).toMatch(/^no disk\nsallyport: .*exited with code 3.*\n {2}\S/);
  expect(stderr.match(/no disk/g)).toHaveLength(1);
});

test('serve --json prints its URL, and a port in use is said', async () => {
  const first = sallyport(['serve', server, '--port', '0', '--json']);
  const [line] = await first.saying(/^\{"url".*\}$/m);
  const { url, port } = JSON.parse(line) as { url: string; port: number };
  expect(url).toBe(`http://127.0.0.1:${port}/mcp`);
  const second = await sallyport(['serve', server, '--port', String(port)]).ended;
  expect(second.code).toBe(1);
  expect(second.stderr).toMatch(/Port \d+ of 127\.0\.0\.1 is in use.*\n {2}.*--port 0/);
});

test('a refusal stands in the log under the id that its caller was given', async () => {
  const serving = sallyport(['serve', server, '--port', '0']);
  const [, url = ''] = await serving.saying(/ at (http:\S+)/);
  const { status, headers } = await fetch(url, { method: 'POST', body: '{}' });
  const id = headers.get('x-request-id') ?? '';
  expect([status, id]).toEqual([415, expect.stringMatching(/^[\w-]{16}$/)]);
  await serving.saying(new RegExp(`Refused request ${id}: `));
  serving.signal('SIGTERM');
  expect((await serving.ended).code).toBe(0);
});

test('a public address without authentication is refused as a configuration', async () => {
  const { code, stderr } = await sallyport(['serve', server, '--host', '0.0.0.0']).ended;
  expect(code).toBe(78);
  expect(stderr).toContain('Refusing to listen on 0.0.0.0');
});

test.runIf(existsSync('/dev/full'))('a result that could not be written is said', async () => {
  const command = [process.execPath, main, 'call', 'print', ...child].map((word) => `'${word}'`);
  const full = spawnSync('/bin/sh', ['-c', `${command.join(' ')} >/dev/full`], {
    encoding: 'utf8',
  });
  expect(full.status).toBe(74);
  expect(full.stderr).toMatch(/^sallyport: The result could not be written: ENOSPC\.$/m);
});

test('a reader that has seen enough ends the command quietly', async () => {
  // Standard output is closed before anything is written to it.
  const script = `const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ${JSON.stringify([main, '--help'])},
      { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.destroy();
    child.on('close', (code) => process.exit(code));`;
  expect(await start(['-e', script]).ended).toEqual({ code: 0, stdout: '', stderr: '' });
});

test('a server that never answers is given up', async () => {
  const silent = createServer((socket) => socket.resume().on('error', () => undefined));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const words = ['ping', `http://127.0.0.1:${port}/mcp`, '--timeout', '300ms'];
  expect((await sallyport(words).ended).code).toBe(124);
  expect((await sallyport([...words, '--era', 'legacy']).ended).code).toBe(124);
  silent.close();
});
