import { expect } from 'vitest';
import type { Server } from '../../src/index.js';
import { cites } from '../requirements.js';
import { matrix } from './matrix.js';

/** A tool that runs until it is stopped, and then still tries to say things. */
function addHang(server: Server): { entered: Promise<void>; stopped: Promise<unknown> } {
  let enter = (): void => undefined;
  let stop = (_reason: unknown): void => undefined;
  const entered = new Promise<void>((resolve) => (enter = resolve));
  const stopped = new Promise<unknown>((resolve) => (stop = resolve));
  server.tool('hang', {}, async (_args, call) => {
    await call.progress(1);
    enter();
    await new Promise((resolve) => call.signal.addEventListener('abort', resolve));
    await call.progress(2);
    await call.log('alert', 'late');
    stop(call.signal.reason);
    return 'late';
  });
  return { entered, stopped };
}

function abortable(): { signal: AbortSignal; abort: (reason: unknown) => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason) => controller.abort(reason) };
}

cites('cancel/stops', 'cancel/silence');
matrix('a cancelled call stops the handler, and nothing more is sent', async (stage) => {
  const { server, connect, wire, reported } = stage;
  const { stopped } = addHang(server);
  const client = await connect({ logLevel: 'debug' });
  const { signal, abort } = abortable();
  let heard = (): void => undefined;
  const progress = new Promise<void>((resolve) => (heard = resolve));
  const call = client.callTool('hang', {}, { signal, onProgress: heard });
  await progress;
  const id = wire.messages('client', 'tools/call')[0]?.['id'];
  abort(new Error('not wanted'));
  await expect(call).rejects.toMatchObject({ kind: 'cancelled', fromPeer: false });
  expect(await stopped).toMatchObject({ kind: 'cancelled' });
  await client.ping();
  expect(wire.messages('server').filter((message) => message['id'] === id)).toEqual([]);
  expect(wire.messages('server', 'notifications/progress')).toHaveLength(1);
  expect(wire.messages('server', 'notifications/message')).toEqual([]);
  expect(wire.text()).not.toContain('not wanted');
  expect(reported).toEqual([]);
});

matrix('a call that is cancelled before it is sent is never sent', async (stage) => {
  addHang(stage.server);
  const client = await stage.connect();
  const call = client.callTool('hang', {}, { signal: AbortSignal.abort() });
  await expect(call).rejects.toMatchObject({ kind: 'cancelled' });
  expect(stage.wire.messages('client', 'tools/call')).toEqual([]);
});

cites('timeout/all', 'timeout/cancels', 'rpc/local-errors');
matrix('the client waits so long, and cancels', async ({ server, connect, clock }) => {
  const { stopped } = addHang(server);
  const client = await connect();
  let heard = (): void => undefined;
  const progress = new Promise<void>((resolve) => (heard = resolve));
  const call = client.callTool('hang', {}, { timeoutMs: 5000, onProgress: heard });
  const failed = expect(call).rejects.toMatchObject({ kind: 'timeout', fromPeer: false });
  await progress;
  await clock.advance(5001);
  await failed;
  expect(await stopped).toMatchObject({ kind: 'cancelled' });
});

cites('timeout/ceiling');
matrix('progress extends the wait, up to the ceiling', async ({ server, connect, clock }) => {
  const waiting: (() => void)[] = [];
  server.tool('work', {}, async (_args, call) => {
    for (let n = 1; !call.signal.aborted; n++) {
      await call.progress(n);
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        call.signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    return 'never';
  });
  const client = await connect();
  let heard = (): void => undefined;
  const next = (): Promise<void> => new Promise((resolve) => (heard = resolve));
  let progress = next();
  const call = client.callTool(
    'work',
    {},
    { timeoutMs: 1000, timeoutMsMax: 3500, onProgress: () => heard() },
  );
  let ended = false;
  const failed = expect(call.finally(() => (ended = true))).rejects.toMatchObject({
    kind: 'timeout',
  });
  for (let n = 0; n < 4; n++) {
    await progress;
    await clock.advance(800);
    expect(ended).toBe(false);
    progress = next();
    waiting.shift()?.();
  }
  await progress;
  await clock.advance(301);
  await failed;
});

matrix('the server waits so long, longer with progress', async ({ server, connect, clock }) => {
  let go = (): void => undefined;
  let stopped: unknown;
  let step = (): Promise<void> => new Promise((resolve) => (go = resolve));
  server.tool('work', { timeoutMs: 1000 }, async (_args, call) => {
    call.signal.addEventListener('abort', () => (stopped = call.signal.reason));
    await step();
    await call.progress(1);
    await step();
    return 'never';
  });
  const client = await connect();
  let heard = (): void => undefined;
  const progress = new Promise<void>((resolve) => (heard = resolve));
  const entered = new Promise<void>((resolve) => {
    const first = step;
    step = () => {
      step = first;
      resolve();
      return first();
    };
  });
  const call = client.callTool('work', {}, { onProgress: heard });
  const failed = expect(call).rejects.toMatchObject({ code: 504, fromPeer: true });
  await entered;
  await clock.advance(900);
  go();
  await progress;
  await clock.advance(900);
  expect(stopped).toBeUndefined();
  await clock.advance(200);
  await failed;
  expect(stopped).toMatchObject({ kind: 'timeout' });
});

matrix('closing the client settles every call, once', async ({ server, connect }) => {
  const { entered, stopped } = addHang(server);
  const client = await connect();
  let settled = 0;
  const calls = [1, 2, 3].map(() => {
    const call = client.callTool('hang').finally(() => settled++);
    return expect(call).rejects.toMatchObject({ kind: 'connectionClosed', fromPeer: false });
  });
  await entered;
  await client.close();
  await client.close();
  await Promise.all(calls);
  expect(settled).toBe(3);
  await stopped;
  await expect(client.callTool('hang')).rejects.toMatchObject({ kind: 'connectionClosed' });
});

matrix('closing the server settles every call', async ({ server, connect, host }) => {
  const { entered, stopped } = addHang(server);
  const client = await connect();
  const call = client.callTool('hang');
  const failed = expect(call).rejects.toSatisfy(({ kind, code }) =>
    // A pipe just ends; over HTTP there is still an answer to give: nobody knows how far it came.
    host.url === undefined ? kind === 'outcomeUnknown' : code === 520 || kind === 'outcomeUnknown',
  );
  await entered;
  await host.close();
  await failed;
  expect(await stopped).toMatchObject({ kind: 'cancelled' });
});

matrix('giving up while connecting leaves nothing behind', async ({ host, clock }) => {
  await expect(host.connect({ signal: AbortSignal.abort() })).rejects.toMatchObject({
    kind: 'cancelled',
  });
  await host.close();
  expect(clock.waiting).toBe(0);
});
