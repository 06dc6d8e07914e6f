/** Nodes that are killed in the middle of something: what they knew to be done is, and nothing half. */
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ServerStore } from '../../../src/stores/server-store.js';
import { type BuiltChild, buildChild } from '../build-child.js';
import { newPlace, openStore } from './places.js';
import { hasRedis, type RedisServer, startRedis } from './server.js';
import { seen, steps } from './steps.js';

const points = ['before', 'sent', 'done'] as const;

let redis: RedisServer;
let victim: BuiltChild;
beforeAll(async () => {
  if (!hasRedis) return;
  redis = await startRedis({ isDurable: true });
  victim = await buildChild('redis/victim.ts');
}, 60_000);
afterAll(async () => {
  victim?.remove();
  await redis?.end();
});

/** What it has said before it was killed. */
function killed(prefix: string, name: string, point: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const args = [victim.path, redis.url, prefix, name, point];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve(said);
      else reject(new Error(`It was not killed, but ended with ${code}`));
    });
  });
}

async function prepared(name: string, prefix = newPlace()): Promise<ServerStore> {
  const store = await openStore(redis.url, { prefix });
  await steps[name]?.before?.(store);
  return store;
}

/** What can be seen before the step and after it, where nobody is killed. */
async function sights(name: string): Promise<readonly [string, string]> {
  const [untouched, done] = await Promise.all([prepared(name), prepared(name)]);
  await steps[name]?.act(done);
  return [await seen(untouched), await seen(done)];
}

describe.skipIf(!hasRedis).each(Object.keys(steps))('killed while it would %s', (name) => {
  test.each(points)('%s', { timeout: 30_000 }, async (point) => {
    const prefix = newPlace();
    const store = await prepared(name, prefix);
    const said = await killed(prefix, name, point);
    const [before, after] = await sights(name);
    expect(before).not.toBe(after);
    expect(said).toBe(point === 'done' ? 'done' : '');
    const possible = { before: [before], sent: [before, after], done: [after] }[point];
    // What was sent may still be on its way.
    await expect.poll(() => seen(store)).toBeOneOf(possible);
  });
});
