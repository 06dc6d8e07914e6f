/** Readers on real sockets that take little or nothing of what they asked for. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Limits } from '../../../src/limits.js';
import { createServer, type Call } from '../../../src/server/index.js';
import { type ManualPlatform, manualPlatform } from '../../../src/testing/index.js';
import { listen, type Listening } from '../../../src/transports/http/index.js';
import { initialize, inSession, modernCall, type Parts } from '../../hostile/attack.js';
import { wireBytes } from '../../hostile/bytes.js';
import { Line } from '../../hostile/raw-http.js';

const slowReaderMs = 1000;
const huge = 'x'.repeat(20_000_000);

let listening: Listening;
let platform: ManualPlatform;
const readers: Socket[] = [];

afterEach(async () => {
  for (const reader of readers.splice(0)) reader.destroy();
  await listening.close({ drainMs: 0 });
});

async function serve(
  handler: (call: Call) => Promise<string>,
  limits: Partial<Limits> = {},
): Promise<void> {
  const server = createServer({ name: 'slow', version: '1.0.0' });
  server.tool('run', {}, (_, call) => handler(call));
  platform = manualPlatform();
  listening = await listen(server, { platform, limits: { slowReaderMs, ...limits } });
}

/** Sends a request and reads nothing. */
function ask(parts: Parts): Socket {
  const { port } = listening;
  const reader = connect(port, '127.0.0.1').on('error', () => undefined);
  readers.push(reader.pause());
  reader.write(wireBytes(parts, { port }));
  return reader;
}

const call = modernCall('run', {}, { progressToken: 1 });

/** Reads until so many bytes have come in all, then stops again. */
async function read(reader: Socket, bytes: number): Promise<void> {
  while (reader.bytesRead < bytes) if (reader.read() === null) await once(reader, 'readable');
}

describe('a reader that takes nothing of a complete answer is cut', () => {
  test.each([
    ['JSON', async () => huge],
    ['the last words of a stream', async ({ progress }: Bound) => (await progress(1), huge)],
  ])('%s', async (_name, handler) => {
    await serve((it) => handler({ progress: (value) => it.progress(value) }));
    const reader = ask(call);
    const closed = once(reader, 'close');
    await platform.clock.armed((ms) => ms === slowReaderMs);
    await platform.clock.advance(slowReaderMs);
    reader.resume();
    await closed;
    expect(reader.bytesRead).toBeLessThan(huge.length);
  });
});

test('a call that waits for such a reader is over before it can go on', async () => {
  let tell = (_aborted: boolean): void => undefined;
  const aborted = new Promise<boolean>((resolve) => (tell = resolve));
  await serve(async (it) => {
    const { signal } = it;
    await it.progress(1, { message: huge });
    tell(signal.aborted);
    return 'done';
  });
  ask(call);
  await platform.clock.armed((ms) => ms === slowReaderMs);
  await platform.clock.advance(slowReaderMs);
  expect(await aborted).toBe(true);
});

interface Bound {
  readonly progress: (value: number) => Promise<void>;
}

describe('a reader that goes on taking is not cut, however slow it is', () => {
  test.each(['of a complete answer', 'of a stream'])('%s', { timeout: 30_000 }, async (what) => {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    await serve(
      async (it) => {
        if (what === 'of a complete answer') return huge;
        void it.progress(1);
        void it.progress(2, { message: huge });
        void it.progress(3, { message: huge });
        await released;
        return 'done';
      },
      { outboxBytesMax: 1000 },
    );
    const reader = ask(call);
    await platform.clock.armed((ms) => ms === slowReaderMs);
    for (let step = 1; step <= 4; step++) {
      await read(reader, step * 4_000_000);
      await platform.clock.advance(slowReaderMs * 0.6);
    }
    await read(reader, huge.length);
    expect(reader.destroyed).toBe(false);
    release();
  });
});

describe('a flood that nobody holds back', () => {
  const outboxBytesMax = 64 * 1024;
  /** More than sockets take by themselves. */
  const message = 'y'.repeat(1000);
  const count = 20_000;

  test('of progress leaves the newest, and the answer, to a modern reader', async () => {
    await serve(
      async (it) => {
        for (let value = 1; value <= count; value++) void it.progress(value, { message });
        return 'done';
      },
      { outboxBytesMax },
    );
    const reader = ask(call);
    let heard = '';
    reader.on('data', (chunk) => (heard += String(chunk))).resume();
    while (!heard.includes('"done"')) await once(reader, 'data');
    expect(heard).toContain(`"progress":${count},`);
    expect(heard.length).toBeLessThan(outboxBytesMax * 4);
  });

  test('in a session cuts the connection, and the work goes on', async () => {
    let isDone = (): void => undefined;
    const done = new Promise<void>((resolve) => (isDone = resolve));
    await serve(
      async (it) => {
        for (let value = 1; value <= count; value++) void it.progress(value, { message });
        isDone();
        return 'done';
      },
      { outboxBytesMax },
    );
    const { port } = listening;
    const line = await Line.to(port);
    line.write(wireBytes(initialize, { port }));
    const session = (await line.answer())?.headers.get('mcp-session-id') ?? '';
    line.hangUp();
    const params = { name: 'run', arguments: {}, _meta: { progressToken: 1 } };
    const request = { jsonrpc: '2.0', id: 7, method: 'tools/call', params };
    const reader = ask(inSession(request, session));
    const closed = once(reader.resume(), 'close');
    await done;
    await closed;
    expect(reader.bytesRead).toBeLessThan(outboxBytesMax * 16);
  });
});
