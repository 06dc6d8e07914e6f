import { expect } from 'vitest';
import type { LogMessage, Progress } from '../../src/client/index.js';
import { cites } from '../requirements.js';
import { matrix } from './matrix.js';

matrix('progress arrives in order, before the result', async ({ server, connect }) => {
  server.tool('work', {}, async (_args, call) => {
    for (let n = 1; n <= 50; n++) await call.progress(n, { of: 50, message: `step ${n}` });
    return 'done';
  });
  const client = await connect();
  const seen: (Progress | string)[] = [];
  await client.callTool('work', {}, { onProgress: (progress) => seen.push(progress) });
  seen.push('result');
  const steps = Array.from({ length: 50 }, (_, at) => ({
    done: at + 1,
    of: 50,
    message: `step ${at + 1}`,
  }));
  expect(seen).toEqual([...steps, 'result']);
});

matrix('the first progress is seen while the call still runs', async ({ server, connect }) => {
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  server.tool('work', {}, async (_args, call) => {
    await call.progress(1);
    await finished;
    return 'done';
  });
  const client = await connect();
  // If progress came with the result only, nothing would ever finish the call.
  await client.callTool('work', {}, { onProgress: finish });
});

matrix('a listener that throws fails its own call, and no other', async ({ server, connect }) => {
  let go = (): void => undefined;
  const cancelled = new Promise<void>((resolve) => (go = resolve));
  server.tool('work', {}, async (_args, call) => {
    call.signal.addEventListener('abort', go);
    await call.progress(1);
    await cancelled;
    return 'done';
  });
  const client = await connect();
  const thrown = new Error('a listener of the caller');
  const failed = client.callTool(
    'work',
    {},
    {
      onProgress() {
        throw thrown;
      },
    },
  );
  await expect(failed).rejects.toMatchObject({ kind: 'cancelled', cause: thrown });
  // The server was told, or nothing would let it go on.
  await cancelled;
  expect(await client.callTool('work')).toMatchObject({ content: [{ text: 'done' }] });
});

cites('progress/grows');
matrix('progress only ever grows', async ({ server, connect, wire }) => {
  server.tool('work', {}, async (_args, call) => {
    for (const n of [1, 1, 0.5, 2, Number.NaN, 2, 3, -1]) await call.progress(n);
    return 'done';
  });
  const client = await connect();
  await client.callTool('work');
  const sent = wire.messages('server', 'notifications/progress');
  expect(sent.map(({ params }) => (params as { progress: number }).progress)).toEqual([1, 2, 3]);
});

cites('progress/only-asked');
matrix('without a token there is no progress on the wire', async ({ server, connect, wire }) => {
  server.resource('test://a', {}, async (_target, call) => {
    await call.progress(1);
    return 'a';
  });
  const client = await connect();
  await client.readResource('test://a');
  expect(wire.messages('server', 'notifications/progress')).toEqual([]);
  await client.readResource('test://a', { onProgress: () => undefined });
  expect(wire.messages('server', 'notifications/progress')).toHaveLength(1);
});

cites('progress/stops');
matrix('nothing is sent for a call that is over', async ({ server, connect, wire }) => {
  let late = (): Promise<void> => Promise.resolve();
  server.tool('work', {}, (_args, call) => {
    late = async () => {
      await call.progress(2);
      await call.log('alert', 'late');
    };
    return 'done';
  });
  const client = await connect({ logLevel: 'debug' });
  await client.callTool('work');
  const before = wire.frames.length;
  await late();
  await client.ping();
  const since = wire.frames.slice(before).map(({ message }) => message?.['method']);
  expect(since).not.toContain('notifications/progress');
  expect(since).not.toContain('notifications/message');
});

const levels = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
] as const;

cites('logging/level');
matrix('logs arrive from the wanted level on', async ({ server, connect, wire }) => {
  server.tool('work', {}, async (_args, call) => {
    for (const level of levels) await call.log(level, { level }, 'worker');
    return 'done';
  });
  for (const logLevel of levels) {
    const client = await connect({ logLevel });
    const seen: LogMessage[] = [];
    await client.callTool('work', {}, { onLog: (message) => seen.push(message) });
    const wanted = levels.slice(levels.indexOf(logLevel));
    expect(seen).toEqual(wanted.map((level) => ({ level, data: { level }, logger: 'worker' })));
  }
  const sent = wire.messages('server', 'notifications/message');
  expect(sent).toHaveLength((levels.length * (levels.length + 1)) / 2);
});

cites('logging/not-asked');
matrix('whoever names no level gets no logs', { eras: ['modern'] }, async (stage) => {
  stage.server.tool('work', {}, async (_args, call) => {
    await call.log('emergency', 'x');
    return 'done';
  });
  const client = await stage.connect();
  await client.callTool('work');
  expect(stage.wire.messages('server', 'notifications/message')).toEqual([]);
});

matrix('the listener of the client hears the logs of all calls', async (stage) => {
  stage.server.tool('work', {}, async (_args, call) => {
    await call.log('info', 'heard');
    await call.log('debug', 'not heard');
    return 'done';
  });
  const seen: LogMessage[] = [];
  const client = await stage.connect({ onLog: (message) => seen.push(message) });
  await Promise.all([client.callTool('work'), client.callTool('work')]);
  expect(seen.map(({ data }) => data)).toEqual(['heard', 'heard']);
});

matrix('a flood arrives whole and in order', async ({ server, connect }) => {
  const payload = 'x'.repeat(1000);
  server.tool('flood', {}, async (_args, call) => {
    for (let n = 0; n < 500; n++) void call.log('info', `${n} ${payload}`);
    return 'done';
  });
  const seen: string[] = [];
  const client = await connect({ onLog: ({ data }) => void seen.push(String(data)) });
  await client.callTool('flood');
  expect(seen).toEqual(Array.from({ length: 500 }, (_, n) => `${n} ${payload}`));
});
