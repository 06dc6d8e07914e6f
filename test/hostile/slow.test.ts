/** Clients that take their time: each is cut by the server, and the naive one still waits for it. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemPlatform } from '../../src/platform/platform.js';
import { manualPlatform } from '../../src/testing/clock.js';
import {
  createEndpoint,
  fetchHandler,
  listen,
  nodeHandler,
} from '../../src/transports/http/index.js';
import { modernCall, plainGet } from './attack.js';
import { headerLines, wireBytes } from './bytes.js';
import { openDoor, rawDoorNames } from './doors.js';
import { type NaiveServer, openNaiveServer } from './naive-server.js';
import { Line } from './raw-http.js';
import { expectManners } from './run.js';
import { createVictim } from './victim.js';

const limits = { headersMs: 100, bodyMs: 150, idleConnectionMs: 400, slowCheckMs: 20 };
const victim = createVictim();
const call = wireBytes(modernCall('wipe'), { port: 80 }).toString('latin1');
const bodyAt = call.indexOf('\r\n\r\n') + 4;
const chunked = wireBytes({ ...modernCall('wipe'), chunked: 50 }, { port: 80 }).toString('latin1');
const expecting = call
  .replace('\r\n\r\n', '\r\nExpect: 100-continue\r\n\r\n')
  .slice(0, bodyAt + 22);

let naive: NaiveServer;
let port: number;
let close: () => Promise<void>;

beforeAll(async () => {
  naive = await openNaiveServer();
  const listening = await listen(victim.served, { limits });
  ({ port } = listening);
  close = () => listening.close({ drainMs: 0 });
});
afterAll(() => Promise.all([naive.close(), close()]));

interface Slow {
  readonly name: string;
  /** What is sent at once. */
  readonly first: string;
  /** What follows, one character each few ms, for as long as the connection lasts. */
  readonly drip?: string;
  /** Statuses below 200 that are said first. */
  readonly interim?: readonly number[];
}

const attacks: readonly Slow[] = [
  { name: 'nothing', first: '' },
  { name: 'half a request line', first: 'POST /mc' },
  { name: 'half of the headers', first: call.slice(0, 100) },
  { name: 'headers letter by letter', first: call.slice(0, bodyAt - 2), drip: 'x' },
  { name: 'blank lines before the request', first: '', drip: '\n' },
  { name: 'no body', first: call.slice(0, bodyAt) },
  { name: 'half of the body', first: call.slice(0, bodyAt + 50) },
  { name: 'a body letter by letter', first: call.slice(0, bodyAt), drip: ' ' },
  { name: 'chunks without an end', first: chunked.slice(0, -5) },
  {
    name: 'a chunk letter by letter',
    first: `${chunked.slice(0, chunked.indexOf('\r\n\r\n') + 4)}ffff\r\n`,
    drip: ' ',
  },
  { name: 'no body, although it was asked for', first: expecting, interim: [100] },
];

describe('our listener cuts', () => {
  test.each(attacks)('$name', async ({ first, drip, interim = [] }) => {
    const [ours, theirs] = [await Line.to(port), await Line.to(naive.port)];
    for (const line of [ours, theirs]) line.write(first);
    const stopDrip = drip === undefined ? () => undefined : dripInto([ours, theirs], drip);
    const answer = await ours.answer();
    await ours.closed;
    stopDrip();
    expect(theirs.isOpen).toBe(true);
    theirs.hangUp();
    expect(answer).toMatchObject({ status: 408, interim });
    expectManners(answer!);
    expect(answer?.headers.get('connection')).toBe('close');
    expect(JSON.parse(answer!.body)).toMatchObject({ error: { code: 408 } });
    expect(victim.runs).toBe(0);
  });

  test('a connection that is idle', async () => {
    const [ours, theirs] = [await Line.to(port), await Line.to(naive.port)];
    for (const line of [ours, theirs]) {
      line.write(wireBytes({ ...plainGet, target: '/healthz' }, { port }));
      expect((await line.answer())?.status).toBe(200);
    }
    await ours.closed;
    expect(theirs.isOpen).toBe(true);
    theirs.hangUp();
  });

  test('a body that nobody waits for, without a second answer', async () => {
    const line = await Line.to(port);
    line.write(call.replace('127.0.0.1:80', 'evil.example').slice(0, bodyAt + 50));
    expect((await line.answer())?.status).toBe(403);
    expect(await line.answer()).toBeUndefined();
  });

  test('and lets who is quick go on', async () => {
    const line = await Line.to(port);
    for (let count = 0; count < 20; count++) {
      line.write(wireBytes(modernCall('look'), { port }));
      expect((await line.answer())?.status).toBe(200);
    }
    line.hangUp();
  });
});

test('a handler in another server cuts slow bodies too', async () => {
  const endpoint = createEndpoint(victim.served, { limits });
  const server = createServer(nodeHandler(endpoint)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  for (const sent of [bodyAt, bodyAt + 50]) {
    const line = await Line.to((server.address() as AddressInfo).port);
    line.write(call.slice(0, sent));
    expect((await line.answer())?.status).toBe(408);
    await line.closed;
  }
  server.close();
  expect(victim.runs).toBe(0);
});

test('web requests with slow bodies are cut', async () => {
  const handle = fetchHandler(createEndpoint(victim.served, { limits }));
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('{"jsonrpc":')),
  });
  const headers = headerLines(modernCall('wipe').headers, { port: 80 });
  const init = { method: 'POST', headers, body, duplex: 'half' } as const;
  const response = await handle(new Request('http://127.0.0.1/mcp', init));
  expect(response.status).toBe(408);
  expect(victim.runs).toBe(0);
});

describe.each(rawDoorNames)('by %s', (name) => {
  // A grace that no other timer has.
  const bodyGraceMs = 5003;

  /** Sends so much of a body of 8 KiB, lets the grace pass, sends the rest. */
  async function sendInTwo(bytes: number): Promise<{ status: number; runs: number }> {
    const { clock } = manualPlatform();
    const platform = { ...systemPlatform, clock };
    const door = await openDoor(name, { platform, limits: { bodyGraceMs } });
    const line = await Line.to(door.port!);
    const parts = modernCall('wipe');
    const body = JSON.stringify(parts.body).padStart(8 * 1024);
    const whole = wireBytes({ ...parts, body }, { port: door.port! });
    const cut = whole.length - body.length + bytes;
    line.write(whole.subarray(0, cut));
    await clock.armed((ms) => ms === bodyGraceMs);
    await clock.advance(bodyGraceMs);
    line.write(whole.subarray(cut));
    const answer = await line.answer();
    line.hangUp();
    await door.close();
    return { status: answer?.status ?? 0, runs: door.victim.runs };
  }

  test('a body below the least pace is cut once its grace is over', async () => {
    for (const bytes of [0, 100, 5 * 1024]) {
      expect(await sendInTwo(bytes)).toEqual({ status: 408, runs: 0 });
    }
  });

  test('one that keeps up is not', async () => {
    expect(await sendInTwo(6 * 1024)).toEqual({ status: 200, runs: 1 });
  });
});

test.each([
  [5 * 1024 - 1, 408],
  [5 * 1024, 200],
])('web requests keep the same pace: after %i bytes %i', async (bytes, status) => {
  const { clock } = manualPlatform();
  const platform = { ...systemPlatform, clock };
  const handle = fetchHandler(createEndpoint(createVictim().served, { platform }));
  const parts = modernCall('wipe');
  const whole = new TextEncoder().encode(JSON.stringify(parts.body).padStart(8 * 1024));
  let sendRest = (): void => undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(whole.subarray(0, bytes));
      sendRest = () => {
        controller.enqueue(whole.subarray(bytes));
        controller.close();
      };
    },
  });
  const init = { method: 'POST', headers: headerLines(parts.headers, { port: 80 }), body };
  const request = new Request('http://127.0.0.1/mcp', { ...init, duplex: 'half' } as RequestInit);
  const answering = handle(request);
  await clock.armed((ms) => ms === 5000);
  await clock.advance(5000);
  if (status === 200) sendRest();
  expect((await answering).status).toBe(status);
});

/** Writes `text` again and again, until it is told to stop. */
function dripInto(lines: readonly Line[], text: string): () => void {
  const timer = setInterval(() => {
    for (const line of lines) line.write(text);
  }, 5);
  return () => clearInterval(timer);
}
