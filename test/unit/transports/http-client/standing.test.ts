/** A session has one stream of notices, whatever comes late. */
import { expect, test } from 'vitest';
import { serverPeer } from '../../../../src/engine/link.js';
import type { Io } from '../../../../src/exchange.js';
import { defaultLimits as limits } from '../../../../src/limits.js';
import { manualPlatform } from '../../../../src/testing/clock.js';
import { httpLink } from '../../../../src/transports/http/connect.js';
import type { HttpAnswer, HttpRequest, HttpSend } from '../../../../src/transports/http/send.js';

const initialized = { method: 'notifications/initialized' };
const io: Io = { signal: new AbortController().signal, peer: serverPeer, emit: () => undefined };

/** A server that begins as many sessions as are asked for, and takes its time to take notices. */
function slowServer(): { send: HttpSend; streams: number; takeNotice(number: number): void } {
  let sessions = 0;
  const notices: (() => void)[] = [];
  const answer = (status: number, kind: string, text: string): HttpAnswer => ({
    status,
    header: (name) => ({ 'content-type': kind, 'mcp-session-id': `s${sessions}` })[name],
    read: async (onChunk) => onChunk(new TextEncoder().encode(text)),
  });
  const untilCut = ({ signal }: HttpRequest): Promise<void> =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new Error('cut')), { once: true });
    });
  const server = {
    streams: 0,
    takeNotice: (number: number) => notices[number]?.(),
    async send(request: HttpRequest): Promise<HttpAnswer> {
      if (request.method === 'DELETE') return answer(200, 'text/plain', '');
      if (request.method === 'GET') {
        server.streams++;
        return { ...answer(200, 'text/event-stream', ''), read: () => untilCut(request) };
      }
      const { id } = JSON.parse(request.body ?? '') as { id?: number };
      if (id === undefined) {
        await new Promise<void>((resolve) => notices.push(resolve));
        return answer(202, 'text/plain', '');
      }
      sessions++;
      const result = { protocolVersion: '2025-11-25', capabilities: {} };
      return answer(200, 'application/json', JSON.stringify({ jsonrpc: '2.0', id, result }));
    },
  };
  return server;
}

function connected(): { server: ReturnType<typeof slowServer>; client: Client } {
  const server = slowServer();
  const platform = manualPlatform();
  const link = httpLink({ url: 'http://127.0.0.1/mcp', send: server.send, limits, platform });
  let id = 0;
  const client = {
    ...link,
    initialize: () => link.exchange({ id: ++id, method: 'initialize' }, io),
    timers: () => platform.clock.waiting,
  };
  return { server, client };
}

type Client = ReturnType<typeof httpLink> & {
  initialize(): Promise<unknown>;
  timers(): number;
};

test('a handshake that was given up begins no stream beside that of the next', async () => {
  const { server, client } = connected();
  await client.initialize();
  const givenUp = client.notify(initialized);
  await client.initialize();
  const taken = client.notify(initialized);
  server.takeNotice(1);
  await taken;
  server.takeNotice(0);
  await givenUp;
  await client.noticesOpen?.();
  expect(server.streams).toBe(1);
  await client.close();
  expect(client.timers()).toBe(0);
});

test('a handshake that ends while its client closes begins no stream', async () => {
  const { server, client } = connected();
  await client.initialize();
  const late = client.notify(initialized);
  const closed = client.close();
  server.takeNotice(0);
  await Promise.allSettled([late, closed]);
  expect(server.streams).toBe(0);
  expect(client.timers()).toBe(0);
});
