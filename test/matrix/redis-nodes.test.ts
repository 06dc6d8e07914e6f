/** Sessions on three nodes over a real Redis, each request to any of them. */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createServer, type Server } from '../../src/index.js';
import { redisStore } from '../../src/stores/redis.js';
import type { ServerStore } from '../../src/stores/server-store.js';
import { createEndpoint, type Endpoint, fetchHandler } from '../../src/transports/http/index.js';
import { hasRedis, type RedisServer, startRedis } from '../contract/redis/server.js';
import { type RawHttp, rawHttp } from './raw-http.js';

interface Node {
  readonly server: Server;
  readonly store: ServerStore;
  readonly endpoint: Endpoint;
  readonly handle: (request: Request) => Promise<Response>;
}

const rounds = 40;
const uri = 'test://r';
const subscribe = { jsonrpc: '2.0', id: 1, method: 'resources/subscribe', params: { uri } };

let redis: RedisServer;
let nodes: Node[];
let raw: RawHttp;
let requests = 0;

async function startNode(): Promise<Node> {
  const store = await redisStore(redis.url);
  const server = createServer({ name: 's', version: '1' });
  server.resource(uri, {}, () => 'r');
  const endpoint = createEndpoint(server, { store });
  return { server, store, endpoint, handle: fetchHandler(endpoint, { clientAddress: 'unknown' }) };
}

describe.skipIf(!hasRedis)('three nodes that share a Redis', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    redis = await startRedis();
    nodes = await Promise.all([startNode(), startNode(), startNode()]);
    // In an order that has nothing to do with what is asked, and is the same each time.
    raw = rawHttp('http://127.0.0.1:3000/mcp', (input, init) =>
      nodes[(requests++ * 7 + (requests >> 2)) % 3]!.handle(new Request(input, init)),
    );
  }, 60_000);
  afterAll(async () => {
    for (const { endpoint, store } of nodes ?? []) {
      await endpoint.close(0);
      await store.close();
    }
    await redis?.end();
  });

  test('tell who has subscribed at one, and reads at another, of what changes at a third', async () => {
    for (let round = 0; round < rounds; round++) {
      const session = await raw.open();
      // At the same time, as clients do: both change what is kept of the session.
      const [stream, answer] = await Promise.all([
        raw.stream('GET', { accept: 'text/event-stream', ...session }),
        raw.post(subscribe, session),
      ]);
      expect([stream.status, answer.status], `round ${round}`).toEqual([200, 200]);
      await stream.next();
      for (const { server } of nodes) {
        server.resourceUpdated(uri);
        expect(await stream.next(), `round ${round}`).toMatchObject({
          message: { params: { uri } },
        });
      }
      stream.cut();
      expect((await raw.send('DELETE', session)).status).toBe(200);
    }
  });

  test('tell whoever was not reached that something was missed', async () => {
    const client = new Redis(redis.url);
    const listening = async (): Promise<number> =>
      String(await client.call('CLIENT', 'LIST', 'TYPE', 'pubsub')).split('name=').length - 1;
    try {
      for (const { server } of nodes) {
        const session = await raw.open();
        const stream = await raw.stream('GET', { accept: 'text/event-stream', ...session });
        await raw.post(subscribe, session);
        await client.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
        // Where it is not the one that is read at, nobody hears of it.
        server.resourceUpdated(uri);
        let told = await stream.next();
        while (told?.message?.['method'] !== 'notifications/resources/updated') {
          expect(told).toBeDefined();
          told = await stream.next();
        }
        stream.cut();
        await expect.poll(listening).toBe(nodes.length);
      }
    } finally {
      client.disconnect();
    }
  });
});
