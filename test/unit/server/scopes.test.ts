/** Lists by scopes: kept for those who see the same, for so many sets and no more. */
import { expect, test } from 'vitest';
import type { Io, Principal, Result } from '../../../src/exchange.js';
import { createServer, type Server } from '../../../src/server/index.js';

const listed = (server: Server, scopes?: readonly string[]): Promise<Result> => {
  const principal: Principal = scopes === undefined ? { id: 'a' } : { id: 'a', scopes };
  const io: Io = {
    signal: new AbortController().signal,
    peer: { principal, protocolVersion: '2026-07-28', capabilities: {} },
    emit: () => undefined,
  };
  return server.exchange({ id: 1, method: 'tools/list' }, io);
};
const count = ({ tools }: Result): number => (tools as readonly unknown[]).length;

function open(tools: number): Server {
  const cache = { ttlMs: 1000, scope: 'public' } as const;
  const server = createServer({ name: 's', version: '1', cache, onError: () => undefined });
  for (let n = 0; n < tools; n++) server.tool(`t${n}`, { scopes: [`s${n}`] }, () => '');
  return server;
}

test('callers who see the same share one list, whatever else they may', async () => {
  const server = open(3);
  const first = await listed(server, ['s0', 's1']);
  expect(count(first)).toBe(2);
  expect(await listed(server, ['other', 's1', 's0', 's1'])).toBe(first);
  expect(await listed(server, ['s0'])).not.toBe(first);
  expect(first['cacheScope']).toBe('private');
  const all = await listed(server);
  expect([count(all), all['cacheScope']]).toEqual([3, 'public']);
});

test('a change of scopes is seen by the next who ask', async () => {
  const server = open(1);
  const tool = server.tool('more', { scopes: ['s0'] }, () => '');
  expect(count(await listed(server, ['s0']))).toBe(2);
  tool.update({ scopes: ['s9'] });
  expect(count(await listed(server, ['s0']))).toBe(1);
  expect(count(await listed(server, ['s0', 's9']))).toBe(2);
  tool.remove();
  expect(count(await listed(server, ['s9']))).toBe(0);
});

test('64 lists are kept, and whoever comes beyond gets a right one too', async () => {
  const server = open(65);
  const kept = await listed(server, ['s0']);
  for (let n = 1; n < 64; n++) await listed(server, [`s${n}`]);
  expect(await listed(server, ['s0'])).toBe(kept);
  expect(count(await listed(server, ['s64']))).toBe(1);
  const anew = await listed(server, ['s0']);
  expect(anew).not.toBe(kept);
  expect(anew).toEqual(kept);
});

test.each([['a b'], [''], ['"'], ['\\'], ['é'], ['s'.repeat(257)]])(
  'a scope that no token could name is refused: %j',
  (scope) => {
    expect(() => open(0).tool('x', { scopes: [scope] }, () => '')).toThrow(/is no scope/);
    expect(() => open(0).resource('a:b', { scopes: [scope] }, () => '')).toThrow(/is no scope/);
    expect(() => open(0).prompt('x', { scopes: [scope] }, () => '')).toThrow(/is no scope/);
  },
);
