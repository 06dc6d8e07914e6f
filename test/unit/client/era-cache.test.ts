import { expect, test } from 'vitest';
import { connect, type ConnectOptions } from '../../../src/connect.js';
import { createEraCache, type EraCache } from '../../../src/eras/verdict-cache.js';
import { defaultLimits } from '../../../src/limits.js';
import { createServer } from '../../../src/server/index.js';
import { manualPlatform } from '../../../src/testing/clock.js';
import { hostServer } from '../../../src/testing/hosts.js';
import {
  loopback,
  type Loopback,
  sendResult,
  sessionLoopback,
} from '../transports/http-client/loopback.js';
import { cites } from '../../requirements.js';
import { discovered } from './scripted.js';

const { eraVerdictMs } = defaultLimits;

function asked(server: Loopback, method: string): number {
  return server.seen.filter(({ message }) => message.method === method).length;
}

/** A server of sessions, which refuses everything of the stateless era. */
function oldServer(): Promise<Loopback> {
  return sessionLoopback((_seen, response) => response.writeHead(400).end());
}

/** Connects, and tells the revision that was agreed on. */
async function speaks(url: string, options: ConnectOptions): Promise<string> {
  const client = await connect(url, options);
  await client.close();
  return client.protocolVersion;
}

cites('era/remembered');
test('a server that was found to be old is not asked again', async () => {
  const server = await oldServer();
  const options = { eraCache: createEraCache(), platform: manualPlatform() };
  expect(await speaks(server.url, options)).toBe('2025-11-25');
  expect(await speaks(server.url, options)).toBe('2025-11-25');
  expect(asked(server, 'server/discover')).toBe(1);
  expect(asked(server, 'initialize')).toBe(2);
});

test('what was found out is forgotten after a while', async () => {
  const server = await oldServer();
  const platform = manualPlatform();
  const options = { eraCache: createEraCache(), platform };
  await speaks(server.url, options);
  await platform.clock.advance(eraVerdictMs - 1);
  await speaks(server.url, options);
  expect(asked(server, 'server/discover')).toBe(1);
  // The second connection found it still to be so.
  await platform.clock.advance(eraVerdictMs);
  await speaks(server.url, options);
  expect(asked(server, 'server/discover')).toBe(2);
});

test('nothing is remembered where nobody wants it', async () => {
  const server = await oldServer();
  const options = { eraCache: false, platform: manualPlatform() } as const;
  await speaks(server.url, options);
  await speaks(server.url, options);
  expect(asked(server, 'server/discover')).toBe(2);
});

test('other credentials, another path and another fetch are another server', async () => {
  const server = await oldServer();
  const eraCache = createEraCache();
  const options = { eraCache, platform: manualPlatform() };
  const { fetch } = globalThis;
  await speaks(server.url, options);
  await speaks(server.url, { ...options, headers: { authorization: 'Bearer one' } });
  await speaks(server.url, { ...options, headers: { authorization: 'Bearer two' } });
  await speaks(`${server.url}?tenant=2`, options);
  await speaks(server.url, { ...options, fetch: (input, init) => fetch(input, init) });
  expect(asked(server, 'server/discover')).toBe(5);
  await speaks(server.url, { ...options, headers: { authorization: 'Bearer two' } });
  expect(asked(server, 'server/discover')).toBe(5);
});

test('no credential is kept', async () => {
  const server = await oldServer();
  const keys: string[] = [];
  const inner = createEraCache();
  const eraCache: EraCache = {
    ...inner,
    set: (key, ...rest) => {
      keys.push(key);
      inner.set(key, ...rest);
    },
  };
  const headers = { authorization: 'Bearer canary-5e1f' };
  await speaks(`${server.url}?key=canary-5e1f`, { eraCache, headers, platform: manualPlatform() });
  expect(keys).toEqual([expect.stringMatching(/^[\w-]{43}$/)]);
  expect(keys[0]).not.toContain('canary');
});

cites('era/asked-anew');
test('a server that became a new one is asked anew as soon as the old way fails', async () => {
  let isNew = false;
  const server = await loopback((seen, response) => {
    const { method } = seen.message;
    if (isNew && method === 'server/discover') sendResult(seen, response, discovered);
    else if (isNew || method === 'server/discover') response.writeHead(400).end();
    else if (method === 'initialize') {
      const serverInfo = { name: 'changing', version: '1' };
      const welcome = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo };
      sendResult(seen, response, welcome);
    } else response.writeHead(405).end();
  });
  const options = { eraCache: createEraCache(), platform: manualPlatform() };
  expect(await speaks(server.url, options)).toBe('2025-11-25');
  isNew = true;
  expect(await speaks(server.url, options)).toBe('2026-07-28');
  expect(asked(server, 'initialize')).toBe(2);
  expect(await speaks(server.url, options)).toBe('2026-07-28');
  expect(asked(server, 'initialize')).toBe(2);
});

test('a refusal of credentials is no reason to ask anew', async () => {
  let isShut = false;
  const server = await loopback((seen, response) => {
    if (isShut) response.writeHead(401).end();
    else if (seen.message.method !== 'initialize') response.writeHead(400).end();
    else {
      const serverInfo = { name: 'shut', version: '1' };
      const welcome = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo };
      sendResult(seen, response, welcome);
    }
  });
  const options = { eraCache: createEraCache(), platform: manualPlatform() };
  await speaks(server.url, options);
  isShut = true;
  await expect(connect(server.url, options)).rejects.toMatchObject({ kind: 'unauthorized' });
  expect(asked(server, 'server/discover')).toBe(1);
});

test('a server of the oldest transport is reached in the oldest way at once', async () => {
  const platform = manualPlatform();
  const server = createServer({ name: 'old', version: '1.0.0' });
  server.tool('a', {}, () => 'a');
  const host = await hostServer('http-sse', server, { platform });
  const posts: unknown[] = [];
  const fetch: typeof globalThis.fetch = (input, init) => {
    if (init?.method === 'POST' && input === host.url) posts.push(init.body);
    return globalThis.fetch(input, init);
  };
  const options = { eraCache: createEraCache(), platform, fetch };
  for (const expected of [2, 2]) {
    await using client = await connect(host.url!, options);
    expect(await client.listTools()).toHaveLength(1);
    // The question what it is and the handshake, which only the first time go the new way.
    expect(posts).toHaveLength(expected);
  }
  await host.close();
});

test('the newest verdicts are kept, up to the bound', () => {
  const cache = createEraCache({ eraVerdictsMax: 2 });
  cache.set('a', { era: 'legacy' }, 10);
  cache.set('b', { era: 'legacy' }, 10);
  cache.set('a', { era: 'modern' }, 20);
  cache.set('c', { era: 'modern' }, 20);
  expect(cache.get('a', 19)).toEqual({ era: 'modern' });
  expect(cache.get('b', 0)).toBeUndefined();
  expect(cache.get('c', 20)).toBeUndefined();
  cache.delete('a');
  expect(cache.get('a', 0)).toBeUndefined();
});
