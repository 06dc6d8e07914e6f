/** Several who listen in one session: what is acknowledged is in force, whoever asked for it. */
import { expect, test } from 'vitest';
import { connect } from '../../../src/connect.js';
import { manualPlatform } from '../../../src/testing/index.js';
import { type Asked, failureOf, type Scripted, scripted, welcome } from './scripted.js';

const uri = 'test://a';
const capabilities = { resources: { subscribe: true } };
const options = { era: 'legacy' } as const;
const subscribe = 'resources/subscribe';
const unsubscribe = 'resources/unsubscribe';

/** A server that leaves questions about resources to the test. */
function watching(answer: (asked: Asked, server: Scripted) => void = () => undefined): Scripted {
  return scripted((asked, server) => {
    if (asked.method === 'initialize') server.result(asked, { ...welcome, capabilities });
    else if (asked.method === 'ping') server.result(asked, {});
    else answer(asked, server);
  });
}

test('a second listener is told that it listens once the server knows of it', async () => {
  const server = watching();
  await using client = await connect(server.pipe, { ...options, platform: manualPlatform() });
  const first = client.listen({ uris: [uri] })[Symbol.asyncIterator]();
  const second = client.listen({ uris: [uri] })[Symbol.asyncIterator]();
  const heard: string[] = [];
  const both = [first, second].map((changes, index) =>
    changes.next().then(() => heard.push(`listener ${index + 1}`)),
  );
  const asked = await server.until(subscribe);
  // Its answer comes after whatever the client might have told before.
  await client.ping();
  expect(heard).toEqual([]);
  server.result(asked, {});
  await Promise.all(both);
  expect(heard.toSorted()).toEqual(['listener 1', 'listener 2']);
  expect(server.methods().filter((method) => method === subscribe)).toHaveLength(1);
});

test('a second listener subscribes itself when the first has gone meanwhile', async () => {
  const server = watching((asked, { result }) => {
    if (asked.method === unsubscribe) result(asked, {});
  });
  await using client = await connect(server.pipe, { ...options, platform: manualPlatform() });
  const stopper = new AbortController();
  const { signal } = stopper;
  const first = client.listen({ uris: [uri] }, { signal })[Symbol.asyncIterator]();
  const second = client.listen({ uris: [uri] })[Symbol.asyncIterator]();
  const [left, heard] = [first.next(), second.next()];
  await server.until(subscribe);
  stopper.abort();
  expect(await left).toMatchObject({ done: true });
  server.result(await server.until(subscribe, 2), {});
  expect(await heard).toMatchObject({ value: { kind: 'listening' } });
});

test('a new subscription waits until the old one is taken back', async () => {
  const server = watching((asked, { result }) => {
    if (asked.method === subscribe) result(asked, {});
  });
  await using client = await connect(server.pipe, { ...options, platform: manualPlatform() });
  const first = client.listen({ uris: [uri] })[Symbol.asyncIterator]();
  await first.next();
  const left = first.return?.();
  const asked = await server.until(unsubscribe);
  const second = client.listen({ uris: [uri] })[Symbol.asyncIterator]();
  const heard = second.next();
  await client.ping();
  expect(server.methods().filter((method) => method === subscribe)).toHaveLength(1);
  server.result(asked, {});
  await Promise.all([left, heard]);
  expect(server.methods().filter((method) => method.startsWith('resources/'))).toEqual([
    subscribe,
    unsubscribe,
    subscribe,
  ]);
});

test('what cannot be subscribed to ends the listening', async () => {
  const server = watching((asked, { error, result }) => {
    if (asked.method === subscribe) error(asked, -32602);
    else result(asked, {});
  });
  await using client = await connect(server.pipe, { ...options, platform: manualPlatform() });
  const [first, second] = [1, 2].map(() =>
    failureOf(
      client
        .listen({ uris: [uri] })
        [Symbol.asyncIterator]()
        .next(),
    ),
  );
  expect(await first).toMatchObject({ kind: 'invalidParams' });
  expect(await second).toMatchObject({ kind: 'invalidParams' });
});
