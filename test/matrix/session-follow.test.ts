/** Readers of a stream that another node writes, and the times that two nodes judge by. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Server } from '../../src/index.js';
import { resolveLimits } from '../../src/limits.js';
import type { Platform } from '../../src/platform/platform.js';
import type { EventStore } from '../../src/stores/event-store.js';
import { manualPlatform } from '../../src/testing/index.js';
import { type Node, NodeStage, requestOf } from './node-stage.js';

const limits = resolveLimits();
const large = 'x'.repeat(100_000);

let stage: NodeStage;

/** A node whose events come by `events`, where that is given. */
function startNode(
  name: string,
  events: Partial<EventStore> = {},
  platform: Platform = stage.platform,
): Node {
  const own = { events: { ...stage.shared.events, ...events } };
  const define = (server: Server): void => {
    server.tool('fill', {}, async (_args, call) => {
      await call.progress(1);
      await stage.released;
      for (let done = 2; done <= 31; done++) void call.progress(done, { message: large });
      await new Promise<void>((resolve) =>
        call.signal.addEventListener('abort', () => resolve(), { once: true }),
      );
      return 'done';
    });
  };
  return stage.start(name, { own, platform, define, limits: { serverCallMs: Infinity } });
}

beforeEach(() => {
  stage = new NodeStage();
});

/** A method of the shared events that can be had fail for a while. */
function awayable<Method extends 'state' | 'watch'>(
  method: Method,
): Pick<EventStore, Method> & { goAway(isAway: boolean): void } {
  let isAway = false;
  const call = stage.shared.events[method] as (...args: readonly unknown[]) => unknown;
  return {
    [method]: async (...args: readonly unknown[]) => {
      if (isAway) throw new Error('away');
      return call(...args);
    },
    goAway: (goes: boolean) => void (isAway = goes),
  } as Pick<EventStore, Method> & { goAway(isAway: boolean): void };
}

describe('what another node writes', () => {
  test('is read on when the store was away for a moment', async () => {
    const { state, goAway } = awayable('state');
    const [a, b] = [startNode('a'), startNode('b', { state, outageMs: limits.storeOutageMs })];
    const session = await stage.at(a).open();
    const place = await stage.leave(a, session);
    const reader = await stage.get(b, session, place);
    expect(await reader.next()).toMatchObject({ id: place, retry: limits.retryMs });
    goAway(true);
    await stage.platform.clock.advance(limits.writerCheckMs);
    await stage.platform.clock.advance(limits.storeOutageMs - limits.storeRetryMs);
    goAway(false);
    stage.release();
    await stage.platform.clock.advance(limits.storeRetryMs);
    await stage.platform.clock.advance(limits.writerCheckMs);
    expect(await reader.next()).toMatchObject({ message: { params: { progress: 2 } } });
    expect(await reader.next()).toMatchObject({ message: { id: 7, result: {} } });
  });

  test('is let go when the store stays away', async () => {
    const { state, goAway } = awayable('state');
    const [a, b] = [startNode('a'), startNode('b', { state, outageMs: limits.storeOutageMs })];
    const session = await stage.at(a).open();
    const reader = await stage.get(b, session, await stage.leave(a, session));
    await reader.next();
    goAway(true);
    await stage.platform.clock.advance(limits.writerCheckMs + limits.storeOutageMs + 1000);
    expect(await reader.next()).toBeUndefined();
  });

  test('leaves nothing behind when it cannot be watched', async () => {
    const { watch, goAway } = awayable('watch');
    const [a, b] = [startNode('a'), startNode('b', { watch })];
    const session = await stage.at(a).open();
    const place = await stage.leave(a, session);
    goAway(true);
    expect((await stage.get(b, session, place)).status).toBeGreaterThanOrEqual(500);
    goAway(false);
    stage.release();
    for (let count = 0; count < 4; count++)
      await stage.platform.clock.advance(limits.sessionIdleMs / 2);
    expect(await stage.status(b, session)).toBe(404);
  });

  test('is not read ahead of a reader that takes nothing', async () => {
    let readBytes = 0;
    const after: EventStore['after'] = async (...asked) => {
      const events = await stage.shared.events.after(...asked);
      for (const { data } of events ?? []) readBytes += data.length;
      return events;
    };
    const [a, b] = [startNode('a'), startNode('b', { after })];
    const session = await stage.at(a).open();
    const place = await stage.leave(a, session, 'fill');
    stage.release();
    const whole = 30 * large.length;
    const reader = await stage.get(b, session, place);
    // The places of its readers are looked at by then, and what there was room for was read.
    await stage.platform.clock.advance(limits.writerCheckMs);
    expect(readBytes).toBeGreaterThan(0);
    expect(readBytes).toBeLessThan(whole / 3);
    await reader.next();
    for (let done = 2; done <= 31; done++) {
      expect(await reader.next()).toMatchObject({ message: { params: { progress: done } } });
    }
    reader.cut();
  });
});

describe('the times of a session', () => {
  test('do not run out at other nodes while one works for it', async () => {
    const [a, b] = [startNode('a'), startNode('b')];
    const session = await stage.at(a).open();
    const stream = await stage.begin(a, session);
    await stream.next();
    await stream.next();
    for (let ms = 0; ms <= 2 * limits.sessionIdleMs; ms += limits.sweepMs) {
      await stage.platform.clock.advance(limits.sweepMs);
    }
    expect(await stage.status(b, session)).toBe(200);
    stream.cut();
  });

  test('are judged by clocks that are apart', async () => {
    const ahead = manualPlatform();
    await ahead.clock.advance(2 * limits.tokenSkewMs);
    const [a, b] = [startNode('a'), startNode('b', {}, ahead)];
    const params = { capabilities: {}, clientInfo: { name: 'c', version: '1' } };
    const hello = requestOf(0, 'initialize', { ...params, protocolVersion: '2025-11-25' });
    const { headers } = await stage.at(a).post(hello);
    const session = { 'mcp-session-id': headers.get('mcp-session-id')! };
    const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' };
    expect((await stage.at(b).post(initialized, session)).status).toBe(202);
    expect(await stage.status(a, session)).toBe(200);
  });
});
