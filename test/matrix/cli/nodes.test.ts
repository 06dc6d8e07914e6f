/** `sallyport serve --nodes N`: one port, one store, several processes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { callOf } from '../node-stage.js';
import { jsonHeaders, type RawHeaders, type RawHttp, rawHttp } from '../raw-http.js';
import { freePort } from '../../contract/redis/server.js';
import { isRunning } from '../../is-running.js';
import { root, type Running, sallyport } from './processes.js';

const nodes = 3;

const server = `
import { createServer } from '${root}dist/server/index.js';
const server = createServer({ name: 'pids', version: '1' });
server.tool('pid', {}, () => String(process.pid));
server.tool('work', {}, async (_args, call) => {
  await call.progress(1, { message: String(process.pid) });
  await new Promise((resolve) => process.once('SIGUSR2', resolve));
  return 'done by ' + process.pid;
});
server.tool('spin', {}, async (_args, call) => {
  await call.progress(1, { message: String(process.pid) });
  setImmediate(() => { for (;;); });
});
server.tool('babble', {}, () => {
  for (const message of [null, {}, { is: 'call' }, { is: 'watch', id: 1 }]) process.send({ is: 'store', message });
  process.send(null);
  return 'babbled';
});
export default server;
`;

let folder: string;
let running: Running;
let raw: RawHttp;

/** Every request by a connection of its own, so that any node may get it. */
function eachAlone(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body, signal } = init;
    const sent = request(
      input as string,
      { method, headers: { ...(headers as object) }, agent: new Agent({ keepAlive: false }) },
      (response) => {
        const chunks = new ReadableStream<Uint8Array>({
          start(controller) {
            response.on('data', (chunk: Uint8Array) => controller.enqueue(chunk));
            response.on('end', () => controller.close());
            response.on('error', () => controller.close());
          },
        });
        const { statusCode: status = 0, headers: got } = response;
        const isEmpty = status === 204;
        const all = Object.entries(got).map(([name, value]): [string, string] => [
          name,
          String(value),
        ]);
        resolve(new Response(isEmpty ? null : chunks, { status, headers: all }));
      },
    );
    signal?.addEventListener('abort', () => sent.destroy());
    sent.on('error', reject);
    sent.end(body as string | undefined);
  });
}

async function serve(...words: string[]): Promise<void> {
  const file = join(folder, 'server.mjs');
  writeFileSync(file, server);
  running = sallyport(['serve', file, '--port', '0', '--nodes', `${nodes}`, ...words]);
  const [, url = ''] = await running.saying(/Serving \d nodes at (\S+)/);
  raw = rawHttp(url, eachAlone);
}

async function pidOf(session: RawHeaders): Promise<string> {
  const { text } = await raw.post(callOf(1, 'pid'), session);
  return /"text":"(\d+)"/.exec(text)?.[1] ?? text;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nodes-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  ['memory', []],
  ['SQLite', ['--store', 'sqlite:FILE']],
])('several processes that share %s', (_name, store) => {
  beforeEach(() => serve(...store.map((word) => word.replace('FILE', join(folder, 'store.db')))));

  test('serve every session, whichever gets a request', { timeout: 30_000 }, async () => {
    const session = await raw.open();
    const pids = new Set<string>();
    for (let count = 0; count < 30; count++) pids.add(await pidOf(session));
    expect(pids.size).toBe(nodes);
  });

  test('outlive one of them, and say what became of its work', { timeout: 30_000 }, async () => {
    const session = await raw.open();
    const stream = await raw.stream('POST', { ...jsonHeaders, ...session }, callOf(7, 'work'));
    await stream.next();
    const { id = '', message } = (await stream.next())!;
    const { message: pid } = message!['params'] as { message: string };
    process.kill(Number(pid), 'SIGKILL');
    expect(await stream.next()).toBeUndefined();
    await running.saying(/A node has ended/);
    const sse = { accept: 'text/event-stream', ...session };
    const again = await raw.stream('GET', { ...sse, 'last-event-id': id });
    const answer = await again.next();
    expect(answer).toMatchObject({ message: { id: 7, error: { message: expect.any(String) } } });
    const pids = new Set<string>();
    await expect
      .poll(async () => pids.add(await pidOf(session)).size, { timeout: 20_000 })
      .toBe(nodes);
    expect([...pids]).not.toContain(pid);
  });

  test('finish what runs when they are told to end', { timeout: 30_000 }, async () => {
    const session = await raw.open();
    const stream = await raw.stream('POST', { ...jsonHeaders, ...session }, callOf(7, 'work'));
    await stream.next();
    const { message } = (await stream.next())!;
    const { message: pid } = message!['params'] as { message: string };
    running.signal('SIGTERM');
    await running.saying(/Ending when running calls are done/);
    process.kill(Number(pid), 'SIGUSR2');
    expect(await stream.next()).toMatchObject({ message: { id: 7, result: {} } });
    expect((await running.ended).code).toBe(0);
  });
});

test('none of them is left behind, also one that hangs', { timeout: 30_000 }, async () => {
  await serve();
  const session = await raw.open();
  const stream = await raw.stream('POST', { ...jsonHeaders, ...session }, callOf(7, 'spin'));
  await stream.next();
  const { message } = (await stream.next())!;
  const pid = Number((message!['params'] as { message: string }).message);
  running.signal('SIGTERM');
  await running.saying(/Ending when running calls are done/);
  expect(isRunning(pid)).toBe(true);
  running.signal('SIGTERM');
  await running.ended;
  await expect.poll(() => isRunning(pid)).toBe(false);
});

test('one that sends what nobody understands ends nothing', { timeout: 30_000 }, async () => {
  await serve();
  const session = await raw.open();
  expect((await raw.post(callOf(1, 'babble'), session)).text).toContain('babbled');
  const pids = new Set<string>();
  for (let count = 0; count < 10; count++) pids.add(await pidOf(session));
  expect(pids.size).toBe(nodes);
});

test('others take the place of all, where all end at once', { timeout: 30_000 }, async () => {
  // With all of them the port is let go: any free one would be another one then.
  await serve('--port', String(await freePort()));
  const session = await raw.open();
  const old = new Set<string>();
  for (let count = 0; count < 10; count++) old.add(await pidOf(session));
  for (const pid of old) process.kill(Number(pid), 'SIGKILL');
  await running.saying(/(A node has ended[^]*){3}/);
  await expect
    .poll(() => pidOf(session).catch(() => undefined), { timeout: 20_000 })
    .toMatch(/^\d+$/);
  expect(old).not.toContain(await pidOf(session));
});

test.each([1, 2])('a start that hangs at node %s ends when it is told to', async (first) => {
  const counter = join(folder, 'starts');
  writeFileSync(
    join(folder, 'server.mjs'),
    `import { appendFileSync, readFileSync } from 'node:fs';
    appendFileSync('${counter}', 'x');
    const starts = readFileSync('${counter}', 'utf8').length;
    if (starts >= ${first}) {
      process.stderr.write('hanging ' + process.pid);
      await new Promise(() => setInterval(() => undefined, 1000));
    }${server}`,
  );
  running = sallyport(['serve', join(folder, 'server.mjs'), '--port', '0', '--nodes', '2']);
  const [, pid] = await running.saying(/hanging (\d+)/);
  running.signal('SIGTERM');
  expect((await running.ended).code).toBe(0);
  expect(isRunning(Number(pid))).toBe(false);
});

test('what keeps a node from starting is said once', async () => {
  writeFileSync(join(folder, 'server.mjs'), 'throw new Error("no licence")');
  running = sallyport(['serve', join(folder, 'server.mjs'), '--port', '0', '--nodes', '3']);
  const { code, stderr } = await running.ended;
  expect(code).not.toBe(0);
  expect(stderr.match(/no licence/g)).toHaveLength(1);
});

test.each([
  ['0', 'from 1 to'],
  ['x', 'from 1 to'],
  ['100000', 'from 1 to'],
])('%s is no number of nodes', async (count, why) => {
  running = sallyport(['serve', 'server.mjs', '--nodes', count]);
  const { code, stderr } = await running.ended;
  expect([code, stderr]).toEqual([1, expect.stringContaining(why)]);
});

test('a store that nobody knows is not said again, for it may hold a password', async () => {
  running = sallyport(['serve', 'server.mjs', '--store', 'mysql://me:secret@db']);
  const { code, stderr } = await running.ended;
  expect([code, stderr]).toEqual([1, expect.stringContaining('sqlite:FILE')]);
  expect(stderr).not.toContain('secret');
});
