/** Three nodes that share a Redis, behind one address: what becomes of calls when one goes. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasRedis } from '../contract/redis/server.js';
import { type Child, startChild } from '../floods/children.js';
import { type ChaosProxy, startProxy } from './chaos-proxy.js';
import { connectors } from './chaos.js';
import { createOracle, type Oracle } from './oracle.js';
import type { CallEnd, ClientName, Ears, Receiver } from './receiver.js';
import { type Ring, uriOf, urisOf } from './ring.js';
import { logOf } from './sent-log.js';
import { type Place, places } from './stores.js';

interface Visitor {
  readonly who: string;
  readonly ring: Ring;
  readonly oracle: Oracle;
  readonly receiver: Receiver;
  /** Resolves with the notice of that number. */
  noticed(n: number): Promise<void>;
  /** Whether it hears notices again. */
  isBack: boolean;
}

/** A node that says nothing for so long counts as dead. */
const limits = { retryMs: 10, clusterLeaseMs: 2000, clusterRenewMs: 500, clusterSeenMs: 200 };
/** As many of each kind as there are nodes: each node has a call of each to answer. */
const kinds: readonly ClientName[] = ['ours', 'ours', 'ours', 'v1', 'v1', 'v1', 'v2', 'v2', 'v2'];

let place: Place;
let nodes: Child[];
let proxy: ChaosProxy;
let visitors: Visitor[];

describe.runIf(hasRedis)('three nodes', () => {
  beforeEach(async () => {
    place = await places['redis']!();
    const about = { store: place.name, limits };
    const server = new URL('server.ts', import.meta.url);
    nodes = await Promise.all([1, 2, 3].map(() => startChild(server, about)));
    proxy = await startProxy(nodes.map(({ port }) => port));
    visitors = [];
    for (const [at, kind] of kinds.entries()) visitors.push(await visit(kind, `${kind}-${at}`));
  }, 30_000);

  afterEach(async () => {
    for (const { receiver } of visitors) await receiver.close().catch(() => undefined);
    await proxy.close();
    await Promise.all(nodes.map((node) => node.end()));
    await place.end();
  }, 30_000);

  test('end one of them without an error where calls finish in time', async () => {
    const [leaving, ...staying] = nodes as [Child, Child, Child];
    const calls = await callAll('deploy');
    expect(await leaving.ask('held')).toBeGreaterThan(0);
    proxy.route(staying.map(({ port }) => port));
    const gone = leaving.kill('SIGTERM');
    // Its log, and its answers, before it has gone.
    await Promise.all(nodes.map((node) => node.ask('release')));
    expect(await Promise.all(calls)).toEqual(calls.map(() => ({ kind: 'answered' })));
    expect(await gone).toBe(0);
    await expectLife(staying, 'after the deploy');
  }, 60_000);

  test('lose one without a word: its calls end once, of unknown outcome', async () => {
    const [dying, ...staying] = nodes as [Child, Child, Child];
    const calls = await callAll('kill');
    const lost = Object.keys((await logOf([dying], false)).calls);
    expect(lost.length).toBeGreaterThan(0);
    proxy.route(staying.map(({ port }) => port));
    expect(await dying.kill('SIGKILL')).toBe('SIGKILL');
    await Promise.all(staying.map((node) => node.ask('release')));
    const ends = await Promise.all(calls);
    const told = ends.map((end, at) => [`${visitors[at]!.who}:kill`, wordFor(end)]);
    const right = told.map(([tag = '']) => [tag, lost.includes(tag) ? 'unknown' : 'answered']);
    expect(told).toEqual(right);
    await expectLife(staying, 'after the death');
  }, 60_000);
});

async function visit(kind: ClientName, who: string): Promise<Visitor> {
  const ring = { name: who, size: 8 };
  let wanted = { n: Infinity, resolve: (): void => undefined };
  const oracle = createOracle(who, ring, () => {
    if (oracle.noticed >= wanted.n) wanted.resolve();
  });
  const ears: Ears = {
    event: oracle.event,
    gap: oracle.gap,
    notice(uri) {
      // Whoever comes back from a node that is gone is told once of all that it watches, the knock
      // last: nobody knows what has changed meanwhile. What is counted comes after that.
      if (uri === knockUri(who)) visitor.isBack = true;
      else if (visitor.isBack) oracle.notice(uri);
    },
  };
  const uris = [...urisOf(ring), knockUri(who)];
  const receiver = await connectors[kind](proxy.url, uris, ears);
  const visitor: Visitor = {
    ...{ who, ring, oracle, receiver, isBack: false },
    noticed: (n) =>
      new Promise((resolve) => {
        wanted = { n, resolve };
        if (oracle.noticed >= n) resolve();
      }),
  };
  return visitor;
}

function knockUri(who: string): string {
  return uriOf(knocksOf(who), 0);
}

function knocksOf(who: string): Ring {
  return { name: `knock-${who}`, size: 1 };
}

/** A call of each visitor, all of which have begun and wait. */
async function callAll(name: string): Promise<readonly Promise<CallEnd>[]> {
  const calls = visitors.map(({ who, receiver }) => receiver.call(`${who}:${name}`, 3, true));
  let held = 0;
  while (held < visitors.length) {
    const counts = await Promise.all(nodes.map((node) => node.ask<number>('held')));
    held = counts.reduce((sum, count) => sum + count, 0);
  }
  return calls;
}

/** The sessions live on: they hear what any node says, nothing is missing, and calls are answered. */
async function expectLife(staying: readonly Child[], name: string): Promise<void> {
  // Between two nodes nobody writes what there is to say. How long that is, the client decides.
  let knocks = 0;
  while (visitors.some(({ isBack }) => !isBack)) {
    const upTo = ++knocks;
    for (const { who, isBack } of visitors) {
      const ring = knocksOf(who);
      if (!isBack) await staying[0]!.ask('notify', { ring, from: upTo, upTo });
    }
  }
  const calls = visitors.map(({ who, receiver }) => receiver.call(`${who}:${name}`, 40));
  let sent = 0;
  for (const node of staying) {
    const [from, upTo] = [sent + 1, (sent += 4)];
    await Promise.all(visitors.map(({ ring }) => node.ask('notify', { ring, from, upTo })));
    await Promise.all(visitors.map(({ noticed }) => noticed(upTo)));
  }
  expect(await Promise.all(calls)).toEqual(calls.map(() => ({ kind: 'answered' })));
  const log = await logOf(staying, true);
  for (const { who, oracle } of visitors) {
    oracle.ended(`${who}:${name}`, { kind: 'answered' });
    oracle.compare(log);
    expect(oracle.faults).toEqual([]);
  }
}

/** The official clients say by its code what ours says by its kind. */
function wordFor(end: CallEnd): string {
  if (end.kind !== 'failed') return end.kind;
  return end.why.startsWith('520 ') ? 'unknown' : end.why;
}
