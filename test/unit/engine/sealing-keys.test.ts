import { beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { defaultLimits } from '../../../src/limits.js';
import { createServer, type Server, type ServerOptions } from '../../../src/server/index.js';
import { memoryKept } from '../../../src/stores/memory-kept.js';
import { manualPlatform } from '../../../src/testing/index.js';
import { createNodes, type Nodes } from '../server/nodes.js';
import { ann, type Caller, send, turn } from '../server/task-calls.js';

const { sealingAskMs, sealingKeyMs, sealingRingMs, sessionTotalMs, tokenSkewMs } = defaultLimits;
const anns: Caller = { principal: ann };
const inputResponses = { who: { action: 'accept', content: { name: 'Ann' } } };
const refused = { code: -32602 };
const unavailable = { kind: 'unavailable', status: 503 };

let nodes: Nodes;
let asked: number;

const define = (server: Server): void => {
  server.tool('greet', {}, async (_args, call) => {
    const { name } = await call.ask.form('who', 'Who?', z.object({ name: z.string() }));
    return `hi ${name}`;
  });
};
const start = (name: string, options?: Partial<ServerOptions>): Server =>
  nodes.start(name, define, options);
const ask = async (server: Server): Promise<string> =>
  (await send(server, anns, 'tools/call', { name: 'greet' }))['requestState'] as string;
const answer = (server: Server, requestState: string): Promise<unknown> =>
  send(server, anns, 'tools/call', { name: 'greet', requestState, inputResponses });
const greeted = { content: [{ text: 'hi Ann' }] };
const idOf = (state: string): string => state.split('.')[0]!;
const pass = (ms: number): Promise<void> => nodes.platform.clock.advance(ms);

beforeEach(() => {
  nodes = createNodes();
  asked = 0;
  const { ring } = nodes.kept.keys;
  Object.assign(nodes.kept.keys, {
    ring: (...args: Parameters<typeof ring>) => {
      asked++;
      return ring(...args);
    },
  });
});

test('what one node has sealed the others open', async () => {
  const [one, other] = [start('one'), start('other')];
  const [ones, others] = await Promise.all([ask(one), ask(other)]);
  expect(idOf(ones)).toMatch(/^[\w-]{1,16}$/);
  expect(idOf(ones)).toBe(idOf(others));
  expect(await answer(other, ones)).toMatchObject(greeted);
  expect(await answer(one, others)).toMatchObject(greeted);
});

test('keys are renewed, and kept until all that they sealed has expired', async () => {
  const [one, other] = [start('one'), start('other')];
  const first = await ask(one);
  await pass(sealingKeyMs);
  const last = await ask(one);
  expect(idOf(last)).toBe(idOf(first));
  await pass(sealingRingMs);
  const before = asked;
  await ask(one);
  expect(asked).toBe(before + 1);
  for (let turns = 0; turns < 3; turns++) await turn();
  // The next one is there, and used as soon as all nodes must have seen it.
  expect(idOf(await ask(one))).toBe(idOf(first));
  await pass(2 * sealingRingMs);
  const renewed = await ask(one);
  expect(idOf(renewed)).not.toBe(idOf(first));
  expect(await answer(other, renewed)).toMatchObject(greeted);
  // In flight since before: rotation breaks nothing.
  expect(await answer(other, last)).toMatchObject(greeted);
  await expect(answer(other, first)).rejects.toMatchObject(refused);
});

test('a key that is forgotten opens nothing', async () => {
  const one = start('one');
  const sealed = await ask(one);
  await pass(2 * sealingKeyMs + sessionTotalMs + tokenSkewMs + 1);
  await ask(one);
  const ids = (
    await nodes.kept.keys.ring(
      { id: 'x', secret: new Uint8Array(32), createdAt: 0 },
      { renewBefore: 0, forgetBefore: 0 },
    )
  ).map(({ id }) => id);
  expect(ids).not.toContain(idOf(sealed));
  await expect(answer(one, sealed)).rejects.toMatchObject(refused);
});

test('while the store is away, known keys go on for a while, and nobody is told untruths', async () => {
  const [one, other] = [start('one'), start('other')];
  const before = await ask(one);
  nodes.isAway = true;
  await pass(sealingRingMs);
  const meanwhile = await ask(one);
  for (const state of [before, meanwhile]) expect(await answer(one, state)).toMatchObject(greeted);
  // It has never seen the keys.
  await expect(ask(other)).rejects.toMatchObject(unavailable);
  await expect(answer(other, before)).rejects.toMatchObject(unavailable);
  await pass(2 * sealingKeyMs);
  await expect(ask(one)).rejects.toMatchObject(unavailable);
  nodes.isAway = false;
  await pass(sealingAskMs);
  expect(await answer(other, await ask(one))).toMatchObject(greeted);
});

test('made-up names of keys have the store asked once a second, at most', async () => {
  const server = start('one');
  const sealed = await ask(server);
  const forged = (name: string): string => `${name}.${sealed.split('.')[1]}`;
  await pass(sealingAskMs);
  const before = asked;
  for (let number = 0; number < 100; number++) {
    await expect(answer(server, forged(`key${number}`))).rejects.toMatchObject(refused);
  }
  expect(asked - before).toBe(1);
  await pass(sealingAskMs);
  await expect(answer(server, forged('key'))).rejects.toMatchObject(refused);
  expect(asked - before).toBe(2);
  expect(await answer(server, sealed)).toMatchObject(greeted);
});

test('what is sealed is read only as a whole', async () => {
  const server = start('one');
  const sealed = await ask(server);
  const [id, text] = sealed.split('.') as [string, string];
  for (const state of [text, `.${text}`, `${id}.`, `${id}..${text}`, `${id}.${id}.${text}`, id]) {
    await expect(answer(server, state), state).rejects.toMatchObject(refused);
  }
});

describe('secrets that the author gives', () => {
  const secret = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

  test('seal on all nodes that have them, and the store is not asked', async () => {
    const [one, other] = ['one', 'other'].map((name) => start(name, { stateSecret: secret(1) }));
    expect(await answer(other!, await ask(one!))).toMatchObject(greeted);
    expect(asked).toBe(0);
  });

  test('are replaced by putting the new one first', async () => {
    const old = start('old', { stateSecret: secret(1) });
    const both = start('both', { stateSecret: [secret(2), secret(1)] });
    const renewed = start('renewed', { stateSecret: [secret(2)] });
    expect(await answer(both, await ask(old))).toMatchObject(greeted);
    expect(await answer(renewed, await ask(both))).toMatchObject(greeted);
    await expect(answer(renewed, await ask(old))).rejects.toMatchObject(refused);
  });

  test.each([
    ['too short', new Uint8Array(16)],
    ['none', []],
    ['one too long', [secret(1), new Uint8Array(33)]],
  ])('are refused where they are given: %s', (_what, stateSecret) => {
    expect(() => start('one', { stateSecret })).toThrow('stateSecret must be 32 bytes');
  });
});

describe('the store of a server', () => {
  const serverOf = (): Server => {
    const server = createServer({ name: 'x', version: '1', platform: manualPlatform() });
    define(server);
    return server;
  };
  const kept = () => memoryKept(manualPlatform());

  test('may be handed over again, and not another one', () => {
    const server = serverOf();
    const store = kept();
    server.keepIn?.(store);
    server.keepIn?.({ ...store });
    expect(() => server.keepIn?.(kept())).toThrow('another store');
  });

  test('comes before its first use', async () => {
    const server = serverOf();
    await ask(server);
    expect(() => server.keepIn?.(kept())).toThrow('before it is used');
  });
});
