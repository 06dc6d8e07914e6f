/** Rules of elicitation, sampling and roots. */
import { expect } from 'vitest';
import * as z from 'zod';
import type { Answers } from '../../src/client/index.js';
import { inputRequired, McpError, text } from '../../src/index.js';
import type { JsonObject } from '../../src/json-rpc/message.js';
import type { Wire } from '../../src/testing/index.js';
import { cites } from '../requirements.js';
import { matrix } from './matrix.js';
import { raw, rawPeer } from './raw-peer.js';

const person = z.object({ name: z.string() });
const sample: Answers['sample'] = () => ({ role: 'assistant', content: text('hi'), model: 'm' });
const form: Answers['form'] = () => ({ name: 'Ann' });
const newest = { revisions: ['2026-07-28', '2025-11-25'] } as const;

/** Questions as they were sent, whatever they travelled in. */
const questionsIn = (wire: Wire): readonly JsonObject[] =>
  wire.messages('server').flatMap(({ method, id, params, result }): JsonObject[] => {
    if (method !== undefined && id !== undefined) return [{ method, params }];
    return Object.values(((result as JsonObject)?.['inputRequests'] ?? {}) as JsonObject) as never;
  });

cites('elicit/declared', 'elicit/modes', 'sampling/declared', 'roots/declared');
matrix('a client declares what it answers, and nothing else', async ({ server, connect }) => {
  server.tool('who', {}, (_args, { peer }) => JSON.stringify(peer.capabilities));
  for (const [answers, capabilities] of [
    [{}, {}],
    [{ form }, { elicitation: { form: {} } }],
    [{ url: () => true }, { elicitation: { url: {} } }],
    [{ sample }, { sampling: {} }],
    [{ sample, sampleTools: true }, { sampling: { tools: {} } }],
    [{ roots: [] }, { roots: {} }],
  ] as const) {
    const { content } = await (await connect({ answers })).callTool('who');
    expect(content).toEqual([text(JSON.stringify(capabilities))]);
  }
});

const rawNewest = { ...raw, ...newest } as const;

cites('elicit/empty-is-form', 'elicit/unsupported-mode');
matrix('a capability without modes means forms', rawNewest, async (stage) => {
  const { server, era } = stage;
  server.tool('url', {}, async (_args, { ask }) => {
    await ask.url('pay', 'Pay?', 'https://pay.example');
    return 'paid';
  });
  server.tool('form', {}, (_args, { peer, ask }) =>
    // A live question would wait for an answer that this peer never gives.
    era === 'modern' ? ask.form('a', 'A?', person).then(() => '') : JSON.stringify(peer),
  );
  const peer = await rawPeer(stage, { elicitation: {} });
  const url = await peer.ask('tools/call', { name: 'url' });
  expect(url).toMatchObject({ error: { code: era === 'modern' ? -32021 : -32600 } });
  if (era === 'legacy') return;
  expect(await peer.ask('tools/call', { name: 'form' })).toMatchObject({
    result: { resultType: 'input_required' },
  });
});

cites('elicit/flat');
matrix('a form that is not flat is never shown', newest, async (stage) => {
  const { server, connect, reported } = stage;
  server.tool('ask', {}, async (_args, { ask }) => {
    await ask.form('a', 'A?', z.object({ a: z.object({ b: z.string() }) }));
    return '';
  });
  const shown: unknown[] = [];
  const client = await connect({ answers: { form: (question) => (shown.push(question), {}) } });
  await expect(client.callTool('ask')).rejects.toMatchObject({ code: -32603 });
  expect([shown, reported.length]).toEqual([[], 1]);
});

cites('elicit/defaults');
matrix('defaults fill what the user left out', newest, async ({ server, connect }) => {
  const fields = z.object({ a: z.string().default('x'), b: z.number().default(2), c: z.string() });
  server.tool('ask', {}, async (_args, { ask }) =>
    JSON.stringify(await ask.form('a', 'A?', fields)),
  );
  const client = await connect({ answers: { form: () => ({ c: 'said' }) } });
  const { content } = await client.callTool('ask');
  expect(content).toEqual([text('{"a":"x","b":2,"c":"said"}')]);
});

cites('elicit/url-id', 'elicit/no-url-id');
matrix('a URL has an id in sessions, and only there', newest, async (stage) => {
  const { server, connect, wire, era } = stage;
  server.tool('pay', {}, async (_args, { ask }) => {
    await ask.url('pay', 'Pay?', 'https://pay.example');
    return '';
  });
  await (await connect({ answers: { url: () => true } })).callTool('pay');
  const [{ params } = {}] = questionsIn(wire);
  expect(params).toMatchObject({ mode: 'url', url: 'https://pay.example' });
  const id = (params as JsonObject)['elicitationId'];
  expect(typeof id).toBe(era === 'legacy' ? 'string' : 'undefined');
});

cites('elicit/no-prefetch');
matrix('nobody but the user opens a URL', newest, async ({ server, connect, host }) => {
  server.tool('pay', {}, async (_args, { ask }) => {
    await ask.url('pay', 'Pay?', 'https://pay.example');
    return 'paid';
  });
  const asked = new Set<string>();
  const { fetch: real } = globalThis;
  globalThis.fetch = (input, init) => {
    asked.add(String(input instanceof Request ? input.url : input));
    return real(input, init);
  };
  try {
    await (await connect({ answers: { url: () => true } })).callTool('pay');
  } finally {
    globalThis.fetch = real;
  }
  expect([...asked].filter((url) => url !== host.url)).toEqual([]);
});

cites('sampling/tools-declared', 'sampling/context-declared', 'sampling/balance');
matrix('a model is not asked for what it does not do', newest, async (stage) => {
  const { server, connect, wire, era } = stage;
  const hi = { role: 'user', content: text('hi') } as const;
  const use = { type: 'tool_use', id: '1', name: 't', input: {} } as const;
  const wishes: readonly JsonObject[] = [
    { messages: [hi], tools: [{ name: 't', inputSchema: { type: 'object' } }] },
    { messages: [hi], toolChoice: { mode: 'auto' } },
    { messages: [hi], includeContext: 'thisServer' },
    { messages: [hi, { role: 'assistant', content: use }, hi] },
  ];
  server.tool('think', { input: z.object({ n: z.number() }) }, async ({ n }, { ask }) => {
    await ask.sample('think', { maxTokens: 1, ...wishes[n] } as never);
    return '';
  });
  const client = await connect({ answers: { sample } });
  const missing = era === 'modern' ? -32021 : -32600;
  for (const [n, code] of [missing, missing, missing, -32603].entries()) {
    await expect(client.callTool('think', { n }), `${n}`).rejects.toMatchObject({ code });
  }
  expect(questionsIn(wire)).toEqual([]);
});

cites('roots/file-uris');
matrix('a root is a file:// URI, or the question fails', async ({ server, connect }) => {
  server.tool('roots', {}, async (_args, { ask }) => (await ask.roots()).length.toString());
  const good = await connect({ answers: { roots: [{ uri: 'file:///a' }] } });
  expect((await good.callTool('roots')).content).toEqual([text('1')]);
  const bad = await connect({ answers: { roots: [{ uri: 'https://example.com' }] } });
  await expect(bad.callTool('roots')).rejects.toBeInstanceOf(McpError);
});

cites('roots/no-list-changed');
matrix('roots that change are told to nobody', { eras: ['modern'] }, async (stage) => {
  const { server, connect, wire } = stage;
  let roots = [{ uri: 'file:///a' }];
  server.tool('roots', {}, async (_args, { ask }) => (await ask.roots())[0]!.uri);
  const client = await connect({ answers: { roots: () => roots } });
  expect((await client.callTool('roots')).content).toEqual([text('file:///a')]);
  roots = [{ uri: 'file:///b' }];
  expect((await client.callTool('roots')).content).toEqual([text('file:///b')]);
  expect(wire.messages('client', 'notifications/roots/list_changed')).toEqual([]);
});

cites('rounds/declared-only', 'elicit/flat');
matrix('what is asked by hand is held to the same rules', async (stage) => {
  const { server, connect, wire, era } = stage;
  const nested = { type: 'object', properties: { a: { type: 'object', properties: {} } } };
  const params = { mode: 'form', message: 'A?', requestedSchema: nested };
  const questions = [{ method: 'roots/list' }, { method: 'elicitation/create', params }] as const;
  server.tool('ask', { input: z.object({ n: z.number() }) }, ({ n }) =>
    inputRequired({ requests: { a: questions[n]! } }),
  );
  const client = await connect({ answers: { form } });
  const missing = era === 'modern' ? -32021 : -32600;
  await expect(client.callTool('ask', { n: 0 })).rejects.toMatchObject({ code: missing });
  await expect(client.callTool('ask', { n: 1 })).rejects.toMatchObject({ code: -32603 });
  expect(questionsIn(wire)).toEqual([]);
});
