import { expect, test } from 'vitest';
import * as z from 'zod';
import { type ErrorKind, McpError } from '../../../src/errors.js';
import { createServer, type Server, text, toolResult } from '../../../src/index.js';
import { createPagedList } from '../../../src/server/paging.js';
import { ann, send } from './task-calls.js';

const masked = {
  kind: 'internal',
  message: 'Internal error',
  data: { reference: expect.stringMatching(/^[\w-]{12}$/) as string },
};

function failing(thrown: unknown): { server: Server; reported: unknown[] } {
  const reported: unknown[] = [];
  const onError = (error: unknown): void => void reported.push(error);
  const server = createServer({ name: 's', version: '1', onError });
  const fail = (): never => {
    throw thrown;
  };
  server.tool('t', {}, fail);
  server.prompt('p', { complete: { a: fail } }, fail);
  server.resource('test://r', {}, fail);
  return { server, reported };
}

const ways = [
  ['tools/call', { name: 't' }],
  ['prompts/get', { name: 'p' }],
  ['resources/read', { uri: 'test://r' }],
  [
    'completion/complete',
    { ref: { type: 'ref/prompt', name: 'p' }, argument: { name: 'a', value: '' } },
  ],
] as const;

const upstream = McpError.fromWire({ code: -32602, message: 'secret', data: 'secret' });
const loop = new McpError('invalidParams', 'secret');
(loop as { cause?: unknown }).cause = loop;

for (const [what, thrown] of [
  ['an answer of a peer', upstream],
  ['a refusal of a peer', new McpError('forbidden', 'secret', { fromPeer: true })],
  ['a refusal made of a peer answer', new McpError('forbidden', 'secret', { cause: upstream })],
  [
    'one that wraps it twice',
    new McpError('invalidParams', 'secret', { cause: new Error('x', { cause: upstream }) }),
  ],
  ['one that is its own cause', loop],
  ['an internal error with words', new McpError('internal', 'secret')],
  ...(
    [
      'connectionFailed',
      'connectionClosed',
      'outcomeUnknown',
      'timeout',
      'unauthorized',
      'sessionNotFound',
      'badResponse',
      'unavailable',
    ] as const satisfies readonly ErrorKind[]
  ).map((kind) => [kind, new McpError(kind, 'secret')] as const),
] as const) {
  test(`what a handler throws stays here: ${what}`, async () => {
    const { server, reported } = failing(thrown);
    for (const [method, params] of ways) {
      await expect(send(server, { principal: ann }, method, params)).rejects.toMatchObject(masked);
    }
    // Each once, although the error passes two places that report.
    expect(reported).toEqual(ways.map(() => thrown));
  });
}

test('a refusal of the handler itself is the answer', async () => {
  for (const kind of ['invalidParams', 'resourceNotFound', 'forbidden', 'peer'] as const) {
    const refusal = new McpError(kind, 'Not so', { cause: new Error('why') });
    const { server, reported } = failing(refusal);
    for (const [method, params] of ways) {
      await expect(send(server, { principal: ann }, method, params)).rejects.toBe(refusal);
    }
    expect(reported).toEqual([]);
  }
});

test('a fault of middleware is masked and reported, its refusals are neither', async () => {
  const { server, reported } = failing('nothing');
  const fault = new Error('secret');
  let thrown: unknown = fault;
  server.use(() => () => Promise.reject(thrown));
  const list = (): Promise<unknown> => send(server, { principal: ann }, 'tools/list', {});
  await expect(list()).rejects.toMatchObject(masked);
  thrown = new McpError('forbidden', 'Closed');
  await expect(list()).rejects.toBe(thrown);
  expect(reported).toEqual([fault]);
});

test('what the output check made of the value is sent', async () => {
  const server = createServer({ name: 's', version: '1' });
  const output = z.object({ id: z.number(), n: z.number().default(1) });
  const row = { id: 1, secret: 'x' };
  server.tool('plain', { output }, () => row);
  server.tool('told', { output }, () => toolResult({ structured: row, content: 'one' }));
  const call = (name: string): Promise<unknown> =>
    send(server, { principal: ann }, 'tools/call', { name });
  const structuredContent = { id: 1, n: 1 };
  expect(await call('plain')).toEqual({
    structuredContent,
    content: [text(JSON.stringify(structuredContent))],
  });
  expect(await call('told')).toEqual({ structuredContent, content: [text('one')] });
});

test('only pages that were pointed at are kept', () => {
  const items = Array.from({ length: 9 }, (_, i) => [`i${i}`, { name: `i${i}` }] as const);
  const list = createPagedList(
    'items',
    () => items,
    3,
    () => ({}),
  );
  const made = Buffer.from('i0').toString('base64url');
  // A cursor of another node may be as good, but it is not kept, nor is what follows it.
  const odd = list.page(made);
  expect(odd['items']).toEqual([{ name: 'i1' }, { name: 'i2' }, { name: 'i3' }]);
  expect(list.page(made)).not.toBe(odd);
  const next = odd['nextCursor'] as string;
  expect(list.page(next)).not.toBe(list.page(next));
  const second = list.page(undefined)['nextCursor'] as string;
  expect(list.page(second)).toBe(list.page(second));
  list.changed();
  expect(list.page(second)).not.toBe(list.page(second));
});

test('what has no JSON text is reported, with its handler', async () => {
  const reported: unknown[] = [];
  const onError = (error: unknown): void => void reported.push(error);
  const server = createServer({ name: 's', version: '1', onError });
  const odd = { n: 1n };
  const block = { ...text('x'), _meta: odd };
  const resource = { uri: 'test://r', text: 'x', _meta: odd };
  const results = [
    toolResult({ content: 'x', meta: odd }),
    toolResult({ content: 'x', structured: odd }),
    toolResult({ content: block }),
    toolResult({ structured: odd }),
    block,
    [text('y'), { type: 'resource', resource }],
  ];
  const calls = results.map((result, i) => {
    server.tool(`t${i}`, {}, () => result as never);
    return send(server, { principal: ann }, 'tools/call', { name: `t${i}` });
  });
  server.resource('test://r', {}, () => resource);
  calls.push(send(server, { principal: ann }, 'resources/read', { uri: 'test://r' }));
  const ends = await Promise.allSettled(calls);
  expect(ends).toEqual(
    calls.map(() => ({ status: 'rejected', reason: expect.objectContaining(masked) })),
  );
  expect(reported).toEqual(calls.map(() => expect.any(TypeError)));
});

test('the caller is told under which reference to ask, and the log knows it too', async () => {
  const references: string[] = [];
  const server = createServer({
    name: 's',
    version: '1',
    onError(_thrown, _request, { reference }) {
      references.push(reference);
      throw new Error('a log that fails takes no answer with it');
    },
  });
  server.tool('t', {}, () => {
    throw new Error('secret');
  });
  const outcome = (): Promise<unknown> =>
    send(server, { principal: ann }, 'tools/call', { name: 't' }).catch(
      (thrown: unknown) => thrown,
    );
  const ofTool = await outcome();
  server.use(() => () => Promise.reject(new Error('secret')));
  const answers = [ofTool, await outcome()];
  expect(answers).toMatchObject(references.map((reference) => ({ data: { reference } })));
  expect(new Set(references).size).toBe(2);
});
