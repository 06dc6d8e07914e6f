import { Client, LOG_LEVEL_META_KEY, type Transport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { ListName } from '../demo.js';
import { Inbox } from './inbox.js';
import {
  type CallWishes,
  createDemoAnswers,
  type DemoAnswers,
  type InteropClient,
  type LogEntry,
  model,
  testClient,
  type Watching,
} from './interop-client.js';

export function v2Stdio(args: readonly string[]): Transport {
  const [command, ...rest] = args;
  return new StdioClientTransport({ command: command!, args: rest, stderr: 'ignore' });
}

type Mode = 'legacy' | 'auto' | { pin: string };

/** A client of the official SDK v2, which can be told to know these revisions only. */
export async function connectV2(
  transport: Transport,
  mode: Mode,
  revisions?: readonly string[],
): Promise<InteropClient> {
  const answers = createDemoAnswers();
  const logs = new Inbox<LogEntry>();
  const changes = new Inbox<string>();
  const client = new Client(testClient, {
    capabilities: { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} },
    versionNegotiation: { mode },
    ...(revisions === undefined ? {} : { supportedProtocolVersions: [...revisions] }),
  });
  answerBy(client, answers);
  client.setNotificationHandler('notifications/message', ({ params }) => logs.push(params));
  hear(client, changes);
  await client.connect(transport);
  const isModern = client.getProtocolEra() === 'modern';
  if (!isModern) await client.setLoggingLevel('info');
  return {
    protocolVersion: client.getNegotiatedProtocolVersion(),
    server: client.getServerVersion(),
    capabilities: client.getServerCapabilities(),
    instructions: client.getInstructions(),
    answers,
    logs,
    async ping() {
      await client.ping();
    },
    list: (what) => listAll(client, what),
    call: async (name, args = {}, wishes = {}) => {
      // In the modern era every request says which log messages it wants.
      const _meta = { ...(isModern ? { [LOG_LEVEL_META_KEY]: 'info' } : {}), ...wishes.meta };
      const params = { name, arguments: { ...args }, _meta };
      return client.callTool(params, asRequestOptions(wishes));
    },
    read: async (uri) => (await client.readResource({ uri })).contents,
    prompt: async (name, args) => (await client.getPrompt({ name, arguments: args })).messages,
    complete: async (request) => (await client.complete(request)).completion.values,
    watch: (what) => watch(client, changes, isModern, what),
    close: () => client.close(),
  };
}

function answerBy(client: Client, answers: DemoAnswers): void {
  client.setRequestHandler('elicitation/create', ({ params }) =>
    params.mode === 'url' ? answers.url(params) : answers.form(params),
  );
  client.setRequestHandler('sampling/createMessage', ({ params }) => ({
    model,
    role: 'assistant',
    content: { type: 'text', text: answers.sample(params) },
  }));
  client.setRequestHandler('roots/list', () => ({ roots: answers.roots() }));
}

function hear(client: Client, changes: Inbox<string>): void {
  for (const list of ['tools', 'prompts', 'resources'] as const) {
    client.setNotificationHandler(`notifications/${list}/list_changed`, () => changes.push(list));
  }
  client.setNotificationHandler('notifications/resources/updated', ({ params }) =>
    changes.push(params.uri),
  );
}

function asRequestOptions({ signal, onProgress }: CallWishes): object {
  return {
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined
      ? {}
      : {
          onprogress: (step: { progress: number; total?: number; message?: string }) =>
            onProgress({ done: step.progress, of: step.total, message: step.message }),
        }),
  };
}

async function listAll(client: Client, what: ListName | 'templates'): Promise<never[]> {
  const lists = {
    tools: async () => (await client.listTools()).tools,
    prompts: async () => (await client.listPrompts()).prompts,
    resources: async () => (await client.listResources()).resources,
    templates: async () => (await client.listResourceTemplates()).resourceTemplates,
  };
  return (await lists[what]()) as never[];
}

async function watch(
  client: Client,
  changes: Inbox<string>,
  isModern: boolean,
  { lists = [], uris = [] }: { lists?: readonly ListName[]; uris?: readonly string[] },
): Promise<Watching> {
  changes.drain();
  if (isModern) {
    const subscription = await client.listen({
      ...Object.fromEntries(lists.map((list) => [`${list}ListChanged`, true])),
      ...(uris.length === 0 ? {} : { resourceSubscriptions: [...uris] }),
    });
    return { changes, stop: () => subscription.close() };
  }
  for (const uri of uris) await client.subscribeResource({ uri });
  return {
    changes,
    async stop() {
      for (const uri of uris) await client.unsubscribeResource({ uri });
    },
  };
}
