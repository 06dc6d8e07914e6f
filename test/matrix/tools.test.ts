import { expect } from 'vitest';
import * as z from 'zod';
import { McpError, text, ToolError, toolResult } from '../../src/index.js';
import { cites } from '../requirements.js';
import { matrix } from './matrix.js';

cites('tools/input-schema');
matrix('a tool is listed with its schema and answers with text', async ({ server, connect }) => {
  const input = z.object({ who: z.string().describe('Whom to greet') });
  server.tool('greet', { description: 'Greets', input }, ({ who }) => `hello ${who}`);
  const client = await connect();
  expect(await client.listTools()).toMatchObject([
    {
      name: 'greet',
      description: 'Greets',
      inputSchema: {
        type: 'object',
        properties: { who: { type: 'string', description: 'Whom to greet' } },
        required: ['who'],
      },
    },
  ]);
  const { content, isError } = await client.callTool('greet', { who: 'Ann' });
  expect(content).toEqual([text('hello Ann')]);
  expect(isError).toBeUndefined();
});

matrix('content blocks arrive as they were returned', async ({ server, connect }) => {
  const blocks = [text('a'), { type: 'image', data: 'AAAA', mimeType: 'image/png' }] as const;
  server.tool('draw', {}, () => blocks);
  const client = await connect();
  expect((await client.callTool('draw')).content).toEqual(blocks);
});

const structured = { revisions: ['2026-07-28', '2025-11-25', '2025-06-18'] } as const;

cites('tools/structured-as-text');
matrix('a structured result comes with its text', structured, async ({ server, connect }) => {
  const output = z.object({ sum: z.number() });
  server.tool('add', { output }, () => ({ sum: 3 }));
  server.tool('told', { output }, () => toolResult({ structured: { sum: 4 }, content: 'four' }));
  const client = await connect();
  const [add] = await client.listTools();
  expect(add?.outputSchema).toMatchObject({ type: 'object', required: ['sum'] });
  expect(await client.callTool('add')).toMatchObject({
    structuredContent: { sum: 3 },
    content: [text('{"sum":3}')],
  });
  expect(await client.callTool('told')).toMatchObject({
    structuredContent: { sum: 4 },
    content: [text('four')],
  });
});

const beforeStructure = { revisions: ['2025-03-26', '2024-11-05'] } as const;

matrix('older clients get a structured result as text', beforeStructure, async (stage) => {
  stage.server.tool('add', { output: z.object({ sum: z.number() }) }, () => ({ sum: 3 }));
  const client = await stage.connect();
  expect(await client.listTools()).toEqual([{ name: 'add', inputSchema: expect.anything() }]);
  expect(await client.callTool('add')).toEqual({ content: [text('{"sum":3}')] });
});

cites('tools/output-fits', 'guards/errors-masked');
matrix('a result that breaks its schema is our fault, told to nobody', async (stage) => {
  const { server, connect, reported, wire } = stage;
  server.tool('bad', { output: z.object({ sum: z.number() }) }, () => ({ sum: 'x' }) as never);
  const client = await connect();
  await expect(client.callTool('bad')).rejects.toMatchObject({ code: -32603, fromPeer: true });
  expect(reported).toHaveLength(1);
  expect(wire.text('server')).not.toContain('sum:');
});

cites('tools/validation', 'tools/checks-arguments');
matrix('arguments that do not fit are a result with isError', async ({ server, connect }) => {
  let entered = 0;
  server.tool('add', { input: z.object({ a: z.number() }) }, () => String(++entered));
  server.tool('none', {}, () => String(++entered));
  const client = await connect();
  for (const args of [{}, { a: 'one' }]) {
    const { isError, content } = await client.callTool('add', args);
    expect(isError).toBe(true);
    expect(content).toEqual([text(expect.stringContaining('a:') as never)]);
  }
  expect((await client.callTool('none', { extra: 1 })).isError).toBe(true);
  expect(entered).toBe(0);
});

cites('tools/unknown');
matrix('an unknown tool is the invalid params error', async ({ server, connect }) => {
  server.tool('a', {}, () => '');
  const client = await connect();
  await expect(client.callTool('b')).rejects.toMatchObject({
    kind: 'invalidParams',
    code: -32602,
    fromPeer: true,
    message: 'Unknown tool: b',
  });
});

cites('capability/undeclared');
matrix('a server without tools has no tool methods', async ({ connect }) => {
  const client = await connect();
  expect(client.server.capabilities.tools).toBeUndefined();
  await expect(client.listTools()).rejects.toMatchObject({ code: -32601, fromPeer: true });
  await expect(client.callTool('a')).rejects.toMatchObject({ code: -32601, fromPeer: true });
});

cites('tools/failure');
matrix('the text of a ToolError reaches the model', async ({ server, connect, reported }) => {
  server.tool('fail', {}, () => {
    throw new ToolError('The disk is full');
  });
  const client = await connect();
  expect(await client.callTool('fail')).toMatchObject({
    isError: true,
    content: [text('The disk is full')],
  });
  expect(reported).toEqual([]);
});

cites('guards/errors-masked');
matrix('the text of any other error reaches nobody', async (stage) => {
  const { server, connect, wire, reported } = stage;
  const secrets = [new Error('secret-1'), 'secret-2', { code: 'secret-3' }, undefined];
  server.tool('fail', { input: z.object({ n: z.number() }) }, ({ n }) => {
    return Promise.reject(secrets[n]);
  });
  server.resource('test://fail', {}, () => {
    throw new Error('secret-4');
  });
  server.prompt('fail', {}, () => {
    throw new Error('secret-5');
  });
  const client = await connect();
  const data = { reference: expect.any(String) as string };
  const masked = { code: -32603, message: 'Internal error', data, fromPeer: true };
  for (let n = 0; n < secrets.length; n++) {
    await expect(client.callTool('fail', { n })).rejects.toMatchObject(masked);
    expect(reported.at(-1)).toBe(secrets[n]);
  }
  await expect(client.readResource('test://fail')).rejects.toMatchObject(masked);
  await expect(client.getPrompt('fail')).rejects.toMatchObject(masked);
  expect(reported).toHaveLength(6);
  expect(wire.text('server')).not.toContain('secret');
});

matrix('an McpError of the handler is the answer', async ({ server, connect }) => {
  server.tool('fail', {}, () => {
    throw new McpError('invalidParams', 'Not so', { data: { why: 'x' }, cause: 'hidden' });
  });
  const client = await connect();
  await expect(client.callTool('fail')).rejects.toMatchObject({
    code: -32602,
    message: 'Not so',
    data: { why: 'x' },
    fromPeer: true,
  });
});

matrix('what cannot be written as JSON is our fault, and the call ends', async (stage) => {
  stage.server.tool('cycle', {}, () => {
    const loop: { [key: string]: unknown } = {};
    loop['loop'] = loop;
    return toolResult({ content: { type: 'text', text: 'x', _meta: loop } });
  });
  const client = await stage.connect();
  if (stage.transport === 'memory') return;
  await expect(client.callTool('cycle')).rejects.toMatchObject({ code: -32603 });
  await client.ping();
});

cites('rpc/answer-has-id');
matrix('calls at once find their own answers', async ({ server, connect }) => {
  const open: (() => void)[] = [];
  server.tool('wait', { input: z.object({ n: z.number() }) }, async ({ n }) => {
    await new Promise<void>((resolve) => {
      open.push(resolve);
      // The last one in lets all go, the newest first.
      if (open.length === 5) for (const go of open.toReversed()) go();
    });
    return String(n);
  });
  const client = await connect();
  const answers = await Promise.all([0, 1, 2, 3, 4].map((n) => client.callTool('wait', { n })));
  expect(answers.map(({ content }) => content)).toEqual(
    [0, 1, 2, 3, 4].map((n) => [text(String(n))]),
  );
});

const welcome = { server: { instructions: 'Use it well', title: 'The Matrix' } } as const;

cites('discover/instructions');
matrix('instructions and server info arrive', welcome, async ({ connect }) => {
  const client = await connect();
  expect(client.server.instructions).toBe('Use it well');
  expect(client.server.info).toMatchObject({ name: 'matrix', version: '1.0.0' });
});

matrix('ping is answered', async ({ connect }) => {
  const client = await connect();
  await client.ping();
});

matrix('the handler sees who is calling and what it sent along', async (stage) => {
  stage.server.tool('who', {}, (_args, { peer, meta }) => ({
    client: peer.clientInfo?.name,
    version: peer.protocolVersion,
    roots: peer.capabilities.roots !== undefined,
    trace: meta['traceparent'],
  }));
  const client = await stage.connect({
    client: { name: 'me', version: '2' },
    answers: { roots: [] },
  });
  const { content } = await client.callTool('who', {}, { meta: { traceparent: '00-1-2-01' } });
  const said = { client: 'me', version: stage.revision, roots: true, trace: '00-1-2-01' };
  expect(content).toEqual([text(JSON.stringify(said))]);
  expect(client.protocolVersion).toBe(stage.revision);
});
