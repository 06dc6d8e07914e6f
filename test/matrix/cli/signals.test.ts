/** Ctrl-C cancels by the protocol: the server stops working, whatever lies between. */
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { filesServer, main, sallyport, start } from './processes.js';

// The second file is made of nothing, and takes minutes to read.
const folder = mkdtempSync(join(tmpdir(), 'endless-'));
writeFileSync(join(folder, 'a.txt'), 'small');
writeFileSync(join(folder, 'b.bin'), '');
truncateSync(join(folder, 'b.bin'), 64 * 2 ** 30);
afterAll(() => rmSync(folder, { recursive: true }));

const env = { FILES_ROOT: folder };
const hasStopped = /process_files stopped: cancelled after 1 of 2 files/;

describe.each(['modern', 'legacy'])('of the %s era', (era) => {
  test('Ctrl-C cancels a call over HTTP', async () => {
    const server = sallyport(['serve', filesServer, '--port', '0'], { env });
    const [, url = ''] = await server.saying(/ at (http:\S+)/);
    const call = sallyport(['call', url, 'process_files', '--era', era]);
    await call.saying(/1\/2 a\.txt/);
    call.signal('SIGINT');
    expect(await call.ended).toMatchObject({ code: 130, stdout: '' });
    await server.saying(hasStopped);
    server.signal('SIGTERM');
    expect((await server.ended).code).toBe(0);
  });

  test('Ctrl-C cancels a call over stdio, and the child says so before it ends', async () => {
    const child = [process.execPath, main, 'serve', filesServer, '--stdio'];
    const options = ['-e', `FILES_ROOT=${folder}`, '--era', era];
    const call = sallyport(['call', 'process_files', ...options, '--', ...child]);
    await call.saying(/1\/2 a\.txt/);
    call.signal('SIGINT');
    const { code, stdout, stderr } = await call.ended;
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toMatch(hasStopped);
  });
});

test('a second Ctrl-C does not wait for a server that will not end', async () => {
  // Answers nothing, and ignores the end of its input and SIGTERM.
  const stubborn =
    "process.on('SIGTERM', () => 0); console.error('pid', process.pid); setInterval(() => 0, 1e6);";
  const call = sallyport(['tools', '--era', 'legacy', '--', process.execPath, '-e', stubborn]);
  const [, pid] = await call.saying(/pid (\d+)/);
  onTestFinished(() => void process.kill(Number(pid), 'SIGKILL'));
  call.signal('SIGINT');
  await call.saying(/Cancelling/);
  call.signal('SIGINT');
  expect((await call.ended).code).toBe(130);
  // Had it been waited for, it would have been killed.
  expect(process.kill(Number(pid), 0)).toBe(true);
});

test('Ctrl-C ends a server, after the calls that run', async () => {
  const server = sallyport(['serve', filesServer, '--port', '0'], { env });
  await server.saying(/ at http/);
  server.signal('SIGINT');
  expect((await server.ended).code).toBe(130);
});

test('Ctrl-C during npm start cancels the call, the server stops, all ends with 130', async () => {
  const running = start(['--import', 'tsx', 'examples/files/start.ts', '--dir', folder]);
  await running.saying(/1\/2 a\.txt/);
  running.signal('SIGINT');
  const { code, stdout, stderr } = await running.ended;
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  expect(stderr).toMatch(hasStopped);
});
