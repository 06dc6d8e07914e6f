/** Three nodes that share a Redis behind nginx, all of them as the guide on scaling shows them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Client, connect } from '../../src/index.js';
import { hasRedis, type RedisServer, startRedis } from '../contract/redis/server.js';
import { freePort, type Front, startBalancer } from './proxies.js';
import { isReady } from './ready.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Node {
  readonly port: number;
  readonly child: ChildProcess;
}

let redis: RedisServer;
let nodes: Node[];
let front: Front;
let clients: Client[];

async function startNode(): Promise<Node> {
  const port = await freePort();
  const words = ['--import', 'tsx', 'examples/nodes/node.ts', String(port)];
  const env = { ...process.env, REDIS_URL: redis.url };
  const child = spawn(process.execPath, words, {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  }
  while (!said.includes('listening')) {
    if (child.exitCode !== null) throw new Error(`The node ended: ${said}`);
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  }
  return { port, child };
}

async function open(era: 'auto' | 'legacy'): Promise<Client> {
  const client = await connect(`http://127.0.0.1:${front.port}/mcp`, { era });
  clients.push(client);
  return client;
}

async function textOf(client: Client, tool: string): Promise<string> {
  const { content } = await client.callTool(tool, {});
  const [first] = content;
  return first?.type === 'text' ? first.text : '';
}

describe.skipIf(!isReady || !hasRedis)('nginx before three nodes', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    clients = [];
    redis = await startRedis();
    nodes = await Promise.all([startNode(), startNode(), startNode()]);
    front = await startBalancer(nodes.map(({ port }) => port));
  }, 60_000);
  afterAll(async () => {
    await Promise.allSettled(clients.map((client) => client.close()));
    await front?.close();
    for (const { child } of nodes ?? []) {
      if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
    }
    await redis?.end();
  });

  test.each(['auto', 'legacy'] as const)('serves a client (%s) from all of them', async (era) => {
    const client = await open(era);
    const places = new Set<string>();
    for (let count = 0; count < 30; count++) places.add(await textOf(client, 'where'));
    expect([...places].toSorted()).toEqual(nodes.map(({ port }) => `${port}`).toSorted());
  });

  test.each(['auto', 'legacy'] as const)('tells a client (%s) of changes on any', async (era) => {
    const client = await open(era);
    const changes = client.listen({ uris: ['clock://now'] })[Symbol.asyncIterator]();
    expect((await changes.next()).value).toMatchObject({ kind: 'listening' });
    const touched = new Set<string>();
    for (let count = 0; count < 5; count++) {
      const change = changes.next();
      touched.add(await textOf(client, 'touch'));
      expect((await change).value).toEqual({ kind: 'resource', uri: 'clock://now' });
    }
    await changes.return?.();
    expect(touched.size).toBeGreaterThan(1);
  });

  test('shows no error of a node that is shut down while calls run', async () => {
    const client = await open('legacy');
    const counts = Array.from({ length: 6 }, () => textOf(client, 'count'));
    let isOver = false;
    const asked: string[] = [];
    const asking = (async () => {
      while (!isOver) asked.push(await textOf(client, 'where'));
    })();
    const [first] = nodes;
    const exited = once(first!.child, 'exit');
    first!.child.kill('SIGTERM');
    const finished = await Promise.all(counts);
    expect(await exited).toEqual([0, null]);
    const enough = asked.length + 20;
    while (asked.length < enough) await new Promise((resolve) => setImmediate(resolve));
    isOver = true;
    await asking;
    expect(finished.every((text) => text.startsWith('counted at'))).toBe(true);
    expect(asked.slice(-10)).not.toContain(`${first!.port}`);
  });
});
