/**
 * A checker for each definition of the 2026-07-28 schema that this library reads, by its name
 * there. They are the checkers behind methods.ts, put into the envelopes of the schema.
 */
import * as base from './checkers/base.js';
import { clientCapabilities, serverCapabilities } from './checkers/capabilities.js';
import * as content from './checkers/content.js';
import * as elicitation from './checkers/elicitation.js';
import { inputRequest, inputRequests, inputRequiredResult } from './checkers/input-requests.js';
import { inputResponses } from './checkers/input-responses.js';
import * as life from './checkers/lifecycle.js';
import * as prompts from './checkers/prompts.js';
import * as resources from './checkers/resources.js';
import * as sampling from './checkers/sampling.js';
import { tool } from './checkers/tool.js';
import * as tools from './checkers/tools.js';
import {
  anything,
  arrayOf,
  both,
  literal,
  object,
  string,
  stringOrInteger,
  type Checker,
} from './combinators.js';
import { methodRow } from './methods.js';

const version = literal('2.0');

export const messageCheckers: ReadonlyMap<string, Checker> = new Map<string, Checker>([
  ['CallToolRequest', request('tools/call')],
  ['CallToolRequestParams', modern(tools.callToolParams)],
  ['CallToolResult', tools.callToolResult],
  ['CallToolResultResponse', response('tools/call')],
  ['CompleteRequest', request('completion/complete')],
  ['CompleteRequestParams', modern(prompts.completeParams)],
  ['CompleteResult', prompts.completeResult],
  ['CompleteResultResponse', response('completion/complete')],
  ['DiscoverRequest', request('server/discover')],
  ['DiscoverResult', life.discoverResult],
  ['DiscoverResultResponse', response('server/discover')],
  ['GetPromptRequest', request('prompts/get')],
  ['GetPromptRequestParams', modern(prompts.getPromptParams)],
  ['GetPromptResult', prompts.getPromptResult],
  ['GetPromptResultResponse', response('prompts/get')],
  ['ListPromptsRequest', request('prompts/list')],
  ['ListPromptsResult', prompts.listPromptsResult],
  ['ListPromptsResultResponse', response('prompts/list')],
  ['ListResourceTemplatesRequest', request('resources/templates/list')],
  ['ListResourceTemplatesResult', resources.listResourceTemplatesResult],
  ['ListResourceTemplatesResultResponse', response('resources/templates/list')],
  ['ListResourcesRequest', request('resources/list')],
  ['ListResourcesResult', resources.listResourcesResult],
  ['ListResourcesResultResponse', response('resources/list')],
  ['ListToolsRequest', request('tools/list')],
  ['ListToolsResult', tools.listToolsResult],
  ['ListToolsResultResponse', response('tools/list')],
  ['PaginatedRequestParams', modern(life.pageParams)],
  ['ReadResourceRequest', request('resources/read')],
  ['ReadResourceResult', resources.readResourceResult],
  ['ReadResourceResultResponse', response('resources/read')],
  ['SubscriptionsListenRequest', request('subscriptions/listen')],
  ['SubscriptionsListenResult', life.listenResult],
  ['SubscriptionsListenResultResponse', response('subscriptions/listen')],

  ['CancelledNotification', notification('notifications/cancelled')],
  ['CancelledNotificationParams', life.cancelledParams],
  ['LoggingMessageNotification', notification('notifications/message')],
  ['LoggingMessageNotificationParams', life.logParams],
  ['ProgressNotification', notification('notifications/progress')],
  ['ProgressNotificationParams', life.progressParams],
  ['PromptListChangedNotification', notification('notifications/prompts/list_changed')],
  ['ResourceListChangedNotification', notification('notifications/resources/list_changed')],
  ['ResourceUpdatedNotification', notification('notifications/resources/updated')],
  ['ResourceUpdatedNotificationParams', resources.resourceUpdatedParams],
  [
    'SubscriptionsAcknowledgedNotification',
    notification('notifications/subscriptions/acknowledged'),
  ],
  ['ToolListChangedNotification', notification('notifications/tools/list_changed')],

  ['CreateMessageRequest', question('sampling/createMessage')],
  ['CreateMessageRequestParams', sampling.createMessageParams],
  ['CreateMessageResult', sampling.createMessageResult],
  ['ElicitRequest', question('elicitation/create')],
  ['ElicitRequestFormParams', elicitation.elicitFormParams],
  ['ElicitRequestURLParams', elicitation.elicitUrlParams],
  ['ElicitResult', elicitation.elicitResult],
  ['InputRequests', inputRequests],
  ['InputRequiredResult', inputRequiredResult],
  ['InputResponses', inputResponses],
  ['ListRootsRequest', question('roots/list')],
  ['ListRootsResult', sampling.listRootsResult],

  ['AudioContent', content.audioContent],
  ['BlobResourceContents', content.blobResourceContents],
  ['BooleanSchema', elicitation.booleanSchema],
  ['ClientCapabilities', clientCapabilities],
  ['EmbeddedResource', content.embeddedResource],
  ['ImageContent', content.imageContent],
  ['Implementation', base.implementation],
  ['ModelPreferences', sampling.modelPreferences],
  ['NumberSchema', elicitation.numberSchema],
  ['Prompt', prompts.prompt],
  ['Resource', resources.resource],
  ['ResourceLink', content.resourceLink],
  ['ResourceTemplate', resources.resourceTemplate],
  ['Root', sampling.root],
  ['SamplingMessage', sampling.samplingMessage],
  ['ServerCapabilities', serverCapabilities],
  ['StringSchema', elicitation.stringSchema],
  ['TextContent', content.textContent],
  ['TextResourceContents', content.textResourceContents],
  ['TitledMultiSelectEnumSchema', elicitation.titledChoicesSchema],
  ['TitledSingleSelectEnumSchema', elicitation.titledChoice],
  ['Tool', tool],
  ['ToolResultContent', content.toolResultContent],
  ['ToolUseContent', content.toolUseContent],
  ['UntitledMultiSelectEnumSchema', elicitation.untitledChoices],
  ['UntitledSingleSelectEnumSchema', elicitation.untitledChoice],

  ['HeaderMismatchError', errorResponse(-32020)],
  ['InternalError', errorObject(-32603)],
  ['InvalidParamsError', errorObject(-32602)],
  ['InvalidRequestError', errorObject(-32600)],
  ['MethodNotFoundError', errorObject(-32601)],
  [
    'MissingRequiredClientCapabilityError',
    errorResponse(-32021, { data: object({ requiredCapabilities: clientCapabilities }) }),
  ],
  ['ParseError', errorObject(-32700)],
  [
    'UnsupportedProtocolVersionError',
    errorResponse(-32022, { data: object({ supported: arrayOf(string), requested: string }) }),
  ],
]);

/** Params that must carry the metadata of a modern request. */
function modern(params: Checker): Checker {
  return both(object({ _meta: base.modernRequestMeta }), params);
}

function request(method: string): Checker {
  return object({
    jsonrpc: version,
    id: stringOrInteger,
    method: literal(method),
    params: modern(methodRow(method)?.params ?? anything),
  });
}

function response(method: string): Checker {
  const result = methodRow(method)?.result ?? anything;
  return object({ jsonrpc: version, id: stringOrInteger, result });
}

function notification(method: string): Checker {
  const params = methodRow(method)?.params ?? anything;
  const envelope = object({ jsonrpc: version, method: literal(method) });
  // Read whether it is there or not: whether it may be absent is for the method's row to say.
  return both(envelope, (message, path) => {
    const problem = params((message as { params?: unknown }).params, '');
    return problem === undefined ? undefined : `${path}.params${problem}`;
  });
}

/** A question to the client, which is no message of its own. */
function question(method: string): Checker {
  return both(object({ method: literal(method) }), inputRequest);
}

function errorObject(code: number, details: { readonly [key: string]: Checker } = {}): Checker {
  return object({ code: literal(code), message: string, ...details });
}

function errorResponse(code: number, details: { readonly [key: string]: Checker } = {}): Checker {
  return object({ jsonrpc: version, error: errorObject(code, details) }, { id: stringOrInteger });
}
