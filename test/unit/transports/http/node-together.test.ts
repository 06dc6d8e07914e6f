/** Answers that leave together, on real sockets. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultLimits } from '../../../../src/limits.js';
import { createServer } from '../../../../src/server/index.js';
import { listen, type Listening } from '../../../../src/transports/http/index.js';
import { sendTogether } from '../../../../src/transports/http/node-together.js';
import { modernCall, modernList } from '../../../hostile/attack.js';
import { wireBytes } from '../../../hostile/bytes.js';
import { Line } from '../../../hostile/raw-http.js';

const tools = 200;

let listening: Listening;

beforeEach(async () => {
  const server = createServer({ name: 'together', version: '1.0.0' });
  for (let at = 0; at < tools; at++) {
    server.tool(`tool-${at}`, { description: 'ü'.repeat(500) }, () => `of ${at}`);
  }
  listening = await listen(server);
});

afterEach(() => listening.close({ drainMs: 0 }));

function list(id: number): Buffer {
  return Buffer.from(wireBytes(modernList(id), { port: listening.port }));
}

test('a list that is longer than one piece comes whole, to each with its own id', async () => {
  const lines = await Promise.all([1, 2, 3].map(() => Line.to(listening.port)));
  for (const [at, line] of lines.entries()) line.write(list(at));
  for (const [at, line] of lines.entries()) {
    const { status, body } = (await line.answer())!;
    expect(status).toBe(200);
    const { id, result } = JSON.parse(body) as { id: number; result: { tools: object[] } };
    expect([id, result.tools.length]).toEqual([at, tools]);
    line.hangUp();
  }
});

test('so many wait for the end of their turn and no more, and all leave in their order', async () => {
  const sent: number[] = [];
  for (let at = 0; at < 40; at++) sendTogether(() => sent.push(at), defaultLimits);
  expect(sent).toHaveLength(32);
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent).toEqual(Array.from({ length: 40 }, (_, at) => at));
});

// As much as is read from a socket at once; what follows is read next, in the same turn.
const readBytes = 64 * 1024;

test('an answer that was ready is not lost with what broke behind it', async () => {
  const padded = (pad: number): Buffer => {
    const meta = { pad: 'x'.repeat(pad) };
    return Buffer.from(wireBytes(modernCall('tool-1', {}, meta), { port: listening.port }));
  };
  const request = padded(60_000 + readBytes - padded(60_000).length);
  expect(request.length).toBe(readBytes);
  const line = await Line.to(listening.port);
  line.write(Buffer.concat([request, Buffer.from('this is not HTTP\r\n\r\n')]));
  expect((await line.answer())?.status).toBe(200);
  await line.closed;
});
