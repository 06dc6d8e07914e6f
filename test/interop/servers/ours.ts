import { z } from 'zod';
import { createServer, type Server, text, ToolError, toolResult } from '../../../src/index.js';
import { createDoors, demo, type Doors, everyContent, filter, type ListName } from '../demo.js';

/** The demo server in Sallyport's words. One object serves any number of clients. */
export function createOurDemo(doors: Doors = createDoors()): Server {
  const server = createServer({
    name: demo.name,
    version: demo.version,
    instructions: demo.instructions,
    // Small, so that every list has several pages.
    limits: { pageItemsMax: 4 },
    onError: () => undefined,
  });
  addPlainTools(server);
  addSlowTools(server, doors);
  addPoll(server);
  addQuestions(server);
  addChanges(server);
  addResources(server);
  server.prompt(
    'greet',
    {
      description: 'Greets somebody.',
      input: z.object({ name: z.string().describe('Who'), mood: z.string().optional() }),
      complete: {
        name: (start) => filter(demo.names, start),
        mood: (start, { name }) => filter([`happy ${name}`], start),
      },
    },
    ({ name }) => [
      { role: 'user', content: text(`Hello ${name}`) },
      { role: 'assistant', content: everyContent[1]! },
    ],
  );
  return server;
}

function addPlainTools(server: Server): void {
  server.tool(
    'add',
    {
      title: 'Add',
      description: 'Adds two numbers.',
      input: z.object({ a: z.number(), b: z.number() }),
      output: z.object({ sum: z.number() }),
      annotations: { readOnlyHint: true },
    },
    ({ a, b }) => ({ sum: a + b }),
  );
  server.tool('primes', { output: z.array(z.number()) }, () => [2, 3, 5]);
  server.tool('echo', { input: z.object({ text: z.string() }) }, ({ text: said }) => said);
  server.tool('show', {}, () => everyContent);
  server.tool('fail', {}, () => {
    throw new ToolError('It failed on purpose');
  });
  server.tool('trace', {}, (_args, call) =>
    toolResult({ content: String(call.meta['traceparent']), meta: { 'demo/seen': true } }),
  );
  server.tool(
    'region',
    { input: z.object({ region: z.string().meta({ 'x-mcp-header': 'Region' }) }) },
    ({ region }) => region,
  );
}

function addSlowTools(server: Server, doors: Doors): void {
  server.tool('talk', {}, async (_args, call) => {
    await call.log('debug', 'Too quiet to be heard', demo.loggerName);
    await call.log('warning', { half: 'way' }, demo.loggerName);
    return 'talked';
  });
  const door = { input: z.object({ door: z.string() }) };
  server.tool('open', door, ({ door: name }) => {
    doors.open(name);
    return `Opened ${name}`;
  });
  server.tool('steps', door, async ({ door: name }, call) => {
    for (const step of [1, 2, 3]) {
      await call.progress(step, { of: 3, message: `Step ${step}` });
      await doors.opened(`${name} ${step}`);
    }
    return 'done';
  });
  server.tool('wait', door, async ({ door: name }, call) => {
    const stopped = new Promise<void>((resolve) => {
      call.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await call.progress(1);
    await stopped;
    doors.open(name);
    return 'Nobody hears this';
  });
  server.tool('stopped', door, async ({ door: name }) => {
    await doors.opened(name);
    return 'stopped';
  });
  server.tool('pass', door, async ({ door: name }, call) => {
    await call.progress(1, { of: 3 });
    await doors.opened(name);
    await call.progress(2, { of: 3 });
    await call.progress(3, { of: 3 });
    return 'passed';
  });
}

/** Lets the connection go before it answers; the client comes back for the rest. */
function addPoll(server: Server): void {
  server.tool('poll', {}, (_args, call) => {
    call.detach({ retryMs: 20 });
    return 'polled';
  });
}

function addQuestions(server: Server): void {
  server.tool('ask_form', {}, async (_args, call) => {
    const form = z.object({
      name: z.string().describe('Your name'),
      age: z.int().min(0).optional(),
      color: z.enum(['red', 'green']).default('green'),
    });
    const { name, color } = await call.ask.form('who', 'Who are you?', form);
    return `${name} likes ${color}`;
  });
  server.tool('ask_url', {}, async (_args, call) => {
    await call.ask.url('confirm', 'Please confirm', demo.confirmUrl);
    return 'confirmed';
  });
  server.tool('ask_model', {}, async (_args, call) => {
    const { model, content } = await call.ask.sample('model', {
      messages: [{ role: 'user', content: text('Say hello') }],
      maxTokens: 10,
    });
    return `${model}: ${JSON.stringify(content)}`;
  });
  server.tool('ask_roots', {}, async (_args, call) => {
    const roots = await call.ask.roots();
    return roots.map(({ uri }) => uri).join(' ');
  });
  server.tool('ask_both', {}, async (_args, call) => {
    const form = z.object({ name: z.string() });
    await call.progress(1);
    const [{ name }, roots] = await Promise.all([
      call.ask.form('who', 'Who are you?', form),
      call.ask.roots(),
    ]);
    return `${name} has ${roots.length}`;
  });
  server.prompt('ask_prompt', {}, async (_args, call) => {
    const form = z.object({ name: z.string() });
    const { name } = await call.ask.form('who', 'Who are you?', form);
    return `Hello ${name}`;
  });
}

function addChanges(server: Server): void {
  server.tool('touch', { input: z.object({ uri: z.string() }) }, ({ uri }) => {
    server.resourceUpdated(uri);
    return `Touched ${uri}`;
  });
  let grown = 0;
  const add: { readonly [list in ListName]: (name: string) => void } = {
    tools: (name) => server.tool(name, {}, () => name),
    prompts: (name) => server.prompt(name, {}, () => name),
    resources: (name) => server.resource(`demo://${name}`, { name }, () => name),
  };
  server.tool(
    'grow',
    { input: z.object({ list: z.enum(['tools', 'prompts', 'resources']) }) },
    ({ list }) => {
      const name = `grown_${++grown}`;
      add[list](name);
      return name;
    },
  );
}

function addResources(server: Server): void {
  server.resource(demo.noteUri, { name: 'note', mimeType: 'text/plain' }, () => demo.note);
  server.resource(
    demo.bytesUri,
    { name: 'bytes', mimeType: 'application/octet-stream' },
    () => new Uint8Array(Buffer.from(demo.bytes, 'base64')),
  );
  server.resource(
    demo.itemTemplate,
    { name: 'item', complete: { id: (start) => filter(demo.itemIds, start) } },
    ({ variables }) => `Item ${String(variables['id'])}`,
  );
}
