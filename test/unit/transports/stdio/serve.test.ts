import { PassThrough, Writable } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import type { Pipe } from '../../../../src/engine/pipe.js';
import type { ParseFailure } from '../../../../src/json-rpc/parse.js';
import { type Limits, resolveLimits } from '../../../../src/limits.js';
import { type Clock, systemClock } from '../../../../src/platform/clock.js';
import { manualClock } from '../../../../src/testing/index.js';
import { stdioPipe } from '../../../../src/transports/stdio/serve.js';
import { cites } from '../../../requirements.js';
import { isEnd, isMessage, isReject, listen } from './listen.js';

interface Setup {
  readonly stdin: PassThrough;
  readonly stdout: Writable;
  readonly pipe: Pipe;
  /** What reached `stdout`, write by write. */
  readonly writes: string[];
}

function setUp(changes: Partial<Limits> = {}, clock: Clock = systemClock): Setup {
  const stdin = new PassThrough();
  const writes: string[] = [];
  const stdout = new Writable({
    write(chunk, _, done) {
      writes.push(String(chunk));
      done();
    },
  });
  const pipe = stdioPipe({ stdin, stdout, limits: resolveLimits(changes), clock });
  return { stdin, stdout, pipe, writes };
}

const note = (n: number): { jsonrpc: '2.0'; method: string } => ({
  jsonrpc: '2.0',
  method: `n${n}`,
});
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('lines in become messages, batches and rejects; the end is told once', async () => {
  const { stdin, pipe } = setUp();
  const heard = listen(pipe);
  stdin.write('{"jsonrpc":"2.0","id":1,"method":"m"}\r\n\n[{"jsonrpc":"2.0","method":"a"},5]\n');
  stdin.write('no message\n{"jsonrpc":"2.0","id":2,"meth');
  stdin.end('od":"m"}');
  await heard.until(isEnd);
  stdin.destroy();
  await pipe.close();
  expect(heard.items.map((item) => item.kind)).toEqual([
    'message',
    'message',
    'reject',
    'message',
    'end',
  ]);
  expect(heard.items[0]?.what).toEqual({ jsonrpc: '2.0', id: 1, method: 'm' });
  expect(heard.items[1]?.what).toMatchObject([{ method: 'a' }, { error: { code: -32600 } }]);
  expect(heard.items[2]?.what).toMatchObject({ error: { code: -32700 } });
  expect(heard.items[3]?.what).toMatchObject({ id: 2 });
  expect(heard.items[4]?.what).toBeUndefined();
});

test('a line over the bound is refused under its id, and the next one is heard', async () => {
  const { stdin, pipe } = setUp({ serverMessageBytesMax: 100 });
  const heard = listen(pipe);
  stdin.write(`{"jsonrpc":"2.0","id":9,"method":"m","params":{"x":"${'y'.repeat(500)}`);
  stdin.write(`${'y'.repeat(500)}"}}\n{"jsonrpc":"2.0","method":"m"}\n`);
  await heard.until(isMessage);
  expect(heard.items[0]?.what).toMatchObject({ id: 9, error: { code: -32600 } });
});

test('of many malformed lines at most one per second is reported', async () => {
  let now = 1000;
  const { stdin, pipe } = setUp({ noiseLinesMax: 3 }, { ...systemClock, now: () => now });
  const heard = listen(pipe);
  const rejects = (): number => heard.items.filter(isReject).length;
  const bad = async (count: number): Promise<void> => {
    stdin.write('bad\n'.repeat(count));
    await turn();
  };
  await bad(50);
  expect(rejects()).toBe(3);
  now += 999;
  await bad(50);
  expect(rejects()).toBe(3);
  now += 1;
  await bad(50);
  expect(rejects()).toBe(4);
  now += 60_000;
  await bad(50);
  expect(rejects()).toBe(7);
});

test('the first message of a turn leaves at once, the others of that turn together', async () => {
  const { pipe, writes } = setUp();
  void pipe.send(note(1));
  expect(writes).toEqual(['{"jsonrpc":"2.0","method":"n1"}\n']);
  void pipe.send(note(2));
  void pipe.send(note(3));
  await turn();
  expect(writes.slice(1)).toEqual([
    '{"jsonrpc":"2.0","method":"n2"}\n{"jsonrpc":"2.0","method":"n3"}\n',
  ]);
});

test('a reader that is behind makes the sender wait, until it has caught up', async () => {
  const taken: (() => void)[] = [];
  const stdout = new Writable({
    highWaterMark: 40,
    write: (_, __, done) => void taken.push(done),
  });
  const limits = resolveLimits();
  const pipe = stdioPipe({ stdin: new PassThrough(), stdout, limits, clock: systemClock });
  const first = pipe.send({ jsonrpc: '2.0', method: 'x'.repeat(40) });
  expect(first).toBeInstanceOf(Promise);
  let room = false;
  const waited = Promise.resolve(first).then(() => (room = true));
  await turn();
  expect(room).toBe(false);
  taken.shift()?.();
  await waited;
});

test('whoever waits for room goes on when the reader leaves, and the end is clean', async () => {
  const stdout = new Writable({
    highWaterMark: 1,
    write: (_, __, done) =>
      setImmediate(() => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))),
  });
  const stdin = new PassThrough();
  const pipe = stdioPipe({ stdin, stdout, limits: resolveLimits(), clock: systemClock });
  const heard = listen(pipe);
  await pipe.send(note(1));
  const end = await heard.until(isEnd);
  expect(end.what).toBeUndefined();
  expect(pipe.send(note(2))).toBeUndefined();
  await pipe.close();
  expect(heard.items).toHaveLength(1);
});

test('a reader that takes nothing for long is given up', async () => {
  const clock = manualClock();
  const stdout = new Writable({ highWaterMark: 1, write: () => undefined });
  const limits = resolveLimits({ slowReaderMs: 777, outboxBytesMax: 10 });
  const pipe = stdioPipe({ stdin: new PassThrough(), stdout, limits, clock });
  const heard = listen(pipe);
  void pipe.send(note(1));
  void pipe.send(note(2));
  await clock.advance(777);
  const end = await heard.until(isEnd);
  expect(end.what).toMatchObject({ kind: 'connectionClosed' });
});

test('a result that JSON cannot hold is answered as an internal error', async () => {
  const { pipe, writes } = setUp();
  await pipe.send({ jsonrpc: '2.0', id: 4, result: { n: 1n } });
  expect(JSON.parse(writes[0] ?? '')).toEqual({
    jsonrpc: '2.0',
    id: 4,
    error: { code: -32603, message: 'Internal error' },
  });
  const odd = pipe.send({ jsonrpc: '2.0', method: 'm', params: { n: 1n } });
  await expect(odd).rejects.toMatchObject({ kind: 'internal' });
});

test('close writes what waits, lets go of both streams, and hears nothing more', async () => {
  const { stdin, stdout, pipe, writes } = setUp();
  const heard = listen(pipe);
  void pipe.send(note(1));
  void pipe.send(note(2));
  const closed = pipe.close();
  expect(pipe.close()).toBe(closed);
  await closed;
  expect(writes.join('')).toContain('"n2"');
  const counts = [stdin, stdout].map((s) =>
    ['data', 'end', 'close', 'error', 'drain'].map((name) => s.listenerCount(name)),
  );
  // PassThrough has an `end` listener of its own.
  expect(counts.flat().reduce((a, b) => a + b)).toBe(new PassThrough().listenerCount('end'));
  expect(stdin.isPaused()).toBe(true);
  stdin.write('{"jsonrpc":"2.0","method":"late"}\n');
  await turn();
  expect(heard.items.map((item) => item.kind)).toEqual(['end']);
});

test('input that is over before the start still ends', async () => {
  const { stdin, pipe } = setUp();
  stdin.destroy();
  const heard = listen(pipe);
  await heard.until(isEnd);
  expect(heard.items).toHaveLength(1);
});

test('text chunks are read as well', async () => {
  const { stdin, pipe } = setUp();
  stdin.setEncoding('utf8');
  const heard = listen(pipe);
  stdin.write('{"jsonrpc":"2.0","method":"\u00e9"}\n');
  expect((await heard.until(isMessage)).what).toMatchObject({ method: '\u00e9' });
});

test('a broken request is a ParseFailure that knows its id', async () => {
  const { stdin, pipe } = setUp();
  const heard = listen(pipe);
  stdin.write('{"jsonrpc":"2.0","id":"q","method":5}\n');
  const failure = (await heard.until(isReject)).what as ParseFailure;
  expect(failure.id).toBe('q');
});

const realWrite = process.stdout.write;
afterEach(() => {
  process.stdout.write = realWrite;
  vi.restoreAllMocks();
});

cites('stdio/only-messages');
test('while the pipe is open standard output is its own, then it is given back', async () => {
  const written: string[] = [];
  const stray: string[] = [];
  const systemWrite = ((text: string, _?: unknown, done?: () => void) => {
    written.push(text);
    done?.();
    return true;
  }) as typeof process.stdout.write;
  process.stdout.write = systemWrite;
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stray.push(String(text));
    return true;
  });
  const limits = resolveLimits();
  const pipe = stdioPipe({ stdin: new PassThrough(), limits, clock: systemClock });
  process.stdout.write('stray\n');
  await pipe.send(note(1));
  await pipe.close();
  expect(process.stdout.write).toBe(systemWrite);
  expect(stray).toEqual(['stray\n']);
  expect(written.filter((text) => text !== '')).toEqual(['{"jsonrpc":"2.0","method":"n1"}\n']);
});
