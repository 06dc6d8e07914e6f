/** Clients of one server on several nodes: each request goes to the next one. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { type Client, connect, createServer, tasks, text, withTasks } from '../../src/index.js';
import { defaultLimits } from '../../src/limits.js';
import { systemPlatform } from '../../src/platform/platform.js';
import { sharedMemoryStore } from '../../src/stores/memory.js';
import { redisStore } from '../../src/stores/redis.js';
import type { ServerStore } from '../../src/stores/server-store.js';
import { memoryNodes } from '../../src/testing/index.js';
import { listen, type Listening } from '../../src/transports/http/index.js';
import { hasRedis, type RedisServer, startRedis } from '../contract/redis/server.js';

const person = z.object({ name: z.string() });

/** Opens the same place for so many nodes. */
type OpenStores = (count: number) => Promise<readonly ServerStore[]>;

const inMemory: OpenStores = async (count) => {
  const shared = sharedMemoryStore(defaultLimits, systemPlatform);
  const nodes = memoryNodes();
  return Array.from({ length: count }, () => ({ ...shared, cluster: nodes.join() }));
};

let redis: RedisServer | undefined;
let places = 0;

const inRedis: OpenStores = (count) => {
  const prefix = `place${++places}:`;
  return Promise.all(Array.from({ length: count }, () => redisStore(redis!.url, { prefix })));
};

let stores: readonly ServerStore[];
let listening: Listening[];
let clients: Client[];
/** The nodes that some request has gone to. */
const reached = new Set<string>();
/** What happened on which node. */
let done: string[];
let finish: (text: string) => void;

async function startNode(store: ServerStore) {
  const name = store.cluster.self;
  const server = createServer({ name: 'nodes', version: '1.0.0', extensions: [tasks()] });
  server.tool('greet', {}, async (_args, call) => {
    await call.once('paid', () => void done.push(`${name} paid`));
    return `hi ${(await call.ask.form('who', 'Who?', person)).name}`;
  });
  server.tool('slow', { task: 'required' }, (_args, { signal }) => {
    done.push(`${name} began`);
    return new Promise<string>((resolve) => {
      finish = resolve;
      signal.addEventListener('abort', () => void done.push(`${name} stopped`));
    });
  });
  server.tool('asks', { task: 'required' }, async (_args, { ask }) => {
    return `hi ${(await ask.form('who', 'Who?', person)).name}`;
  });
  server.resource('test://r', {}, () => 'r');
  listening.push(await listen(server, { port: 0, store }));
  return server;
}

/** A client whose requests go to one node after the other. */
async function connectTo(urls: readonly string[], era: 'modern' | 'legacy'): Promise<Client> {
  let count = 0;
  reached.clear();
  const client = await connect(urls[0]!, {
    era,
    extensions: [withTasks()],
    answers: { form: () => ({ name: 'Ann' }) },
    fetch(_input, init) {
      const url = urls[count++ % urls.length]!;
      reached.add(url);
      return fetch(url, init);
    },
  });
  clients.push(client);
  return client;
}

beforeAll(async () => {
  if (hasRedis) redis = await startRedis();
});

afterAll(() => redis?.end());

beforeEach(() => {
  [listening, clients, done] = [[], [], []];
});

afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await Promise.all(listening.map((one) => one.close()));
  await Promise.all(stores.map((store) => store.close()));
});

function clientOf(era: 'modern' | 'legacy', open: OpenStores): void {
  let servers: Awaited<ReturnType<typeof startNode>>[];
  let client: Client;

  beforeEach(async () => {
    stores = await open(3);
    servers = [];
    for (const store of stores) servers.push(await startNode(store));
    client = await connectTo(
      listening.map(({ url }) => String(url)),
      era,
    );
  });

  afterEach(() => {
    expect(reached.size).toBeGreaterThan(1);
    for (const server of servers) server.close();
  });

  test('is asked on one node and answers on another', async () => {
    expect((await client.callTool('greet')).content).toEqual([text('hi Ann')]);
    expect(done).toHaveLength(1);
  });

  test('follows a task to its result', async () => {
    const onTask = (): void => finish('done');
    expect((await client.callTool('slow', {}, { onTask })).content).toEqual([text('done')]);
    expect(done).toHaveLength(1);
  });

  test('answers what a task asks', async () => {
    expect((await client.callTool('asks')).content).toEqual([text('hi Ann')]);
  });

  test('cancels a task, whichever node works on it', async () => {
    const begun = new Promise<string>((resolve) => {
      const onTask = ({ taskId }: { taskId: string }): void => resolve(taskId);
      client.callTool('slow', {}, { onTask }).catch(() => undefined);
    });
    const taskId = await begun;
    await client.tasks.cancel(taskId);
    expect(await client.tasks.get(taskId)).toMatchObject({ status: 'cancelled' });
    expect(done.map((what) => what.split(' ').at(-1))).toEqual(['began', 'stopped']);
  });

  test('hears of changes on any node', async () => {
    const changes = client.listen({ uris: ['test://r'] })[Symbol.asyncIterator]();
    expect((await changes.next()).value).toMatchObject({ kind: 'listening' });
    for (const server of servers) {
      server.resourceUpdated('test://r');
      expect((await changes.next()).value).toEqual({ kind: 'resource', uri: 'test://r' });
    }
    await changes.return?.();
  });
}

const eras = ['modern', 'legacy'] as const;

describe.each(eras)('a client of the %s era, and nodes that share memory', (era) => {
  clientOf(era, inMemory);
});

describe.skipIf(!hasRedis).each(eras)('a client of the %s era, and nodes on Redis', (era) => {
  clientOf(era, inRedis);
});
