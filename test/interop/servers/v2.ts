import {
  acceptedContent,
  type CallToolResult,
  completable,
  inputRequired,
  inputResponse,
  McpServer,
  ResourceTemplate,
  type ServerContext,
} from '@modelcontextprotocol/server';
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

/** How a change is told to everybody where each request has a server object of its own. */
export interface Notifier {
  changed(list: ListName): void;
  updated(uri: string): void;
}

/** What the server objects of one process have in common. */
export interface V2World {
  /** The revisions that it knows; absent means all that the SDK does. */
  readonly revisions?: readonly string[] | undefined;
  readonly doors: Doors;
  readonly grown: { readonly list: ListName; readonly name: string }[];
  readonly notifier: Notifier | undefined;
}

export function createV2World(notifier?: Notifier, doors: Doors = createDoors()): V2World {
  return { doors, grown: [], notifier };
}

/** The demo server in the words of the official SDK v2: one object for a client or a request. */
export function createV2Demo(world: V2World, era: 'legacy' | 'modern'): McpServer {
  const server = new McpServer(
    { name: demo.name, version: demo.version },
    {
      instructions: demo.instructions,
      ...(world.revisions === undefined ? {} : { supportedProtocolVersions: [...world.revisions] }),
      capabilities: { logging: {}, resources: { subscribe: true } },
    },
  );
  addPlainTools(server);
  addSlowTools(server, world.doors);
  addQuestions(server);
  addResources(server);
  server.registerPrompt(
    'greet',
    {
      description: 'Greets somebody.',
      argsSchema: z.object({
        name: completable(z.string().describe('Who'), (start) => filter(demo.names, start)),
        mood: completable(z.string(), (start, context) =>
          filter([`happy ${context?.arguments?.['name']}`], start),
        ).optional(),
      }),
    },
    ({ name }) => ({
      messages: [
        { role: 'user', content: { type: 'text', text: `Hello ${name}` } },
        { role: 'assistant', content: everyContent[1]! },
      ],
    }),
  );
  addChanges(server, world, era);
  return server;
}

function said(text: string): CallToolResult {
  return { content: [{ type: 'text', text }] };
}

async function progress(
  { mcpReq }: ServerContext,
  params: { progress: number; total?: number; message?: string },
): Promise<void> {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return;
  await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, ...params } });
}

function addPlainTools(server: McpServer): void {
  server.registerTool(
    'add',
    {
      title: 'Add',
      description: 'Adds two numbers.',
      inputSchema: z.object({ a: z.number(), b: z.number() }),
      outputSchema: z.object({ sum: z.number() }),
      annotations: { readOnlyHint: true },
    },
    ({ a, b }) => ({ ...said(JSON.stringify({ sum: a + b })), structuredContent: { sum: a + b } }),
  );
  server.registerTool('primes', { outputSchema: z.array(z.number()) }, () => ({
    ...said('[2,3,5]'),
    structuredContent: [2, 3, 5],
  }));
  const text = z.object({ text: z.string() });
  server.registerTool('echo', { inputSchema: text }, (args) => said(args.text));
  server.registerTool('show', {}, () => ({ content: [...everyContent] }));
  server.registerTool('fail', {}, () => {
    throw new Error('It failed on purpose');
  });
  server.registerTool('trace', {}, ({ mcpReq }) => ({
    ...said(String(mcpReq._meta?.['traceparent'])),
    _meta: { 'demo/seen': true },
  }));
  const region = z.object({ region: z.string().meta({ 'x-mcp-header': 'Region' }) });
  server.registerTool('region', { inputSchema: region }, (args) => said(args.region));
}

function addSlowTools(server: McpServer, doors: Doors): void {
  server.registerTool('talk', {}, async ({ mcpReq }) => {
    await mcpReq.log('debug', 'Too quiet to be heard', demo.loggerName);
    await mcpReq.log('warning', { half: 'way' }, demo.loggerName);
    return said('talked');
  });
  const door = { inputSchema: z.object({ door: z.string() }) };
  server.registerTool('open', door, ({ door: name }) => {
    doors.open(name);
    return said(`Opened ${name}`);
  });
  server.registerTool('steps', door, async ({ door: name }, context) => {
    for (const step of [1, 2, 3]) {
      await progress(context, { progress: step, total: 3, message: `Step ${step}` });
      await doors.opened(`${name} ${step}`);
    }
    return said('done');
  });
  server.registerTool('wait', door, async ({ door: name }, context) => {
    const stopped = new Promise<void>((resolve) => {
      context.mcpReq.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await progress(context, { progress: 1 });
    await stopped;
    doors.open(name);
    return said('Nobody hears this');
  });
  server.registerTool('stopped', door, async ({ door: name }) => {
    await doors.opened(name);
    return said('stopped');
  });
  server.registerTool('pass', door, async ({ door: name }, context) => {
    await progress(context, { progress: 1, total: 3 });
    await doors.opened(name);
    await progress(context, { progress: 2, total: 3 });
    await progress(context, { progress: 3, total: 3 });
    return said('passed');
  });
  server.registerTool('poll', {}, (context) => {
    context.http?.closeSSE?.();
    return said('polled');
  });
}

function addQuestions(mcp: McpServer): void {
  mcp.registerTool('ask_form', {}, ({ mcpReq }) => {
    const answer = inputResponse(mcpReq.inputResponses, 'who');
    if (answer.kind === 'missing') {
      const who = inputRequired.elicit({ message: 'Who are you?', requestedSchema: nameForm });
      return inputRequired({ inputRequests: { who }, requestState: 'asked once' });
    }
    const content = acceptedContent(mcpReq.inputResponses, 'who');
    if (content === undefined) {
      throw new Error(`The user said ${answer.kind === 'elicit' ? answer.action : answer.kind}`);
    }
    return said(`${String(content['name'])} likes ${String(content['color'])}`);
  });
  mcp.registerTool('ask_url', {}, ({ mcpReq }) => {
    const answer = inputResponse(mcpReq.inputResponses, 'confirm');
    if (answer.kind === 'elicit' && answer.action === 'accept') return said('confirmed');
    const confirm = inputRequired.elicitUrl({ message: 'Please confirm', url: demo.confirmUrl });
    return inputRequired({ inputRequests: { confirm } });
  });
  mcp.registerTool('ask_model', {}, ({ mcpReq }) => {
    const answer = inputResponse(mcpReq.inputResponses, 'model');
    if (answer.kind === 'sampling') {
      return said(`${answer.result.model}: ${JSON.stringify(answer.result.content)}`);
    }
    const model = inputRequired.createMessage({
      messages: [{ role: 'user', content: { type: 'text', text: 'Say hello' } }],
      maxTokens: 10,
    });
    return inputRequired({ inputRequests: { model } });
  });
  mcp.registerTool('ask_both', {}, async (context) => {
    const { inputResponses } = context.mcpReq;
    const answer = inputResponse(inputResponses, 'roots');
    const name = acceptedContent<{ name: string }>(inputResponses, 'who')?.name;
    if (answer.kind === 'roots' && name !== undefined) {
      return said(`${name} has ${answer.roots.length}`);
    }
    await progress(context, { progress: 1 });
    const who = inputRequired.elicit({ message: 'Who are you?', requestedSchema: nameForm });
    return inputRequired({ inputRequests: { who, roots: inputRequired.listRoots() } });
  });
  mcp.registerPrompt('ask_prompt', {}, ({ mcpReq }) => {
    const name = acceptedContent<{ name: string }>(mcpReq.inputResponses, 'who')?.name;
    if (name === undefined) {
      const who = inputRequired.elicit({ message: 'Who are you?', requestedSchema: nameForm });
      return inputRequired({ inputRequests: { who } });
    }
    const text = `Hello ${name}`;
    return { messages: [{ role: 'user', content: { type: 'text', text } }] };
  });
  mcp.registerTool('ask_roots', {}, ({ mcpReq }) => {
    const answer = inputResponse(mcpReq.inputResponses, 'roots');
    if (answer.kind === 'roots') return said(answer.roots.map(({ uri }) => uri).join(' '));
    return inputRequired({ inputRequests: { roots: inputRequired.listRoots() } });
  });
}

function addTouch(mcp: McpServer, { notifier }: V2World, era: 'legacy' | 'modern'): void {
  const subscribed = new Set<string>();
  mcp.server.setRequestHandler('resources/subscribe', ({ params }) => {
    subscribed.add(params.uri);
    return {};
  });
  mcp.server.setRequestHandler('resources/unsubscribe', ({ params }) => {
    subscribed.delete(params.uri);
    return {};
  });
  const inputSchema = z.object({ uri: z.string() });
  mcp.registerTool('touch', { inputSchema }, async ({ uri }) => {
    notifier?.updated(uri);
    // In the modern era the SDK itself knows who listens to what.
    if (era === 'modern' || subscribed.has(uri)) await mcp.server.sendResourceUpdated({ uri });
    return said(`Touched ${uri}`);
  });
}

function addChanges(mcp: McpServer, world: V2World, era: 'legacy' | 'modern'): void {
  addTouch(mcp, world, era);
  const { grown, notifier } = world;
  const add: { readonly [list in ListName]: (name: string) => void } = {
    tools: (name) => mcp.registerTool(name, {}, () => said(name)),
    prompts: (name) => mcp.registerPrompt(name, {}, () => ({ messages: [] })),
    resources: (name) =>
      mcp.registerResource(name, `demo://${name}`, {}, ({ href }) => ({
        contents: [{ uri: href, text: name }],
      })),
  };
  for (const { list, name } of grown) add[list](name);
  const list = z.enum(['tools', 'prompts', 'resources']);
  mcp.registerTool('grow', { inputSchema: z.object({ list }) }, (args) => {
    const name = `grown_${grown.length + 1}`;
    grown.push({ list: args.list, name });
    add[args.list](name);
    notifier?.changed(args.list);
    return said(name);
  });
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
