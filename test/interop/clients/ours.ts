import { type Client, type ConnectOptions, connect, type Target } from '../../../src/index.js';
import type { Answers, FormAnswer, UrlAnswer } from '../../../src/client/index.js';
import type { ListName } from '../demo.js';
import { Inbox } from './inbox.js';
import {
  createDemoAnswers,
  type DemoAnswers,
  type InteropClient,
  type LogEntry,
  model,
  type Root,
  testClient,
  type Watching,
} from './interop-client.js';

export async function connectOurs(
  target: Target,
  { roots, ...options }: ConnectOptions & { readonly roots?: readonly Root[] } = {},
): Promise<InteropClient> {
  const answers = createDemoAnswers();
  if (roots !== undefined) answers.roots = () => [...roots];
  const logs = new Inbox<LogEntry>();
  const client = await connect(target, {
    client: testClient,
    answers: asOurAnswers(answers),
    onLog: (entry) => logs.push(entry),
    ...options,
  });
  const lists = {
    tools: () => client.listTools(),
    prompts: () => client.listPrompts(),
    resources: () => client.listResources(),
    templates: () => client.listResourceTemplates(),
  };
  return {
    protocolVersion: client.protocolVersion,
    server: client.server.info,
    capabilities: client.server.capabilities,
    instructions: client.server.instructions,
    answers,
    logs,
    ping: () => client.ping(),
    list: async (what) => await lists[what](),
    call: (name, args = {}, wishes = {}) => client.callTool(name, { ...args }, wishes),
    read: async (uri) => (await client.readResource(uri)).contents,
    prompt: async (name, args) => (await client.getPrompt(name, args)).messages,
    complete: async (request) => (await client.complete(request)).values,
    watch: ({ lists: wanted = [], uris }) => watch(client, wanted, uris),
    close: () => client.close(),
  };
}

function asOurAnswers(answers: DemoAnswers): Answers {
  return {
    form: (question): FormAnswer => {
      const { action, content = {} } = answers.form(question);
      return action === 'accept' ? content : action;
    },
    url: (question): UrlAnswer => {
      const { action } = answers.url(question);
      return action === 'accept' ? true : action;
    },
    sample: (params) => ({
      model,
      role: 'assistant',
      content: { type: 'text', text: answers.sample(params) },
    }),
    roots: () => answers.roots(),
  };
}

async function watch(
  client: Client,
  lists: readonly ListName[],
  uris: readonly string[] | undefined,
): Promise<Watching> {
  const stopper = new AbortController();
  const wanted = Object.fromEntries(lists.map((list) => [list, true]));
  const filter = { ...wanted, ...(uris === undefined ? {} : { uris }) };
  const changes = new Inbox<string>();
  const stream = client.listen(filter, { signal: stopper.signal })[Symbol.asyncIterator]();
  const first = await stream.next();
  if (first.done === true || first.value.kind !== 'listening') {
    throw new Error(`Not listening, but ${JSON.stringify(first)}`);
  }
  const read = async (): Promise<void> => {
    for (let next = await stream.next(); next.done !== true; next = await stream.next()) {
      const change = next.value;
      changes.push(change.kind === 'resource' ? change.uri : change.kind);
    }
  };
  const reading = read();
  return {
    changes,
    async stop() {
      stopper.abort();
      await reading;
    },
  };
}
