/** What becomes of calls and streams when the network between us and an official SDK fails. */
import { afterEach, describe, expect, test } from 'vitest';
import type { InteropClient } from './clients/interop-client.js';
import { type Column, connectTo, nameOf } from './columns.js';
import { type Cutter, cutterBefore } from './cutter.js';
import { createDoors, type Doors } from './demo.js';
import type { Host } from './hosts/host.js';
import { hostOurs } from './hosts/ours.js';
import { hostV1 } from './hosts/v1.js';
import { hostV2 } from './hosts/v2.js';

const legacy: readonly Column[] = [
  { client: 'v1', server: 'ours', carrier: 'http', era: 'legacy' },
  { client: 'v2', server: 'ours', carrier: 'http', era: 'legacy' },
  { client: 'ours', server: 'v1', carrier: 'http', era: 'legacy' },
  { client: 'ours', server: 'v2', carrier: 'http', era: 'legacy' },
];
const modern: readonly Column[] = [
  { client: 'v2', server: 'ours', carrier: 'http', era: 'modern' },
  { client: 'ours', server: 'v2', carrier: 'http', era: 'modern' },
];

interface Scene {
  readonly client: InteropClient;
  readonly host: Host;
  readonly network: Cutter;
  readonly doors: Doors;
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

describe.each(legacy.map((column) => [nameOf(column), column] as const))('%s', (_name, column) => {
  test('a call goes on while its stream is cut, and the rest is fetched', async () => {
    const { client, network, doors } = await setUp(column);
    const steps: number[] = [];
    const answer = await client.call(
      'pass',
      { door: 'cut' },
      {
        onProgress({ done }) {
          steps.push(done);
          if (done > 1) return;
          network.cut();
          doors.open('cut');
        },
      },
    );
    expect(answer.content).toEqual([{ type: 'text', text: 'passed' }]);
    expect(steps).toEqual([1, 2, 3]);
    expect(network.sent).toMatch(/^last-event-id: \S+/im);
  });

  test('what a standing stream missed is told when it is back', async () => {
    const { client, network, host } = await setUp(column);
    const watching = await client.watch({ lists: ['tools'] });
    host.grow('seen');
    expect(await watching.changes.next()).toBe('tools');
    network.interrupt();
    host.grow('missed');
    network.restore();
    expect(await watching.changes.next()).toBe('tools');
    expect(network.sent).toMatch(/^last-event-id: \S+/im);
    const names = (await client.list('tools')).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['seen', 'missed']));
    await watching.stop();
  });

  test('a server that lets the connection go is asked for the rest', async () => {
    const { client, network } = await setUp(column);
    const { content } = await client.call('poll');
    expect(content).toEqual([{ type: 'text', text: 'polled' }]);
    expect(network.sent).toMatch(/^last-event-id: \S+/im);
  });
});

describe.each(modern.map((column) => [nameOf(column), column] as const))('%s', (_name, column) => {
  test('a cut connection cancels the call', async () => {
    const { client, network, doors } = await setUp(column);
    const stopper = new AbortController();
    const { signal } = stopper;
    const call = client.call('wait', { door: 'cut' }, { signal, onProgress: () => network.cut() });
    const told = call.catch((thrown: unknown) => thrown);
    await doors.opened('cut');
    // The client of v2 makes nothing of a stream that ends early, and would wait a minute.
    if (column.client === 'v2') stopper.abort();
    expect(await told).toBeInstanceOf(Error);
    expect((await client.call('add', { a: 1, b: 1 })).structuredContent).toEqual({ sum: 2 });
  });
});

async function setUp(column: Column): Promise<Scene> {
  const doors = createDoors();
  const host = await hostFor(column, doors);
  closers.push(() => host.close());
  const network = await cutterBefore(host.url);
  closers.push(() => network.close());
  const client = await connectTo(network.url, column, host);
  closers.push(() => client.close());
  return { client, host, network, doors };
}

function hostFor({ server }: Column, doors: Doors): Promise<Host> {
  if (server === 'ours') return hostOurs({ doors, limits: { retryMs: 20 } });
  return server === 'v1' ? hostV1({ doors }) : hostV2({ doors });
}
