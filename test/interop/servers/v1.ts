import { completable } from '@modelcontextprotocol/sdk/server/completable.js';
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import {
  type CallToolResult,
  type RequestId,
  type ServerNotification,
  type ServerRequest,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import {
  createDoors,
  demo,
  type Doors,
  everyContent,
  filter,
  type ListName,
  nameForm,
} from '../demo.js';

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

/** The demo server in the words of the official SDK v1. One object serves one client. */
export function createV1Demo(doors: Doors = createDoors()): McpServer {
  const server = new McpServer(
    { name: demo.name, version: demo.version },
    {
      instructions: demo.instructions,
      capabilities: { logging: {}, resources: { subscribe: true } },
    },
  );
  addPlainTools(server);
  addSlowTools(server, doors);
  addQuestions(server);
  addChanges(server);
  addResources(server);
  server.registerPrompt(
    'greet',
    {
      description: 'Greets somebody.',
      argsSchema: {
        name: completable(z.string().describe('Who'), (start) => filter(demo.names, start)),
        mood: completable(z.string().optional(), (start, context) =>
          filter([`happy ${context?.arguments?.['name']}`], start ?? ''),
        ),
      },
    },
    ({ name }) => ({
      messages: [
        { role: 'user', content: { type: 'text', text: `Hello ${name}` } },
        { role: 'assistant', content: everyContent[1]! },
      ],
    }),
  );
  return server;
}

function said(text: string): CallToolResult {
  return { content: [{ type: 'text', text }] };
}

function progress(extra: Extra, params: { progress: number; total?: number; message?: string }) {
  const progressToken = extra._meta?.progressToken;
  if (progressToken === undefined) return Promise.resolve();
  return extra.sendNotification({
    method: 'notifications/progress',
    params: { progressToken, ...params },
  });
}

function addPlainTools(server: McpServer): void {
  server.registerTool(
    'add',
    {
      title: 'Add',
      description: 'Adds two numbers.',
      inputSchema: { a: z.number(), b: z.number() },
      outputSchema: { sum: z.number() },
      annotations: { readOnlyHint: true },
    },
    ({ a, b }) => ({ ...said(JSON.stringify({ sum: a + b })), structuredContent: { sum: a + b } }),
  );
  server.registerTool('echo', { inputSchema: { text: z.string() } }, ({ text }) => said(text));
  server.registerTool('show', {}, () => ({ content: [...everyContent] }));
  server.registerTool('fail', {}, () => {
    throw new Error('It failed on purpose');
  });
  server.registerTool('trace', {}, (extra) => ({
    ...said(String(extra._meta?.['traceparent'])),
    _meta: { 'demo/seen': true },
  }));
}

function addSlowTools(server: McpServer, doors: Doors): void {
  server.registerTool('talk', {}, async (extra) => {
    const { loggerName: logger } = demo;
    // As most servers do it: the message belongs to no request and takes the standing stream.
    await server.sendLoggingMessage({ level: 'debug', logger, data: 'Quiet' }, extra.sessionId);
    const data = { half: 'way' };
    await server.sendLoggingMessage({ level: 'warning', logger, data }, extra.sessionId);
    return said('talked');
  });
  const door = { inputSchema: { door: z.string() } };
  server.registerTool('open', door, ({ door: name }) => {
    doors.open(name);
    return said(`Opened ${name}`);
  });
  server.registerTool('steps', door, async ({ door: name }, extra) => {
    for (const step of [1, 2, 3]) {
      await progress(extra, { progress: step, total: 3, message: `Step ${step}` });
      await doors.opened(`${name} ${step}`);
    }
    return said('done');
  });
  server.registerTool('wait', door, async ({ door: name }, extra) => {
    const stopped = new Promise<void>((resolve) => {
      extra.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await progress(extra, { progress: 1 });
    await stopped;
    doors.open(name);
    return said('Nobody hears this');
  });
  server.registerTool('stopped', door, async ({ door: name }) => {
    await doors.opened(name);
    return said('stopped');
  });
  server.registerTool('pass', door, async ({ door: name }, extra) => {
    await progress(extra, { progress: 1, total: 3 });
    await doors.opened(name);
    await progress(extra, { progress: 2, total: 3 });
    await progress(extra, { progress: 3, total: 3 });
    return said('passed');
  });
  server.registerTool('poll', {}, (extra) => {
    extra.closeSSEStream?.();
    return said('polled');
  });
}

function addQuestions(mcp: McpServer): void {
  const { server } = mcp;
  mcp.registerTool('ask_form', {}, async (extra) => {
    const answer = await server.elicitInput(
      { mode: 'form', message: 'Who are you?', requestedSchema: nameForm },
      { relatedRequestId: extra.requestId },
    );
    if (answer.action !== 'accept') throw new Error(`The user said ${answer.action}`);
    const { name, color } = answer.content ?? {};
    return said(`${String(name)} likes ${String(color)}`);
  });
  mcp.registerTool('ask_url', {}, async (extra) => {
    const { action } = await server.elicitInput(
      { mode: 'url', message: 'Please confirm', url: demo.confirmUrl, elicitationId: 'e-1' },
      { relatedRequestId: extra.requestId },
    );
    if (action !== 'accept') throw new Error(`The user said ${action}`);
    return said('confirmed');
  });
  mcp.registerTool('ask_model', {}, async (extra) => {
    const { model, content } = await server.createMessage(
      {
        messages: [{ role: 'user', content: { type: 'text', text: 'Say hello' } }],
        maxTokens: 10,
      },
      { relatedRequestId: extra.requestId },
    );
    return said(`${model}: ${JSON.stringify(content)}`);
  });
  const askName = async (relatedRequestId: RequestId): Promise<string> => {
    const { content } = await server.elicitInput(
      { mode: 'form', message: 'Who are you?', requestedSchema: nameForm },
      { relatedRequestId },
    );
    return String(content?.['name']);
  };
  mcp.registerTool('ask_both', {}, async (extra) => {
    await progress(extra, { progress: 1 });
    const [name, { roots }] = await Promise.all([askName(extra.requestId), server.listRoots()]);
    return said(`${name} has ${roots.length}`);
  });
  mcp.registerPrompt('ask_prompt', {}, async (extra) => {
    const text = `Hello ${await askName(extra.requestId)}`;
    return { messages: [{ role: 'user', content: { type: 'text', text } }] };
  });
  mcp.registerTool('ask_roots', {}, async () => {
    // Named after no request, so that it comes over the standing stream.
    const { roots } = await server.listRoots();
    return said(roots.map(({ uri }) => uri).join(' '));
  });
}

function addChanges(mcp: McpServer): void {
  const subscribed = new Set<string>();
  mcp.server.setRequestHandler(SubscribeRequestSchema, ({ params }) => {
    subscribed.add(params.uri);
    return {};
  });
  mcp.server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
    subscribed.delete(params.uri);
    return {};
  });
  mcp.registerTool('touch', { inputSchema: { uri: z.string() } }, async ({ uri }) => {
    if (subscribed.has(uri)) await mcp.server.sendResourceUpdated({ uri });
    return said(`Touched ${uri}`);
  });
  let grown = 0;
  const add: { readonly [list in ListName]: (name: string) => void } = {
    tools: (name) => mcp.registerTool(name, {}, () => said(name)),
    prompts: (name) => mcp.registerPrompt(name, {}, () => ({ messages: [] })),
    resources: (name) =>
      mcp.registerResource(name, `demo://${name}`, {}, ({ href }) => ({
        contents: [{ uri: href, text: name }],
      })),
  };
  mcp.registerTool(
    'grow',
    { inputSchema: { list: z.enum(['tools', 'prompts', 'resources']) } },
    ({ list }) => {
      const name = `grown_${++grown}`;
      add[list](name);
      return said(name);
    },
  );
}

function addResources(server: McpServer): void {
  server.registerResource('note', demo.noteUri, { mimeType: 'text/plain' }, ({ href }) => ({
    contents: [{ uri: href, mimeType: 'text/plain', text: demo.note }],
  }));
  const mimeType = 'application/octet-stream';
  server.registerResource('bytes', demo.bytesUri, { mimeType }, ({ href }) => ({
    contents: [{ uri: href, mimeType, blob: demo.bytes }],
  }));
  const template = new ResourceTemplate(demo.itemTemplate, {
    list: undefined,
    complete: { id: (start) => filter(demo.itemIds, start) },
  });
  server.registerResource('item', template, {}, ({ href }, { id }) => ({
    contents: [{ uri: href, text: `Item ${String(id)}` }],
  }));
}
