/** A server that our client started and that dies, hangs, rests or grows old, in both eras. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Change } from '../../../src/client/index.js';
import type { CommandTarget } from '../../../src/connect.js';
import { type Client, connect, type ConnectOptions } from '../../../src/index.js';
import { cites } from '../../requirements.js';
import { mortal, Said } from './program.js';
import { isRunning } from '../../is-running.js';

let folder = '';
let said = new Said();
const clients: Client[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'restart-'));
  said = new Said();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await rm(folder, { recursive: true });
  expect(said.pids().filter(isRunning)).toEqual([]);
});

const limits = { probeMs: 60_000, restartMs: 20, stdinCloseMs: 500, terminateMs: 500 };

async function start(
  options: ConnectOptions,
  changes: Partial<CommandTarget> = {},
): Promise<Client> {
  const target = { ...mortal(join(folder, 'mark'), said), ...changes };
  const client = await connect(target, {
    eraCache: false,
    ...options,
    limits: { ...limits, ...options.limits },
  });
  clients.push(client);
  return client;
}

async function pidOf(client: Client): Promise<number> {
  const { content } = await client.callTool('pid');
  return Number((content[0] as { text: string }).text);
}

/** What the children have said so far: it comes by another pipe than their answers. */
const expectSaid = <Part>(part: (all: ReturnType<typeof said.byProcess>) => Part) =>
  expect.poll(() => part(said.byProcess()));

/** Has the process that was started as the nth, from 0, answer a call. */
async function expectAnswerFrom(nth: number, client: Client, call = 'pid'): Promise<void> {
  const { content } = await client.callTool(call);
  await expect.poll(() => [{ type: 'text', text: String(said.pids()[nth]) }]).toEqual(content);
}

const outcomeUnknown = {
  kind: 'outcomeUnknown',
  message: expect.stringMatching(/exited with code 3 .*out of luck.*before it answered/s),
};

describe.each(['modern', 'legacy'] as const)('a child process, %s', (era) => {
  cites('stdio/restart');
  test('that dies is started again, and not asked again what it is', async () => {
    const client = await start({ era, logLevel: 'error' });
    const first = await pidOf(client);
    const lost = [client.callTool('never'), client.callTool('die')];
    for (const { reason } of (await Promise.allSettled(lost)) as PromiseRejectedResult[]) {
      expect(reason).toMatchObject(outcomeUnknown);
    }
    expect(await pidOf(client)).not.toBe(first);
    const opening = ['initialize', 'notifications/initialized', 'logging/setLevelerror'];
    await expectSaid((all) => all[1]).toEqual([
      'started',
      ...(era === 'legacy' ? opening : []),
      'tools/callpid',
    ]);
  });

  test('that dies while it only looks is asked again', async () => {
    const client = await start({ era });
    await client.listTools();
    const first = await pidOf(client);
    await expectAnswerFrom(1, client, 'die once');
    expect(said.pids()[0]).toBe(first);
  });

  cites('stdio/listens-again');
  test('that dies is listened to again, unasked', async () => {
    const client = await start({ era });
    const changes = client.listen({ tools: true, uris: ['x:1'] })[Symbol.asyncIterator]();
    const next = async (): Promise<Change> => (await changes.next()).value as Change;
    expect(await next()).toMatchObject({ kind: 'listening' });
    await expect(client.callTool('die')).rejects.toMatchObject({ kind: 'outcomeUnknown' });
    expect(await next()).toMatchObject({
      kind: 'listening',
      filter: { toolsListChanged: true, resourceSubscriptions: ['x:1'] },
    });
    const again = era === 'modern' ? 'subscriptions/listen' : 'resources/subscribex:1';
    await expectSaid((all) => all[1]).toContain(again);
    await client.callTool('change');
    expect(await next()).toEqual({ kind: 'tools' });
    await changes.return?.();
  });

  test('that is left alone for a while is listened to when it is tried again', async () => {
    const limits = { restartsMax: 1, restartPauseMs: 300, retryMs: 20, reconnectMsMin: 1 };
    const client = await start({ era, retry: 'never', limits });
    const changes = client.listen({ tools: true })[Symbol.asyncIterator]();
    const listening = async (): Promise<void> =>
      expect((await changes.next()).value).toMatchObject({ kind: 'listening' });
    await listening();
    for (let death = 1; death <= 2; death++) {
      await expect(client.callTool('die')).rejects.toMatchObject({ kind: 'outcomeUnknown' });
      if (death === 1) await listening();
    }
    await expect(client.callTool('pid')).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringMatching(/exited with code 3 .*It was started again 1 times/s),
    });
    await listening();
    await expectAnswerFrom(2, client);
    await changes.return?.();
  });

  test('that is idle is stopped, and started by the next call', async () => {
    const client = await start({ era }, { idleMs: 50 });
    await said.until('end');
    await expectAnswerFrom(1, client);
  });

  test('that is old is replaced, and nobody notices but by its number', async () => {
    const client = await start({ era }, { lifetimeMs: 1000 });
    const changes = client.listen({ tools: true })[Symbol.asyncIterator]();
    expect((await changes.next()).value).toMatchObject({ kind: 'listening' });
    expect((await changes.next()).value).toMatchObject({ kind: 'listening' });
    await changes.return?.();
    while (said.pids().length < 3) await pidOf(client);
  });

  test('that hangs is ended and started again', async () => {
    const warnings: string[] = [];
    let warned = (): void => undefined;
    const warning = new Promise<void>((resolve) => (warned = resolve));
    const onWarning = (text: string): void => {
      warnings.push(text);
      if (text.includes('ping')) warned();
    };
    const client = await start({ era, onWarning, limits: { childSilentMs: 100 } });
    const hung = client.callTool('hang', {}, { timeoutMs: 100 });
    await expect(hung).rejects.toMatchObject({ kind: 'timeout' });
    await warning;
    await expectAnswerFrom(1, client);
  });

  test('that reads no more is ended and started again', async () => {
    const client = await start({ era, limits: { slowReaderMs: 100 } });
    const hung = client.callTool('hang');
    const large = client.callTool('pid', { text: 'x'.repeat(1_000_000) });
    const more = client.callTool('pid', { text: 'x'.repeat(2_000_000) });
    for (const call of [hung, large, more]) {
      await expect(call).rejects.toMatchObject({
        kind: 'outcomeUnknown',
        message: expect.stringContaining('taken nothing for 100 ms'),
      });
    }
    await expectAnswerFrom(1, client);
  });

  test('that dies, and then is not wanted any more', async () => {
    const client = await start({ era, limits: { restartMs: 60_000 } });
    await expect(client.callTool('die')).rejects.toMatchObject(outcomeUnknown);
    const waiting = client.callTool('pid');
    await Promise.all([client.close(), client.close()]);
    await expect(waiting).rejects.toMatchObject({ kind: 'connectionClosed' });
    expect(said.pids()).toHaveLength(1);
  });

  test('that is not wanted any more while it is started again', async () => {
    const client = await start({ era });
    await expect(client.callTool('die')).rejects.toMatchObject(outcomeUnknown);
    const waiting = expect(client.callTool('pid')).rejects.toMatchObject({
      kind: 'connectionClosed',
    });
    await said.until('started', 2);
    await client.close();
    await waiting;
  });
});
