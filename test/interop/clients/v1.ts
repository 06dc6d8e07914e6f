import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  PromptListChangedNotificationSchema,
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { Inbox } from './inbox.js';
import {
  type CallWishes,
  createDemoAnswers,
  type DemoAnswers,
  type InteropClient,
  type LogEntry,
  model,
  testClient,
} from './interop-client.js';

/** A client of the official SDK v1 that starts a program. */
export function v1Stdio(args: readonly string[]): Transport {
  const [command, ...rest] = args;
  return new StdioClientTransport({ command: command!, args: rest, stderr: 'ignore' });
}

export async function connectV1(transport: Transport): Promise<InteropClient> {
  const answers = createDemoAnswers();
  const logs = new Inbox<LogEntry>();
  const changes = new Inbox<string>();
  const client = new Client(testClient, {
    capabilities: { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} },
  });
  answerBy(client, answers);
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) =>
    logs.push(params),
  );
  hear(client, changes);
  const protocolVersion = heardVersion(transport);
  await client.connect(transport);
  await client.setLoggingLevel('info');
  return {
    protocolVersion: protocolVersion(),
    server: client.getServerVersion(),
    capabilities: client.getServerCapabilities(),
    instructions: client.getInstructions(),
    answers,
    logs,
    async ping() {
      await client.ping();
    },
    list: (what) => allPages(client, what),
    call: async (name, args = {}, wishes = {}) => {
      const { meta } = wishes;
      const params = {
        name,
        arguments: { ...args },
        ...(meta === undefined ? {} : { _meta: meta }),
      };
      return (await client.callTool(params, undefined, asRequestOptions(wishes))) as never;
    },
    read: async (uri) => (await client.readResource({ uri })).contents,
    prompt: async (name, args) => (await client.getPrompt({ name, arguments: args })).messages,
    complete: async (request) => (await client.complete(request)).completion.values,
    async watch({ uris = [] }) {
      // Changes of lists come unasked.
      changes.drain();
      for (const uri of uris) await client.subscribeResource({ uri });
      return {
        changes,
        async stop() {
          for (const uri of uris) await client.unsubscribeResource({ uri });
        },
      };
    },
    close: () => client.close(),
  };
}

/** The SDK tells its transport, and nobody else, which version was agreed on. */
function heardVersion(transport: Transport): () => string | undefined {
  let heard: string | undefined;
  const { setProtocolVersion } = transport;
  transport.setProtocolVersion = (version) => {
    heard = version;
    setProtocolVersion?.call(transport, version);
  };
  return () => heard;
}

function answerBy(client: Client, answers: DemoAnswers): void {
  client.setRequestHandler(ElicitRequestSchema, ({ params }) =>
    params.mode === 'url' ? answers.url(params) : answers.form(params),
  );
  client.setRequestHandler(CreateMessageRequestSchema, ({ params }) => ({
    model,
    role: 'assistant',
    content: { type: 'text', text: answers.sample(params) },
  }));
  client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: answers.roots() }));
}

function hear(client: Client, changes: Inbox<string>): void {
  const tell = (change: string) => (): void => changes.push(change);
  client.setNotificationHandler(ToolListChangedNotificationSchema, tell('tools'));
  client.setNotificationHandler(PromptListChangedNotificationSchema, tell('prompts'));
  client.setNotificationHandler(ResourceListChangedNotificationSchema, tell('resources'));
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) =>
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

async function allPages(client: Client, what: string): Promise<never[]> {
  const lists: {
    [what: string]: (params: object) => Promise<{ nextCursor?: string | undefined }>;
  } = {
    tools: (params) => client.listTools(params),
    prompts: (params) => client.listPrompts(params),
    resources: (params) => client.listResources(params),
    templates: (params) => client.listResourceTemplates(params),
  };
  const member = what === 'templates' ? 'resourceTemplates' : what;
  const items: never[] = [];
  let cursor: string | undefined;
  do {
    const page = await lists[what]!(cursor === undefined ? {} : { cursor });
    items.push(...(page as { [member: string]: never[] })[member]!);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return items;
}
