import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultLimits } from '../../../src/limits.js';
import { createServer, type Server } from '../../../src/server/index.js';
import { memoryKept } from '../../../src/stores/memory-kept.js';
import type { KeptByServer } from '../../../src/stores/server-store.js';
import { createNodes, type Nodes } from './nodes.js';
import { ann, send, turn } from './task-calls.js';

const { sharedChangesMax } = defaultLimits;

let nodes: Nodes;
let stopper: AbortController;

beforeEach(() => {
  nodes = createNodes();
  stopper = new AbortController();
});

afterEach(() => stopper.abort());

const define = (server: Server): void => {
  server.tool('x', {}, () => 'x');
  server.resource('mem://{name}', { name: 'mem' }, () => 'text');
};

/** What a caller of `server` is told, once it was told that it listens. */
async function listen(server: Server, uris: readonly string[] = []): Promise<string[]> {
  const heard: string[] = [];
  const caller = {
    principal: ann,
    signal: stopper.signal,
    emit: ({ method, params }: { method: string; params?: object }) => {
      heard.push(`${method.replace('notifications/', '')} ${JSON.stringify(params)}`);
    },
  };
  const notifications = { toolsListChanged: true, resourceSubscriptions: uris };
  void send(server, caller, 'subscriptions/listen', { notifications });
  while (heard.length === 0) await turn();
  heard.pop();
  return heard;
}

const arrived = async (): Promise<void> => {
  for (let turns = 0; turns < 5; turns++) await turn();
};
const updated = (uri: string): string => `resources/updated ${JSON.stringify({ uri })}`;

test('what changes on one node is told to those who listen on any', async () => {
  const servers = ['one', 'other', 'third'].map((name) => nodes.start(name, define));
  await arrived();
  const heard = await Promise.all(servers.map((server) => listen(server, ['mem://a'])));
  nodes.told.length = 0;
  servers[0]!.resourceUpdated('mem://a');
  servers[1]!.tool('new', {}, () => 'new');
  await arrived();
  for (const all of heard) {
    expect(all.toSorted()).toEqual([updated('mem://a'), 'tools/list_changed undefined']);
  }
  // Nobody tells on what it was told.
  expect(nodes.told).toEqual([
    { node: 'one', body: { changes: [{ kind: 'resource', uri: 'mem://a' }] } },
    { node: 'other', body: { changes: [{ kind: 'tools' }] } },
  ]);
});

test('a burst of changes of one thing is one message', async () => {
  const [one, other] = [nodes.start('one', define), nodes.start('other', define)];
  await arrived();
  const heard = await listen(other, ['mem://a']);
  nodes.told.length = 0;
  for (let times = 0; times < 1000; times++) one.resourceUpdated('mem://a');
  await arrived();
  expect(heard).toEqual([updated('mem://a')]);
  expect(nodes.told).toHaveLength(1);
});

test('many things that change in one turn are told, all of them, in messages of a bounded size', async () => {
  const [one, other] = [nodes.start('one', define), nodes.start('other', define)];
  await arrived();
  const uris = Array.from({ length: 2 * sharedChangesMax + 1 }, (_, at) => `mem://${at}`);
  const heard = await listen(other, uris);
  nodes.told.length = 0;
  for (const uri of uris) one.resourceUpdated(uri);
  await arrived();
  expect(heard).toEqual(uris.map(updated));
  const sizes = nodes.told.map(({ body }) => (body as { changes: unknown[] }).changes.length);
  expect(sizes).toEqual([sharedChangesMax, sharedChangesMax, 1]);
});

test('who may have missed something is told of all that it listens to', async () => {
  const [one, other] = [nodes.start('one', define), nodes.start('other', define)];
  await arrived();
  const heard = await listen(other, ['mem://a', 'mem://b']);
  nodes.part('one', 'other');
  one.resourceUpdated('mem://a');
  await arrived();
  expect(heard).toEqual([]);
  nodes.mend('one', 'other');
  await arrived();
  expect(heard).toEqual(['tools/list_changed undefined', updated('mem://a'), updated('mem://b')]);
});

test('a server that is closed tells nothing and hears nothing', async () => {
  const [one, other] = [nodes.start('one', define), nodes.start('other', define)];
  await arrived();
  const heard = await listen(other, ['mem://a']);
  other.close();
  one.resourceUpdated('mem://a');
  await arrived();
  expect(heard).toEqual([]);
  nodes.told.length = 0;
  other.resourceUpdated('mem://a');
  await arrived();
  expect(nodes.told).toEqual([]);
  expect(nodes.hearing).toBeGreaterThan(0);
  one.close();
  expect(nodes.hearing).toBe(0);
});

test('what other nodes say is looked at before it is believed', async () => {
  let say: ((body: object) => unknown) | undefined;
  const own = memoryKept(nodes.platform);
  const kept: KeptByServer = {
    ...own,
    cluster: {
      ...own.cluster,
      hear(topic, heard) {
        if (topic === 'change') say = (body) => heard(body as never);
        return () => undefined;
      },
    },
  };
  const server = nodes.start('one', define);
  expect(() => server.keepIn?.(kept)).toThrow('another store');
  const alone = createServer({ name: 'x', version: '1', platform: nodes.platform });
  define(alone);
  alone.keepIn?.(kept);
  const heard = await listen(alone, ['mem://a', 'mem://b']);
  const uri = 'mem://a';
  for (const body of [
    {},
    { changes: 'x' },
    { changes: [null, 1, 'tools', [], {}] },
    { changes: [{ kind: 'tool' }, { kind: 'resource' }, { kind: 'resource', uri: 1 }] },
    { changes: [{ kind: 'resource', uri: 'x'.repeat(defaultLimits.uriBytesMax + 1) }] },
    { changes: [{ kind: 'item', member: 'resourceSubscriptions' }] },
    { changes: Array.from({ length: sharedChangesMax + 1 }, () => ({ kind: 'resource', uri })) },
  ]) {
    expect(say?.(body), JSON.stringify(body).slice(0, 100)).toBe(false);
  }
  expect(say?.({ changes: [{ kind: 'x' }, { kind: 'resource', uri, more: 1 }] })).toBe(true);
  await arrived();
  expect(heard).toEqual([updated(uri)]);
});

test('who listens is over at once when it is cancelled, also while nothing is taken of it', async () => {
  const server = nodes.start('one', define);
  const caller = {
    principal: ann,
    signal: stopper.signal,
    emit: () => new Promise<void>(() => {}),
  };
  const listening = send(server, caller, 'subscriptions/listen', { notifications: {} });
  await turn();
  stopper.abort();
  expect(await listening).toMatchObject({});
});
