import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { createServer, type Server, text } from '../../../src/index.js';
import { ann, type Caller, send, turn } from './task-calls.js';

const yes = { ok: { action: 'accept', content: { yes: true } } };
const form = z.object({ yes: z.boolean() });

let reported: unknown[] = [];
const unhandled: unknown[] = [];
const onUnhandled = (thrown: unknown): void => void unhandled.push(thrown);

beforeEach(() => {
  reported = [];
  unhandled.length = 0;
  process.on('unhandledRejection', onUnhandled);
});
afterEach(() => void process.off('unhandledRejection', onUnhandled));

const serverOf = (): Server =>
  createServer({ name: 's', version: '1', onError: (thrown) => void reported.push(thrown) });

const asking: Caller = {
  principal: ann,
  capabilities: { elicitation: {}, sampling: {}, roots: {} },
};

/** All rounds of a call, with the same answers in each. */
async function callAll(server: Server, name: string): Promise<unknown> {
  let params: { [key: string]: unknown } = { name };
  for (let round = 0; round < 5; round++) {
    const result = await send(server, asking, 'tools/call', params);
    if (result['resultType'] !== 'input_required') return result['content'];
    params = { name, requestState: result['requestState'], inputResponses: yes };
  }
  return 'no end';
}

test('a question that is looked at late, or never, is no unhandled rejection', async () => {
  const server = serverOf();
  let go = (): void => undefined;
  const other = new Promise<void>((resolve) => (go = resolve));
  server.tool('late', {}, async (_args, { ask }) => {
    const answers = [
      ask.form('a', 'A?', form),
      ask.url('b', 'B?', 'https://b.example'),
      ask.sample('c', { messages: [], maxTokens: 1 }),
      ask.roots(),
    ];
    await other;
    await Promise.all(answers);
    return 'answered';
  });
  const capabilities = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };
  const caller = { principal: ann, capabilities };
  const round = await send(server, caller, 'tools/call', { name: 'late' });
  expect(Object.keys(round['inputRequests'] as object)).toEqual(['a', 'b', 'c', 'roots']);
  await turn();
  await turn();
  go();
  await turn();
  expect([unhandled, reported]).toEqual([[], []]);
});

test('an effect without a value has happened, too', async () => {
  const server = serverOf();
  let charged = 0;
  server.tool('pay', {}, async (_args, call) => {
    const nothing = await call.once('charge', () => void charged++);
    await call.ask.form('ok', 'Ok?', form);
    return `${charged} ${String(nothing)}`;
  });
  expect(await callAll(server, 'pay')).toEqual([text('1 undefined')]);
});

test('a round waits for its effects, and their signal holds so long', async () => {
  const server = serverOf();
  let charged = 0;
  let finish = (): void => undefined;
  const slow = new Promise<void>((resolve) => (finish = resolve));
  const aborted: boolean[] = [];
  server.tool('pay', {}, async (_args, call) => {
    const [receipt, answer] = await Promise.all([
      call.once('charge', async () => {
        const { signal } = call;
        await slow;
        aborted.push(signal.aborted);
        return ++charged;
      }),
      call.ask.form('ok', 'Ok?', form),
    ]);
    return `${receipt} ${answer.yes}`;
  });
  const paid = callAll(server, 'pay');
  let ended = false;
  void paid.then(() => (ended = true));
  for (let i = 0; i < 4; i++) await turn();
  expect(ended).toBe(false);
  finish();
  expect(await paid).toEqual([text('1 true')]);
  expect([charged, aborted]).toEqual([1, [false]]);
});

test('an effect that asks is run when the answer is there', async () => {
  const server = serverOf();
  let charged = 0;
  server.tool('pay', {}, async (_args, call) => {
    const charge = async (): Promise<number> => {
      await call.ask.form('ok', 'Ok?', form);
      return ++charged;
    };
    return String(await call.once('charge', charge));
  });
  expect(await callAll(server, 'pay')).toEqual([text('1')]);
});

test('an effect that runs already is not run beside itself, nor after its round', async () => {
  const server = serverOf();
  let charged = 0;
  let late = 0;
  server.tool('pay', {}, async (_args, call) => {
    const charge = (): Promise<number> =>
      call.once('charge', async () => (await turn(), ++charged));
    const both = await Promise.all([charge(), charge()]);
    try {
      await call.ask.form('ok', 'Ok?', form);
    } finally {
      await call.once('late', () => ++late);
    }
    return both.join();
  });
  expect(await callAll(server, 'pay')).toEqual([text('1,1')]);
  expect([charged, late]).toEqual([1, 1]);
});

for (const [how, emit] of [
  ['rejects', () => Promise.reject(new TypeError('no JSON'))],
  [
    'throws',
    () => {
      throw new TypeError('no JSON');
    },
  ],
] as const) {
  test(`what cannot be said is reported and ends nothing: ${how}`, async () => {
    const server = serverOf();
    server.tool('say', {}, (_args, call) => {
      void call.log('info', { n: 1n });
      void call.progress(1);
      return 'done';
    });
    const request = { id: 1, method: 'tools/call', params: { name: 'say', _meta: token } } as const;
    const peer = { principal: ann, protocolVersion: 'x', capabilities: {}, logLevel: 'debug' };
    const io = { signal: new AbortController().signal, peer, emit };
    const result = await server.exchange(request, io as never);
    expect(result).toMatchObject({ content: [text('done')] });
    await turn();
    expect(reported).toEqual([new TypeError('no JSON'), new TypeError('no JSON')]);
    expect(unhandled).toEqual([]);
  });
}

const token = { progressToken: 1 };

test('what a handler takes out of its call works by itself, and is the same each time', async () => {
  const server = serverOf();
  const told: unknown[] = [];
  server.tool('apart', { scopes: ['read'] }, async (_args, call) => {
    const { progress, log, once, requireScopes, detach, startTask, ask } = call;
    const all = [progress, log, once, requireScopes, detach, startTask, ask];
    expect([call.progress, call.log, call.once, call.requireScopes]).toEqual(all.slice(0, 4));
    expect([call.detach, call.startTask, call.ask]).toEqual(all.slice(4));
    await progress(1, { of: 2 });
    await log('info', 'half');
    detach({ retryMs: 5 });
    await startTask();
    requireScopes('write');
    return once('key', () => 'done');
  });
  const request = { id: 1, method: 'tools/call', params: { name: 'apart', _meta: token } } as const;
  const principal = { id: 'ann', scopes: ['read', 'write'] };
  const io = {
    signal: new AbortController().signal,
    peer: { principal, protocolVersion: 'x', capabilities: {}, logLevel: 'debug' },
    emit: ({ method }: { method: string }) => void told.push(method),
    detach: (options: object) => void told.push(options),
  };
  const result = await server.exchange(request, io as never);
  expect(reported).toEqual([]);
  expect(result).toMatchObject({ content: [text('done')] });
  expect(told).toEqual(['notifications/progress', 'notifications/message', { retryMs: 5 }]);
  const lesser = { ...principal, scopes: ['read'] };
  const refused = { ...io, peer: { ...io.peer, principal: lesser } };
  await expect(server.exchange(request, refused as never)).rejects.toThrow('write');
});
