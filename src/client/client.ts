import { McpError } from '../errors.js';
import { compose, type Exchange, type Notification } from '../exchange.js';
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import type { Limits } from '../limits.js';
import type { Platform } from '../platform/platform.js';
import { extensionIds } from '../protocol/extensions.js';
import { metaKeys } from '../protocol/meta.js';
import type {
  CallToolResult,
  CompleteResult,
  GetPromptResult,
  Implementation,
  Prompt,
  ReadResourceResult,
  Resource,
  ResourceTemplate,
  ServerCapabilities,
  Tool,
} from '../protocol/modern.types.js';
import { type CallOptions, createCaller, type LogMessage } from './call.js';
import { checkOutput } from './check-output.js';
import { type ClientExtension, rowsOf, sharedWith } from './extension.js';
import { followTasks } from './follow-task.js';
import { createKnownTools } from './known-tools.js';
import { type Change, listenTo, type ListenFilter } from './listen.js';
import { isSound } from './open-call.js';
import { allPages } from './paging.js';
import type { Patience } from './patience.js';
import { composePlain } from './plain-io.js';
import { type RetryChoice, retryLost } from './retry-lost.js';
import { type ClientTasks, createClientTasks } from './tasks.js';

/** What a server says of itself. `info` is its own word and proves nothing. */
export interface ServerDescription {
  readonly info?: Implementation;
  readonly capabilities: ServerCapabilities;
  readonly instructions?: string;
  readonly supportedVersions: readonly string[];
}

export interface CompletionRequest {
  readonly ref: { type: 'ref/prompt'; name: string } | { type: 'ref/resource'; uri: string };
  readonly argument: { readonly name: string; readonly value: string };
  readonly context?: { readonly arguments?: { readonly [name: string]: string } };
}

/** The result of a tool, with the type that its caller gave the structured part. */
export type ToolAnswer<Structured> = Omit<CallToolResult, 'structuredContent'> & {
  readonly structuredContent?: Structured;
};

/** A connected client, the same over every transport and for every revision. */
export interface Client {
  /** The revision that is spoken. */
  readonly protocolVersion: string;
  readonly server: ServerDescription;
  /** `Structured` is what the tool's output schema promises; the caller's word, not checked. */
  callTool<Structured = unknown>(
    name: string,
    args?: JsonObject,
    options?: CallOptions,
  ): Promise<ToolAnswer<Structured>>;
  /** All tools, all pages of them. */
  listTools(options?: CallOptions): Promise<readonly Tool[]>;
  listResources(options?: CallOptions): Promise<readonly Resource[]>;
  listResourceTemplates(options?: CallOptions): Promise<readonly ResourceTemplate[]>;
  readResource(uri: string, options?: CallOptions): Promise<ReadResourceResult>;
  listPrompts(options?: CallOptions): Promise<readonly Prompt[]>;
  getPrompt(
    name: string,
    args?: { readonly [name: string]: string },
    options?: CallOptions,
  ): Promise<GetPromptResult>;
  complete(
    request: CompletionRequest,
    options?: CallOptions,
  ): Promise<CompleteResult['completion']>;
  /** Tells of changes, across interruptions, until `signal` aborts or the loop is left. */
  listen(filter: ListenFilter, options?: { readonly signal?: AbortSignal }): AsyncIterable<Change>;
  /** Calls that became tasks, by their ids. Needs `extensions: [withTasks()]`. */
  readonly tasks: ClientTasks;
  ping(options?: CallOptions): Promise<void>;
  /** Any request, for what has no method of its own here. */
  request(method: string, params?: JsonObject, options?: CallOptions): Promise<JsonObject>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ClientParts {
  /** Sends requests, in the words of 2026-07-28 whatever the peer speaks. */
  readonly exchange: Exchange;
  readonly protocolVersion: () => string;
  readonly discovered: JsonObject;
  readonly answers: Exchange;
  readonly limits: Limits;
  readonly platform: Platform;
  readonly nextId: () => number;
  readonly patience: Patience;
  readonly retry: RetryChoice;
  readonly extensions?: readonly ClientExtension[];
  readonly onLog: ((message: LogMessage) => void) | undefined;
  readonly onWarning: ((warning: string) => void) | undefined;
  /** Aborts when the connection has ended for good. */
  readonly ended: AbortSignal;
  readonly close: () => Promise<void>;
}

export function createClient(parts: ClientParts): Client {
  const { limits, platform } = parts;
  const tools = createKnownTools(limits.listedItemsMax);
  const server = describe(parts.discovered);
  const shared = sharedWith(server.capabilities, parts.extensions ?? []);
  const methods = rowsOf(shared);
  const caller = { ...parts, methods, clock: platform.clock, exchange: () => exchange };
  const { call, close: closeCalls } = createCaller(caller);
  const host = { ...parts, call };
  const theirs = shared.flatMap(({ open }) => open?.(host) ?? []);
  const retried = retryLost({ ...parts, tools })(parts.exchange);
  const own = [checkOutput({ ...parts, tools }), tools.middleware];
  const exchange = compose(own, composePlain(theirs, retried));
  const close = (): Promise<void> => {
    closeCalls();
    return parts.close();
  };
  const list = async <T>(method: string, member: string, options?: CallOptions) =>
    (await allPages(method, member, limits, (page) =>
      call(method, { ...page }, options),
    )) as readonly T[];

  return {
    get protocolVersion() {
      return parts.protocolVersion();
    },
    server,
    callTool: <Structured>(name: string, args: JsonObject = {}, options?: CallOptions) =>
      call('tools/call', { name, arguments: args }, options) as Promise<ToolAnswer<Structured>>,
    listTools: (options) => list<Tool>('tools/list', 'tools', options),
    listResources: (options) => list<Resource>('resources/list', 'resources', options),
    listResourceTemplates: (options) =>
      list<ResourceTemplate>('resources/templates/list', 'resourceTemplates', options),
    readResource: async (uri, options) =>
      (await call('resources/read', { uri }, options).catch((thrown: unknown) => {
        throw asNotFound(thrown);
      })) as ReadResourceResult,
    listPrompts: (options) => list<Prompt>('prompts/list', 'prompts', options),
    getPrompt: async (name, args = {}, options) =>
      (await call('prompts/get', { name, arguments: args }, options)) as GetPromptResult,
    async complete(request, options) {
      const result = await call('completion/complete', { ...request }, options);
      return result['completion'] as CompleteResult['completion'];
    },
    tasks: createClientTasks({
      call,
      limits,
      follow: followTasks(host),
      isShared: shared.some(({ id }) => id === extensionIds.tasks),
    }),
    listen: (filter, options) => listenTo({ ...parts, call }, filter, options?.signal),
    async ping(options) {
      await call('ping', {}, options);
    },
    request: (method, params = {}, options) => call(method, params, options),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function describe(discovered: JsonObject): ServerDescription {
  const meta = discovered['_meta'];
  const info = isJsonObject(meta) ? meta[metaKeys.serverInfo] : undefined;
  const { capabilities, instructions, supportedVersions } = discovered;
  return {
    ...(isJsonObject(info) ? { info: info as Implementation } : {}),
    capabilities: capabilities as ServerCapabilities,
    ...(typeof instructions === 'string' ? { instructions } : {}),
    supportedVersions: supportedVersions as readonly string[],
  };
}

// A code of its own in sessions; since then one that other mistakes have, too (server/resources).
function asNotFound(thrown: unknown): unknown {
  if (!(thrown instanceof McpError) || thrown.kind !== 'invalidParams') return thrown;
  const { code, data, fromPeer, message } = thrown;
  if (!fromPeer || !isJsonObject(data) || typeof data['uri'] !== 'string') return thrown;
  return new McpError('resourceNotFound', message, { code, data, fromPeer, cause: thrown });
}

/** Hands log messages that belong to no call to the client's own listener. */
export function noticesTo({
  onLog,
  onWarning,
}: Pick<ClientParts, 'onLog' | 'onWarning'>): (notification: Notification) => void {
  return (notification) => {
    if (notification.method !== 'notifications/message' || !isSound(notification)) return;
    try {
      onLog?.(notification.params as unknown as LogMessage);
    } catch (thrown) {
      // No call is at fault, and the connection has others to carry.
      onWarning?.(`onLog threw: ${String(thrown)}`);
    }
  };
}
