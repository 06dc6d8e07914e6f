/** A server with its store in a file is killed, and comes back as if nothing had been. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type RawEvent, type RawHeaders, rawHttp, type RawStream } from '../../matrix/raw-http.js';
import { type BuiltChild, buildChild } from '../build-child.js';

const sse = { accept: 'text/event-stream' };
const json = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
const restartMsMax = 2000;
const sessions = 3;
/** Read of each stream before the server is killed. */
const eventsRead = 60;

let program: BuiltChild;
let folder = '';
let running: ChildProcess | undefined;
let port = 0;

beforeAll(async () => {
  program = await buildChild('restart/server.ts');
}, 60_000);
afterAll(() => program?.remove());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'restart-'));
  port = 0;
});
afterEach(async () => {
  await kill();
  rmSync(folder, { recursive: true });
});

/** Resolves with how long it took until it listened. */
async function start(): Promise<number> {
  const startedAt = performance.now();
  const words = ['--no-warnings', program.path, join(folder, 'store.db'), String(port)];
  running = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = (await once(running.stdout!, 'data')) as [Buffer];
  port = Number(String(said));
  return performance.now() - startedAt;
}

async function kill(): Promise<void> {
  if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
  running.kill('SIGKILL');
  await once(running, 'exit');
}

/** What came on a stream, until it broke off. */
interface Reading {
  readonly session: RawHeaders;
  readonly callId?: number;
  readonly events: RawEvent[];
  readonly hasRead: Promise<void>;
  readonly hasBroken: Promise<void>;
}

function read(stream: RawStream, session: RawHeaders, callId?: number): Reading {
  const events: RawEvent[] = [];
  let enough = (): void => undefined;
  const hasRead = new Promise<void>((resolve) => (enough = resolve));
  const all = async (): Promise<void> => {
    for (let one = await stream.next(); one !== undefined; one = await stream.next()) {
      events.push(one);
      if (events.length === eventsRead) enough();
    }
  };
  const hasBroken = all().catch(() => undefined);
  return { session, ...(callId === undefined ? {} : { callId }), events, hasRead, hasBroken };
}

function seqOf({ id = '' }: RawEvent): number {
  return Number(id.split('-')[1]);
}

async function nextAll(stream: RawStream, count: number): Promise<readonly RawEvent[]> {
  const events: RawEvent[] = [];
  while (events.length < count) {
    const one = await stream.next();
    if (one === undefined) break;
    events.push(one);
  }
  return events;
}

test('killed twice: every event that a client has had is there again, in its place', async () => {
  await start();
  const raw = rawHttp(`http://127.0.0.1:${port}/mcp`, fetch);
  const open = async (callId: number): Promise<readonly Reading[]> => {
    const session = await raw.open();
    for (let at = 0; at < 8; at++) {
      const params = { uri: `test://r${at}` };
      const subscribe = { jsonrpc: '2.0', id: at + 1, method: 'resources/subscribe', params };
      expect((await raw.post(subscribe, session)).status).toBe(200);
    }
    const get = await raw.stream('GET', { ...sse, ...session });
    const params = { name: 'work', arguments: {}, _meta: { progressToken: callId } };
    const call = { jsonrpc: '2.0', id: callId, method: 'tools/call', params };
    const post = await raw.stream('POST', { ...json, ...session }, call);
    return [read(get, session), read(post, session, callId)];
  };
  let lost = 0;
  const restarts: number[] = [];
  for (const round of [1, 2]) {
    const opened = await Promise.all(
      Array.from({ length: sessions }, (_, at) => open(round * 100 + at)),
    );
    const readings = opened.flat();
    await Promise.all(readings.map(({ hasRead }) => hasRead));
    await kill();
    await Promise.all(readings.map(({ hasBroken }) => hasBroken));
    restarts.push(await start());

    for (const { session, callId, events } of readings) {
      const [first, ...rest] = events;
      const again = await raw.stream('GET', { ...sse, ...session, 'last-event-id': first!.id! });
      expect(again.status).toBe(200);
      const replayed = await nextAll(again, rest.length);
      expect(replayed).toEqual(rest);
      // It goes on without a gap: with its end, which nobody knows, or with what is new.
      const more = await nextAll(again, callId === undefined ? 10 : Infinity);
      const all = [...replayed, ...more].map(seqOf);
      lost += all.filter((seq, at) => at > 0 && seq !== all[at - 1]! + 1).length;
      const end = { message: { id: callId, error: { code: 520 } } };
      expect(more.at(-1)).toMatchObject(callId === undefined ? { message: {} } : end);
      again.cut();
    }
  }
  expect(lost).toBe(0);
  console.log(`killed and back in ${restarts.map((ms) => Math.round(ms)).join(' and ')} ms`);
  expect(Math.max(...restarts)).toBeLessThan(restartMsMax);
}, 60_000);
