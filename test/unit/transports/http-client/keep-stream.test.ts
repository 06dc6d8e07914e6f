import { expect, test } from 'vitest';
import { boundsForClient } from '../../../../src/json-rpc/parse.js';
import { defaultLimits as limits } from '../../../../src/limits.js';
import { manualPlatform } from '../../../../src/testing/clock.js';
import { keepStream } from '../../../../src/transports/http/keep-stream.js';
import { nodeSend } from '../../../../src/transports/http/node-send.js';
import { readEvents } from '../../../../src/transports/http/read-reply.js';
import { createRequests } from '../../../../src/transports/http/requests.js';
import { type Answer, beginStream, failureOf, loopback, type Loopback } from './loopback.js';

/** Keeps a standing stream: one that no call began. */
async function keepStanding(answer: Answer, onMessage = (): void => {}): Promise<Standing> {
  const server = await loopback(answer);
  const platform = manualPlatform();
  const { clock } = platform;
  const requests = createRequests({ send: nodeSend(), clock, lingerMs: limits.lingerMs });
  const place = { lastEventId: '', retryMs: 1000 };
  const bounds = boundsForClient(limits);
  const idle = { clock, ms: limits.streamIdleMs, mayCut: () => true };
  const controller = new AbortController();
  const { signal } = controller;
  const over = keepStream({
    first: undefined,
    read: (response) => readEvents(response, { bounds, place, onMessage, idle }),
    place,
    reopen: () => requests.send({ method: 'GET', url: server.url, headers: {}, signal }),
    isDone: () => false,
    signal,
    limits,
    platform,
  });
  return { server, clock, over, stop: () => controller.abort() };
}

interface Standing {
  readonly server: Loopback;
  readonly clock: ReturnType<typeof manualPlatform>['clock'];
  readonly over: Promise<void>;
  readonly stop: () => void;
}

const retry = (ms: number): boolean => ms >= 1000 && ms <= 1200;

test('a server that says that nothing follows is left in peace', async () => {
  const { over, server } = await keepStanding((_seen, response) => {
    response.writeHead(204).end();
  });
  await over;
  expect(server.seen).toHaveLength(1);
});

test('a stream that is cut at once without news is given up in the end', async () => {
  const { over, server, clock } = await keepStanding((_seen, response) => {
    beginStream(response, ': nothing\n\n');
    response.end();
  });
  const failed = failureOf(over);
  for (let times = 0; times < limits.reconnectsMax; times++) {
    await clock.armed(retry);
    await clock.advance(1200);
  }
  expect(await failed).toMatchObject({ kind: 'outcomeUnknown' });
  expect(server.seen).toHaveLength(limits.reconnectsMax + 1);
});

test('an idle stream that is cut now and then is kept for ever', async () => {
  let cut = (): void => undefined;
  const answer: Answer = (_seen, response) => {
    const message = { jsonrpc: '2.0', method: 'notifications/message' };
    beginStream(response, `data: ${JSON.stringify(message)}\n\n`);
    cut = () => response.end();
  };
  const whenRead = (): void => {
    void clock.advance(limits.reconnectMsMax).then(() => cut());
  };
  const { server, clock, over, stop } = await keepStanding(answer, whenRead);
  for (let times = 0; times < limits.reconnectsMax + 2; times++) {
    await clock.armed(retry);
    await clock.advance(1200);
  }
  expect(server.seen.length).toBeGreaterThan(limits.reconnectsMax + 1);
  stop();
  await over;
});

test('nobody comes back for a stream that is not wanted any more', async () => {
  const { server, clock, over, stop } = await keepStanding((_seen, response) => {
    beginStream(response, ': nothing\n\n');
    response.end();
  });
  await clock.armed(retry);
  stop();
  await over;
  expect(clock.waiting).toBe(0);
  expect(server.seen).toHaveLength(1);
});

test('a silent stream is begun anew', async () => {
  const { server, clock, over, stop } = await keepStanding((_seen, response) => {
    beginStream(response, ': here\n\n');
  });
  const isRead = (ms: number): boolean => ms === limits.streamIdleMs;
  await clock.armed(isRead);
  await clock.advance(limits.streamIdleMs);
  await clock.armed(retry);
  await clock.advance(1200);
  await server.until(({ port }) => port !== server.seen[0]?.port);
  expect(server.seen).toHaveLength(2);
  stop();
  await over;
});
