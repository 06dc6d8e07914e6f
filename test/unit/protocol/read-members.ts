/**
 * The members of messages that the library reads, for each definition of the 2026-07-28 schema that
 * has examples. A member is written as the names that lead to it, with spaces between; `*` stands
 * for every item of a list or every member of a map.
 */
export type Members = readonly string[];

/** Members that may differ from the schema all the same, and why. */
export const tolerated: readonly {
  readonly member: string;
  readonly tolerates: (mutated: unknown) => boolean;
  readonly why: string;
}[] = [
  {
    member: 'resultType',
    tolerates: (mutated) => mutated === undefined,
    why: 'basic: an absent resultType means complete, as older servers have it',
  },
  {
    member: 'ttlMs',
    tolerates: (mutated) => mutated === undefined || (Number.isInteger(mutated) && mutated !== 0),
    why: 'server/utilities/caching: absent or negative means 0',
  },
  {
    member: 'cacheScope',
    tolerates: (mutated) => mutated === undefined,
    why: 'server/utilities/caching: absent hints mean that nothing is kept',
  },
];

const prefix = 'io.modelcontextprotocol/';
const within = (name: string, members: Members): string[] => [
  name,
  ...members.map((member) => `${name} ${member}`),
];

const shown = ['title', 'description', '_meta'];
const implementation = ['name', 'version', 'title'];
const envelope = ['jsonrpc', 'id'];

const clientCapabilities = [
  ...within('elicitation', ['form', 'url']),
  ...within('sampling', ['tools', 'context']),
  'roots',
  ...within('extensions', ['*']),
];
const serverCapabilities = [
  ...within('tools', ['listChanged']),
  ...within('resources', ['listChanged', 'subscribe']),
  ...within('prompts', ['listChanged']),
  'completions',
  'logging',
  ...within('extensions', ['*']),
];

const requestMeta = within('_meta', [
  `${prefix}protocolVersion`,
  ...within(`${prefix}clientCapabilities`, clientCapabilities),
  ...within(`${prefix}clientInfo`, implementation),
  `${prefix}logLevel`,
  'progressToken',
]);
const resultMeta = within('_meta', within(`${prefix}serverInfo`, implementation));
const noticeMeta = within('_meta', [`${prefix}subscriptionId`]);
const result = ['resultType', ...resultMeta];
const cacheable = [...result, 'ttlMs', 'cacheScope'];
const page = [...cacheable, 'nextCursor'];

const contents = ['uri', 'mimeType', 'text', 'blob'];
const resource = ['uri', 'name', ...shown, 'mimeType', 'size', 'annotations'];
const resourceTemplate = ['uriTemplate', 'name', ...shown, 'mimeType', 'annotations'];
const block = [
  'type',
  'text',
  'data',
  'mimeType',
  'uri',
  'name',
  ...within('resource', contents),
  'annotations',
];
const toolUse = ['type', 'id', 'name', 'input'];
const toolResult = ['type', 'toolUseId', ...within('content', within('*', block)), 'isError'];
const samplingContent = within('content', [
  'type',
  'text',
  'data',
  'mimeType',
  ...within('*', [...toolUse, ...toolResult, 'text']),
]);

const hints = ['title', 'readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'];
const tool = [
  'name',
  ...shown,
  ...within('inputSchema', ['type', '$schema']),
  ...within('outputSchema', ['$schema']),
  ...within('annotations', hints),
];
const prompt = [
  'name',
  ...shown,
  ...within('arguments', within('*', ['name', 'title', 'description', 'required'])),
];

const field = [
  'type',
  'title',
  'description',
  'default',
  'format',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  ...within('enum', ['*']),
  ...within('oneOf', within('*', ['const', 'title'])),
  ...within('items', ['enum', 'enum *', 'anyOf', ...within('anyOf *', ['const', 'title'])]),
  'minItems',
  'maxItems',
];
const elicit = [
  'mode',
  'message',
  'url',
  ...within('requestedSchema', [
    'type',
    'required',
    'required *',
    ...within('properties', within('*', field)),
  ]),
];
const elicitResult = ['action', ...within('content', ['*'])];
const modelPreferences = [
  ...within('hints', within('*', ['name'])),
  'costPriority',
  'speedPriority',
  'intelligencePriority',
];
const samplingMessage = ['role', ...samplingContent];
const createMessage = [
  ...within('messages', within('*', samplingMessage)),
  'maxTokens',
  'systemPrompt',
  'includeContext',
  'temperature',
  ...within('stopSequences', ['*']),
  'metadata',
  ...within('modelPreferences', modelPreferences),
  ...within('tools', within('*', tool)),
  ...within('toolChoice', ['mode']),
];
const createMessageResult = ['role', 'model', 'stopReason', ...samplingContent];
const root = ['uri', 'name'];
const rootsResult = within('roots', within('*', root));
const inputRequests = ['*', '* method', ...within('* params', [...elicit, ...createMessage])];
const inputResponses = within('*', [...elicitResult, ...createMessageResult, ...rootsResult]);
const inputRequired = [...result, ...within('inputRequests', inputRequests), 'requestState'];
const answers = [...within('inputResponses', inputResponses), 'requestState'];

const callTool = [...requestMeta, 'name', 'arguments', ...answers];
const callToolResult = [...result, ...within('content', within('*', block)), 'isError'];
const complete = [
  ...requestMeta,
  ...within('ref', ['type', 'name', 'uri']),
  ...within('argument', ['name', 'value']),
  ...within('context', within('arguments', ['*'])),
];
const completeResult = [
  ...result,
  ...within('completion', ['values', 'values *', 'total', 'hasMore']),
];
const discoverResult = [
  ...cacheable,
  ...within('supportedVersions', ['*']),
  ...within('capabilities', serverCapabilities),
  'instructions',
];
const getPrompt = [...requestMeta, 'name', ...within('arguments', ['*']), ...answers];
const promptMessage = ['role', ...within('content', block)];
const getPromptResult = [
  ...result,
  'description',
  ...within('messages', within('*', promptMessage)),
];
const pageParams = [...requestMeta, 'cursor'];
const listPrompts = [...page, ...within('prompts', within('*', prompt))];
const listResources = [...page, ...within('resources', within('*', resource))];
const listTemplates = [...page, ...within('resourceTemplates', within('*', resourceTemplate))];
const listTools = [...page, ...within('tools', within('*', tool))];
const readResource = [...requestMeta, 'uri', ...answers];
const readResourceResult = [...cacheable, ...within('contents', within('*', contents))];
const filter = within('notifications', [
  'toolsListChanged',
  'promptsListChanged',
  'resourcesListChanged',
  ...within('resourceSubscriptions', ['*']),
]);
const listenResult = ['resultType', ...noticeMeta];
const cancelled = ['requestId', 'reason', ...noticeMeta];
const log = ['level', 'logger', 'data', ...noticeMeta];
const progress = ['progressToken', 'progress', 'total', 'message', ...noticeMeta];
const updated = ['uri', ...noticeMeta];

const request = (params: Members): Members => [...envelope, 'method', ...within('params', params)];
const response = (members: Members): Members => [...envelope, ...within('result', members)];
const notification = (params: Members): Members => [
  'jsonrpc',
  'method',
  ...within('params', params),
];
const question = (params: Members): Members => ['method', ...within('params', params)];
const errorObject: Members = ['code', 'message'];
const errorResponse = (data: Members): Members => [
  ...envelope,
  ...within('error', ['code', 'message', ...within('data', data)]),
];

export const readMembers: { readonly [definition: string]: Members } = {
  AudioContent: block,
  BlobResourceContents: contents,
  BooleanSchema: field,
  CallToolRequest: request(callTool),
  CallToolRequestParams: callTool,
  CallToolResult: callToolResult,
  CallToolResultResponse: response(callToolResult),
  CancelledNotification: notification(cancelled),
  CancelledNotificationParams: cancelled,
  ClientCapabilities: clientCapabilities,
  CompleteRequest: request(complete),
  CompleteRequestParams: complete,
  CompleteResult: completeResult,
  CompleteResultResponse: response(completeResult),
  CreateMessageRequest: question(createMessage),
  CreateMessageRequestParams: createMessage,
  CreateMessageResult: createMessageResult,
  DiscoverRequest: request(requestMeta),
  DiscoverResult: discoverResult,
  DiscoverResultResponse: response(discoverResult),
  ElicitRequest: question(elicit),
  ElicitRequestFormParams: elicit,
  ElicitRequestURLParams: elicit,
  ElicitResult: elicitResult,
  EmbeddedResource: block,
  GetPromptRequest: request(getPrompt),
  GetPromptRequestParams: getPrompt,
  GetPromptResult: getPromptResult,
  GetPromptResultResponse: response(getPromptResult),
  HeaderMismatchError: errorResponse([]),
  ImageContent: block,
  InputRequests: inputRequests,
  InputRequiredResult: inputRequired,
  InputResponses: inputResponses,
  InternalError: errorObject,
  InvalidParamsError: errorObject,
  ListPromptsRequest: request(pageParams),
  ListPromptsResult: listPrompts,
  ListPromptsResultResponse: response(listPrompts),
  ListResourceTemplatesRequest: request(pageParams),
  ListResourceTemplatesResult: listTemplates,
  ListResourceTemplatesResultResponse: response(listTemplates),
  ListResourcesRequest: request(pageParams),
  ListResourcesResult: listResources,
  ListResourcesResultResponse: response(listResources),
  ListRootsRequest: question([]),
  ListRootsResult: rootsResult,
  ListToolsRequest: request(pageParams),
  ListToolsResult: listTools,
  ListToolsResultResponse: response(listTools),
  LoggingMessageNotification: notification(log),
  LoggingMessageNotificationParams: log,
  MethodNotFoundError: errorObject,
  MissingRequiredClientCapabilityError: errorResponse(
    within('requiredCapabilities', clientCapabilities),
  ),
  ModelPreferences: modelPreferences,
  NumberSchema: field,
  PaginatedRequestParams: pageParams,
  ParseError: errorObject,
  ProgressNotification: notification(progress),
  ProgressNotificationParams: progress,
  PromptListChangedNotification: notification(noticeMeta),
  ReadResourceRequest: request(readResource),
  ReadResourceResult: readResourceResult,
  ReadResourceResultResponse: response(readResourceResult),
  Resource: resource,
  ResourceLink: [...block, ...resource],
  ResourceListChangedNotification: notification(noticeMeta),
  ResourceUpdatedNotification: notification(updated),
  ResourceUpdatedNotificationParams: updated,
  Root: root,
  SamplingMessage: samplingMessage,
  ServerCapabilities: serverCapabilities,
  StringSchema: field,
  SubscriptionsAcknowledgedNotification: notification([...filter, ...noticeMeta]),
  SubscriptionsListenRequest: request([...filter, ...requestMeta]),
  SubscriptionsListenResult: listenResult,
  SubscriptionsListenResultResponse: response(listenResult),
  TextContent: block,
  TextResourceContents: contents,
  TitledMultiSelectEnumSchema: field,
  TitledSingleSelectEnumSchema: field,
  Tool: tool,
  ToolListChangedNotification: notification(noticeMeta),
  ToolResultContent: toolResult,
  ToolUseContent: toolUse,
  UnsupportedProtocolVersionError: errorResponse(['supported', 'supported *', 'requested']),
  UntitledMultiSelectEnumSchema: field,
  UntitledSingleSelectEnumSchema: field,
};
