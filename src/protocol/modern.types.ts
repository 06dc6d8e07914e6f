/**
 * Generated from the JSON Schema of MCP 2026-07-28 by scripts/generate-types.ts; do not
 * edit. Names equal the schema's. To write it again: npx tsx scripts/generate-types.ts
 */
import type { JsonObject, RequestId } from '../json-rpc/message.js';
/** Optional annotations for the client. */
export type Annotations = {
  /** Describes who the intended audience of this object or data is. */
  readonly audience?: readonly Role[];
  /** The moment the resource was last modified, as an ISO 8601 formatted string. */
  readonly lastModified?: string;
  /** Describes how important this data is for operating the server. */
  readonly priority?: number;
};

/** Audio provided to or from an LLM. */
export type AudioContent = {
  readonly _meta?: JsonObject;
  /** Optional annotations for the client. */
  readonly annotations?: Annotations;
  /** The base64-encoded audio data. */
  readonly data: string;
  /** The MIME type of the audio. */
  readonly mimeType: string;
  readonly type: 'audio';
};

export type BlobResourceContents = {
  readonly _meta?: JsonObject;
  /** A base64-encoded string representing the binary data of the item. */
  readonly blob: string;
  /** The MIME type of this resource, if known. */
  readonly mimeType?: string;
  /** The URI of this resource. */
  readonly uri: string;
};

export type BooleanSchema = {
  readonly default?: boolean;
  readonly description?: string;
  readonly title?: string;
  readonly type: 'boolean';
};

/** Used by the client to invoke a tool provided by the server. */
export type CallToolRequest = {
  readonly id: RequestId;
  readonly jsonrpc: '2.0';
  readonly method: 'tools/call';
  readonly params: CallToolRequestParams;
};

/** Parameters for a `tools/call` request. */
export type CallToolRequestParams = {
  readonly _meta: RequestMetaObject;
  /** Arguments to use for the tool call. */
  readonly arguments?: JsonObject;
  readonly inputResponses?: InputResponses;
  /** The name of the tool. */
  readonly name: string;
  readonly requestState?: string;
};

/** The result returned by the server for a `tools/call` request. */
export type CallToolResult = {
  readonly _meta?: ResultMetaObject;
  /** A list of content objects that represent the unstructured result of the tool call. */
  readonly content: readonly ContentBlock[];
  /** Whether the tool call ended in an error. */
  readonly isError?: boolean;
  readonly resultType: string;
  /** An optional JSON value that represents the structured result of the tool call. */
  readonly structuredContent?: unknown;
};

export type CancelledNotification = {
  readonly jsonrpc: '2.0';
  readonly method: 'notifications/cancelled';
  readonly params: CancelledNotificationParams;
};

/** Parameters for a `notifications/cancelled` notification. */
export type CancelledNotificationParams = {
  readonly _meta?: NotificationMetaObject;
  /** An optional string describing the reason for the cancellation. */
  readonly reason?: string;
  /** The ID of the request to cancel. */
  readonly requestId: RequestId;
};

/** Capabilities a client may support. */
export type ClientCapabilities = {
  /** Present if the client supports elicitation from the server. */
  readonly elicitation?: {
    readonly form?: JsonObject;
    readonly url?: JsonObject;
  };
  /** Experimental, non-standard capabilities that the client supports. */
  readonly experimental?: { readonly [key: string]: JsonObject };
  /** Optional MCP extensions that the client supports. */
  readonly extensions?: { readonly [key: string]: JsonObject };
  /** Present if the client supports listing roots. */
  readonly roots?: JsonObject;
  /** Present if the client supports sampling from an LLM. */
  readonly sampling?: {
    /** Whether the client supports context inclusion via `includeContext` parameter. */
    readonly context?: JsonObject;
    /** Whether the client supports tool use via `tools` and `toolChoice` parameters. */
    readonly tools?: JsonObject;
  };
};

/** A request from the client to the server, to ask for completion options. */
export type CompleteRequest = {
  readonly id: RequestId;
  readonly jsonrpc: '2.0';
  readonly method: 'completion/complete';
  readonly params: CompleteRequestParams;
};

/** Parameters for a `completion/complete` request. */
export type CompleteRequestParams = {
  readonly _meta: RequestMetaObject;
  /** The argument's information */
  readonly argument: {
    /** The name of the argument */
    readonly name: string;
    /** The value of the argument to use for completion matching. */
    readonly value: string;
  };
  /** Additional, optional context for completions */
  readonly context?: {
    /** Previously-resolved variables in a URI template or prompt. */
    readonly arguments?: { readonly [key: string]: string };
  };
  readonly ref: PromptReference | ResourceTemplateReference;
};

/** The result returned by the server for a `completion/complete` request. */
export type CompleteResult = {
  readonly _meta?: ResultMetaObject;
  readonly completion: {
    readonly hasMore?: boolean;
    /** The total number of completion options available. */
    readonly total?: number;
    /** An array of completion values. */
    readonly values: readonly string[];
  };
  readonly resultType: string;
};

export type ContentBlock =
  | TextContent
  | ImageContent
  | AudioContent
  | ResourceLink
  | EmbeddedResource;

/** A request from the server to sample an LLM via the client. */
export type CreateMessageRequest = {
  readonly method: 'sampling/createMessage';
  readonly params: CreateMessageRequestParams;
};

/** Parameters for a `sampling/createMessage` request. */
export type CreateMessageRequestParams = {
  readonly includeContext?: 'allServers' | 'none' | 'thisServer';
  /** The requested maximum number of tokens to sample (to prevent runaway completions). */
  readonly maxTokens: number;
  readonly messages: readonly SamplingMessage[];
  /** Optional metadata to pass through to the LLM provider. */
  readonly metadata?: JsonObject;
  /** The server's preferences for which model to select. */
  readonly modelPreferences?: ModelPreferences;
  readonly stopSequences?: readonly string[];
  /** An optional system prompt the server wants to use for sampling. */
  readonly systemPrompt?: string;
  readonly temperature?: number;
  /** Controls how the model uses tools. */
  readonly toolChoice?: ToolChoice;
  /** Tools that the model may use during generation. */
  readonly tools?: readonly Tool[];
};

/** The result returned by the client for a `sampling/createMessage` request. */
export type CreateMessageResult = {
  readonly _meta?: JsonObject;
  readonly content:
    | TextContent
    | ImageContent
    | AudioContent
    | ToolUseContent
    | ToolResultContent
    | readonly SamplingMessageContentBlock[];
  /** The name of the model that generated the message. */
  readonly model: string;
  readonly role: Role;
  /** The reason why sampling stopped, if known. */
  readonly stopReason?: string;
};

/** An opaque token used to represent a cursor for pagination. */
export type Cursor = string;

export type DiscoverRequest = {
  readonly id: RequestId;
  readonly jsonrpc: '2.0';
  readonly method: 'server/discover';
  readonly params: RequestParams;
};

/** The result returned by the server for a `server/discover` request. */
export type DiscoverResult = {
  readonly _meta?: ResultMetaObject;
  readonly cacheScope: 'private' | 'public';
  /** The capabilities of the server. */
  readonly capabilities: ServerCapabilities;
  /** Natural-language guidance describing the server and its features. */
  readonly instructions?: string;
  readonly resultType: string;
  /** MCP Protocol Versions this server supports. */
  readonly supportedVersions: readonly string[];
  readonly ttlMs: number;
};

export type ElicitRequest = {
  readonly method: 'elicitation/create';
  readonly params: ElicitRequestParams;
};

export type ElicitRequestFormParams = {
  /** The message to present to the user describing what information is being requested. */
  readonly message: string;
  /** The elicitation mode. */
  readonly mode?: 'form';
  /** A restricted subset of JSON Schema. */
  readonly requestedSchema: {
    readonly $schema?: string;
    readonly properties: { readonly [key: string]: PrimitiveSchemaDefinition };
    readonly required?: readonly string[];
    readonly type: 'object';
  };
};

export type ElicitRequestParams = ElicitRequestFormParams | ElicitRequestURLParams;

export type ElicitRequestURLParams = {
  /** The message to present to the user explaining why the interaction is needed. */
  readonly message: string;
  /** The elicitation mode. */
  readonly mode: 'url';
  /** The URL that the user should navigate to. */
  readonly url: string;
};

/** The result returned by the client for an `elicitation/create` request. */
export type ElicitResult = {
  /** The user action in response to the elicitation. */
  readonly action: 'accept' | 'cancel' | 'decline';
  /** The submitted form data, only present when action is `"accept"` and mode was `"form"`. */
  readonly content?: { readonly [key: string]: readonly string[] | string | number | boolean };
};

/** The contents of a resource, embedded into a prompt or tool call result. */
export type EmbeddedResource = {
  readonly _meta?: JsonObject;
  /** Optional annotations for the client. */
  readonly annotations?: Annotations;
  readonly resource: TextResourceContents | BlobResourceContents;
  readonly type: 'resource';
};

export type EnumSchema =
  | UntitledSingleSelectEnumSchema
  | TitledSingleSelectEnumSchema
  | UntitledMultiSelectEnumSchema
  | TitledMultiSelectEnumSchema
  | LegacyTitledEnumSchema;

/** Used by the client to get a prompt provided by the server. */
export type GetPromptRequest = {
  readonly id: RequestId;
  readonly jsonrpc: '2.0';
  readonly method: 'prompts/get';
  readonly params: GetPromptRequestParams;
};

/** Parameters for a `prompts/get` request. */
export type GetPromptRequestParams = {
  readonly _meta: RequestMetaObject;
  /** Arguments to use for templating the prompt. */
  readonly arguments?: { readonly [key: string]: string };
  readonly inputResponses?: InputResponses;
  /** The name of the prompt or prompt template. */
  readonly name: string;
  readonly requestState?: string;
};

/** The result returned by the server for a `prompts/get` request. */
export type GetPromptResult = {
  readonly _meta?: ResultMetaObject;
  /** An optional description for the prompt. */
  readonly description?: string;
  readonly messages: readonly PromptMessage[];
  readonly resultType: string;
};

/** An optionally-sized icon that can be displayed in a user interface. */
export type Icon = {
  /** Optional MIME type override if the source MIME type is missing or generic. */
  readonly mimeType?: string;
  /** Optional array of strings that specify sizes at which the icon can be used. */
  readonly sizes?: readonly string[];
  /** A standard URI pointing to an icon resource. */
  readonly src: string;
  readonly theme?: 'dark' | 'light';
};

/** An image provided to or from an LLM. */
export type ImageContent = {
  readonly _meta?: JsonObject;
  /** Optional annotations for the client. */
  readonly annotations?: Annotations;
  /** The base64-encoded image data. */
  readonly data: string;
  /** The MIME type of the image. */
  readonly mimeType: string;
  readonly type: 'image';
};

/** Describes the MCP implementation. */
export type Implementation = {
  /** An optional human-readable description of what this implementation does. */
  readonly description?: string;
  /** Optional set of sized icons that the client can display in a user interface. */
  readonly icons?: readonly Icon[];
  readonly name: string;
  readonly title?: string;
  /** The version of this implementation. */
  readonly version: string;
  /** An optional URL of the website for this implementation. */
  readonly websiteUrl?: string;
};

export type InputRequest = CreateMessageRequest | ListRootsRequest | ElicitRequest;

/** A map of server-initiated requests that the client must fulfill. */
export type InputRequests = { readonly [key: string]: InputRequest };

export type InputRequiredResult = {
  readonly _meta?: ResultMetaObject;
  readonly inputRequests?: InputRequests;
  readonly requestState?: string;
  readonly resultType: string;
};

export type InputResponse = CreateMessageResult | ListRootsResult | ElicitResult;

/** A map of client responses to server-initiated requests. */
export type InputResponses = { readonly [key: string]: InputResponse };

/** Use `TitledSingleSelectEnumSchema` instead. */
export type LegacyTitledEnumSchema = {
  readonly default?: string;
  readonly description?: string;
  readonly enum: readonly string[];
  /** (Legacy) Display names for enum values. */
  readonly enumNames?: readonly string[];
  readonly title?: string;
  readonly type: 'string';
};

/** Sent from the client to request a list of prompts and prompt templates the server has. */
export type ListPromptsRequest = {
  readonly id: RequestId;
  readonly jsonrpc: '2.0';
  readonly method: 'prompts/list';
  readonly params: PaginatedRequestParams;
};

/** The result returned by the server for a `prompts/list` request. */
export type ListPromptsResult = {
  readonly _meta?: ResultMetaObject;
  readonly cacheScope: 'private' | 'public';
  /** An opaque token representing the pagination position after the last returned result. */
  readonly nextCursor?: string;
  readonly prompts: readonly Prompt[];
  readonly resultType: string;
  readonly ttlMs: number;
};

/** Sent from the client to request a list of resource templates the server has. */
export type ListResourceTemplatesRequest = {
  readonly id: RequestId;
  readonly jsonrpc: '2.0';
  readonly method: 'resources/templates/list';
  readonly params: PaginatedRequestParams;
};

/** The result returned by the server for a `resources/templates/list` request. */
export type ListResourceTemplatesResult = {
  readonly _meta?: ResultMetaObject;
  readonly cacheScope: 'private' | 'public';
  /** An opaque token representing the pagination position after the last returned result. */
  readonly nextCursor?: string;
  readonly resourceTemplates: readonly ResourceTemplate[];
  readonly resultType: string;
  readonly ttlMs: number;
};

/** Sent from the client to request a list of resources the server has. */
export type ListResourcesRequest = {
  readonly id: RequestId;
  readonly jsonrpc: '2.0';
  readonly method: 'resources/list';
  readonly params: PaginatedRequestParams;
};

/** The result returned by the server for a `resources/list` request. */
export type ListResourcesResult = {
  readonly _meta?: ResultMetaObject;
  readonly cacheScope: 'private' | 'public';
  /** An opaque token representing the pagination position after the last returned result. */
  readonly nextCursor?: string;
  readonly resources: readonly Resource[];
  readonly resultType: string;
  readonly ttlMs: number;
};

/** Sent from the server to request a list of root URIs from the client. */
export type ListRootsRequest = {
  readonly method: 'roots/list';
  readonly params?: {
    readonly _meta?: JsonObject;
  };
};

/** The result returned by the client for a `roots/list` request. */
export type ListRootsResult = {
  readonly roots: readonly Root[];
};

/** Sent from the client to request a list of tools the server has. */
export type ListToolsRequest = {
  readonly id: RequestId;
  readonly jsonrpc: '2.0';
  readonly method: 'tools/list';
  readonly params: PaginatedRequestParams;
};

/** The result returned by the server for a `tools/list` request. */
export type ListToolsResult = {
  readonly _meta?: ResultMetaObject;
  readonly cacheScope: 'private' | 'public';
  /** An opaque token representing the pagination position after the last returned result. */
  readonly nextCursor?: string;
  readonly resultType: string;
  readonly tools: readonly Tool[];
  readonly ttlMs: number;
};

/** The severity of a log message. */
export type LoggingLevel =
  | 'alert'
  | 'critical'
  | 'debug'
  | 'emergency'
  | 'error'
  | 'info'
  | 'notice'
  | 'warning';

/** JSONRPCNotification of a log message passed from server to client. */
export type LoggingMessageNotification = {
  readonly jsonrpc: '2.0';
  readonly method: 'notifications/message';
  readonly params: LoggingMessageNotificationParams;
};

/** Parameters for a `notifications/message` notification. */
export type LoggingMessageNotificationParams = {
  readonly _meta?: NotificationMetaObject;
  /** The data to be logged, such as a string message or an object. */
  readonly data: unknown;
  /** The severity of this log message. */
  readonly level: LoggingLevel;
  /** An optional name of the logger issuing this message. */
  readonly logger?: string;
};

export type MetaObject = JsonObject;

/** Hints to use for model selection. */
export type ModelHint = {
  /** A hint for a model name. */
  readonly name?: string;
};

/** The server's preferences for model selection, requested of the client during sampling. */
export type ModelPreferences = {
  /** How much to prioritize cost when selecting a model. */
  readonly costPriority?: number;
  /** Optional hints to use for model selection. */
  readonly hints?: readonly ModelHint[];
  /** How much to prioritize intelligence and capabilities when selecting a model. */
  readonly intelligencePriority?: number;
  /** How much to prioritize sampling speed (latency) when selecting a model. */
  readonly speedPriority?: number;
};

export type MultiSelectEnumSchema = UntitledMultiSelectEnumSchema | TitledMultiSelectEnumSchema;

/** Extends `MetaObject` with additional notification-specific fields. */
export type NotificationMetaObject = {
  /** Identifies the subscription stream a notification was delivered on. */
  readonly 'io.modelcontextprotocol/subscriptionId'?: RequestId;
  readonly [key: string]: unknown;
};

/** Common params for any notification. */
export type NotificationParams = {
  readonly _meta?: NotificationMetaObject;
};

export type NumberSchema = {
  readonly default?: number;
  readonly description?: string;
  readonly maximum?: number;
  readonly minimum?: number;
  readonly title?: string;
  readonly type: 'integer' | 'number';
};

/** Common params for paginated requests. */
export type PaginatedRequestParams = {
  readonly _meta: RequestMetaObject;
  /** An opaque token representing the current pagination position. */
  readonly cursor?: string;
};

export type PrimitiveSchemaDefinition =
  | StringSchema
  | NumberSchema
  | BooleanSchema
  | UntitledSingleSelectEnumSchema
  | TitledSingleSelectEnumSchema
  | UntitledMultiSelectEnumSchema
  | TitledMultiSelectEnumSchema
  | LegacyTitledEnumSchema;

export type ProgressNotification = {
  readonly jsonrpc: '2.0';
  readonly method: 'notifications/progress';
  readonly params: ProgressNotificationParams;
};

/** Parameters for a `notifications/progress` notification. */
export type ProgressNotificationParams = {
  readonly _meta?: NotificationMetaObject;
  /** An optional message describing the current progress. */
  readonly message?: string;
  /** The progress thus far. */
  readonly progress: number;
  readonly progressToken: ProgressToken;
  /** Total number of items to process (or total progress required), if known. */
  readonly total?: number;
};

/** A progress token, used to associate progress notifications with the original request. */
export type ProgressToken = string | number;

/** A prompt or prompt template that the server offers. */
export type Prompt = {
  readonly _meta?: JsonObject;
  /** A list of arguments to use for templating the prompt. */
  readonly arguments?: readonly PromptArgument[];
  /** An optional description of what this prompt provides */
  readonly description?: string;
  /** Optional set of sized icons that the client can display in a user interface. */
  readonly icons?: readonly Icon[];
  readonly name: string;
  readonly title?: string;
};

/** Describes an argument that a prompt can accept. */
export type PromptArgument = {
  /** A human-readable description of the argument. */
  readonly description?: string;
  readonly name: string;
  /** Whether this argument must be provided. */
  readonly required?: boolean;
  readonly title?: string;
};

export type PromptListChangedNotification = {
  readonly jsonrpc: '2.0';
  readonly method: 'notifications/prompts/list_changed';
  readonly params?: NotificationParams;
};

/** Describes a message returned as part of a prompt. */
export type PromptMessage = {
  readonly content: ContentBlock;
  readonly role: Role;
};

/** Identifies a prompt. */
export type PromptReference = {
  readonly name: string;
  readonly title?: string;
  readonly type: 'ref/prompt';
};

/** Sent from the client to the server, to read a specific resource URI. */
export type ReadResourceRequest = {
  readonly id: RequestId;
  readonly jsonrpc: '2.0';
  readonly method: 'resources/read';
  readonly params: ReadResourceRequestParams;
};

/** Parameters for a `resources/read` request. */
export type ReadResourceRequestParams = {
  readonly _meta: RequestMetaObject;
  readonly inputResponses?: InputResponses;
  readonly requestState?: string;
  /** The URI of the resource. */
  readonly uri: string;
};

/** The result returned by the server for a `resources/read` request. */
export type ReadResourceResult = {
  readonly _meta?: ResultMetaObject;
  readonly cacheScope: 'private' | 'public';
  readonly contents: readonly (TextResourceContents | BlobResourceContents)[];
  readonly resultType: string;
  readonly ttlMs: number;
};

/** Extends `MetaObject` with additional request-specific fields. */
export type RequestMetaObject = {
  /** The client's capabilities for this specific request. */
  readonly 'io.modelcontextprotocol/clientCapabilities': ClientCapabilities;
  /** Identifies the client software making the request. */
  readonly 'io.modelcontextprotocol/clientInfo'?: Implementation;
  /** The desired log level for this request. */
  readonly 'io.modelcontextprotocol/logLevel'?: LoggingLevel;
  /** The MCP Protocol Version being used for this request. */
  readonly 'io.modelcontextprotocol/protocolVersion': string;
  readonly progressToken?: ProgressToken;
  readonly [key: string]: unknown;
};

/** Common params for any request. */
export type RequestParams = {
  readonly _meta: RequestMetaObject;
};

/** A known resource that the server is capable of reading. */
export type Resource = {
  readonly _meta?: JsonObject;
  /** Optional annotations for the client. */
  readonly annotations?: Annotations;
  /** A description of what this resource represents. */
  readonly description?: string;
  /** Optional set of sized icons that the client can display in a user interface. */
  readonly icons?: readonly Icon[];
  /** The MIME type of this resource, if known. */
  readonly mimeType?: string;
  readonly name: string;
  readonly size?: number;
  readonly title?: string;
  /** The URI of this resource. */
  readonly uri: string;
};

/** The contents of a specific resource or sub-resource. */
export type ResourceContents = {
  readonly _meta?: JsonObject;
  /** The MIME type of this resource, if known. */
  readonly mimeType?: string;
  /** The URI of this resource. */
  readonly uri: string;
};

export type ResourceLink = {
  readonly _meta?: JsonObject;
  /** Optional annotations for the client. */
  readonly annotations?: Annotations;
  /** A description of what this resource represents. */
  readonly description?: string;
  /** Optional set of sized icons that the client can display in a user interface. */
  readonly icons?: readonly Icon[];
  /** The MIME type of this resource, if known. */
  readonly mimeType?: string;
  readonly name: string;
  readonly size?: number;
  readonly title?: string;
  readonly type: 'resource_link';
  /** The URI of this resource. */
  readonly uri: string;
};

export type ResourceListChangedNotification = {
  readonly jsonrpc: '2.0';
  readonly method: 'notifications/resources/list_changed';
  readonly params?: NotificationParams;
};

/** A template description for resources available on the server. */
export type ResourceTemplate = {
  readonly _meta?: JsonObject;
  /** Optional annotations for the client. */
  readonly annotations?: Annotations;
  /** A description of what this template is for. */
  readonly description?: string;
  /** Optional set of sized icons that the client can display in a user interface. */
  readonly icons?: readonly Icon[];
  /** The MIME type for all resources that match this template. */
  readonly mimeType?: string;
  readonly name: string;
  readonly title?: string;
  /** A URI template (according to RFC 6570) that can be used to construct resource URIs. */
  readonly uriTemplate: string;
};

/** A reference to a resource or resource template definition. */
export type ResourceTemplateReference = {
  readonly type: 'ref/resource';
  /** The URI or URI template of the resource. */
  readonly uri: string;
};

export type ResourceUpdatedNotification = {
  readonly jsonrpc: '2.0';
  readonly method: 'notifications/resources/updated';
  readonly params: ResourceUpdatedNotificationParams;
};

/** Parameters for a `notifications/resources/updated` notification. */
export type ResourceUpdatedNotificationParams = {
  readonly _meta?: NotificationMetaObject;
  /** The URI of the resource that has been updated. */
  readonly uri: string;
};

/** Common result fields. */
export type Result = {
  readonly _meta?: ResultMetaObject;
  readonly resultType: string;
  readonly [key: string]: unknown;
};

/** Extends `MetaObject` with additional result-specific fields. */
export type ResultMetaObject = {
  /** Identifies the server software producing the response. */
  readonly 'io.modelcontextprotocol/serverInfo'?: Implementation;
  readonly [key: string]: unknown;
};

/** The sender or recipient of messages and data in a conversation. */
export type Role = 'assistant' | 'user';

/** Represents a root directory or file that the server can operate on. */
export type Root = {
  readonly _meta?: JsonObject;
  /** An optional name for the root. */
  readonly name?: string;
  /** The URI identifying the root. */
  readonly uri: string;
};

/** Describes a message issued to or received from an LLM API. */
export type SamplingMessage = {
  readonly _meta?: JsonObject;
  readonly content:
    | TextContent
    | ImageContent
    | AudioContent
    | ToolUseContent
    | ToolResultContent
    | readonly SamplingMessageContentBlock[];
  readonly role: Role;
};

export type SamplingMessageContentBlock =
  | TextContent
  | ImageContent
  | AudioContent
  | ToolUseContent
  | ToolResultContent;

/** Capabilities that a server may support. */
export type ServerCapabilities = {
  /** Present if the server supports argument autocompletion suggestions. */
  readonly completions?: JsonObject;
  /** Experimental, non-standard capabilities that the server supports. */
  readonly experimental?: { readonly [key: string]: JsonObject };
  /** Optional MCP extensions that the server supports. */
  readonly extensions?: { readonly [key: string]: JsonObject };
  /** Present if the server supports sending log messages to the client. */
  readonly logging?: JsonObject;
  /** Present if the server offers any prompt templates. */
  readonly prompts?: {
    /** Whether this server supports notifications for changes to the prompt list. */
    readonly listChanged?: boolean;
  };
  /** Present if the server offers any resources to read. */
  readonly resources?: {
    /** Whether this server supports notifications for changes to the resource list. */
    readonly listChanged?: boolean;
    /** Whether this server supports subscribing to resource updates. */
    readonly subscribe?: boolean;
  };
  /** Present if the server offers any tools to call. */
  readonly tools?: {
    /** Whether this server supports notifications for changes to the tool list. */
    readonly listChanged?: boolean;
  };
};

export type SingleSelectEnumSchema = UntitledSingleSelectEnumSchema | TitledSingleSelectEnumSchema;

export type StringSchema = {
  readonly default?: string;
  readonly description?: string;
  readonly format?: 'date' | 'date-time' | 'email' | 'uri';
  readonly maxLength?: number;
  readonly minLength?: number;
  readonly title?: string;
  readonly type: 'string';
};

export type SubscriptionFilter = {
  /** If true, receive `notifications/prompts/list_changed`. */
  readonly promptsListChanged?: boolean;
  /** Subscribe to `notifications/resources/updated` for these resource URIs. */
  readonly resourceSubscriptions?: readonly string[];
  /** If true, receive `notifications/resources/list_changed`. */
  readonly resourcesListChanged?: boolean;
  /** If true, receive `notifications/tools/list_changed`. */
  readonly toolsListChanged?: boolean;
};

export type SubscriptionsAcknowledgedNotification = {
  readonly jsonrpc: '2.0';
  readonly method: 'notifications/subscriptions/acknowledged';
  readonly params: SubscriptionsAcknowledgedNotificationParams;
};

/** Parameters for a `notifications/subscriptions/acknowledged` notification. */
export type SubscriptionsAcknowledgedNotificationParams = {
  readonly _meta?: NotificationMetaObject;
  /** The subset of requested notification types the server agreed to honor. */
  readonly notifications: SubscriptionFilter;
};

export type SubscriptionsListenRequest = {
  readonly id: RequestId;
  readonly jsonrpc: '2.0';
  readonly method: 'subscriptions/listen';
  readonly params: SubscriptionsListenRequestParams;
};

/** Parameters for a `subscriptions/listen` request. */
export type SubscriptionsListenRequestParams = {
  readonly _meta: RequestMetaObject;
  /** The notifications the client opts in to on this stream. */
  readonly notifications: SubscriptionFilter;
};

export type SubscriptionsListenResult = {
  readonly _meta: SubscriptionsListenResultMetaObject;
  readonly resultType: string;
};

export type SubscriptionsListenResultMetaObject = {
  /** Identifies the server software producing the response. */
  readonly 'io.modelcontextprotocol/serverInfo'?: Implementation;
  readonly 'io.modelcontextprotocol/subscriptionId': RequestId;
  readonly [key: string]: unknown;
};

/** Text provided to or from an LLM. */
export type TextContent = {
  readonly _meta?: JsonObject;
  /** Optional annotations for the client. */
  readonly annotations?: Annotations;
  /** The text content of the message. */
  readonly text: string;
  readonly type: 'text';
};

export type TextResourceContents = {
  readonly _meta?: JsonObject;
  /** The MIME type of this resource, if known. */
  readonly mimeType?: string;
  /** The text of the item. */
  readonly text: string;
  /** The URI of this resource. */
  readonly uri: string;
};

/** Schema for multiple-selection enumeration with display titles for each option. */
export type TitledMultiSelectEnumSchema = {
  /** Optional default value. */
  readonly default?: readonly string[];
  /** Optional description for the enum field. */
  readonly description?: string;
  /** Schema for array items with enum options and display labels. */
  readonly items: {
    /** Array of enum options with values and display labels. */
    readonly anyOf: readonly {
      /** The constant enum value. */
      readonly const: string;
      /** Display title for this option. */
      readonly title: string;
    }[];
  };
  /** Maximum number of items to select. */
  readonly maxItems?: number;
  /** Minimum number of items to select. */
  readonly minItems?: number;
  /** Optional title for the enum field. */
  readonly title?: string;
  readonly type: 'array';
};

/** Schema for single-selection enumeration with display titles for each option. */
export type TitledSingleSelectEnumSchema = {
  /** Optional default value. */
  readonly default?: string;
  /** Optional description for the enum field. */
  readonly description?: string;
  /** Array of enum options with values and display labels. */
  readonly oneOf: readonly {
    /** The enum value. */
    readonly const: string;
    /** Display label for this option. */
    readonly title: string;
  }[];
  /** Optional title for the enum field. */
  readonly title?: string;
  readonly type: 'string';
};

/** Definition for a tool the client can call. */
export type Tool = {
  readonly _meta?: JsonObject;
  /** Optional additional tool information. */
  readonly annotations?: ToolAnnotations;
  /** A human-readable description of the tool. */
  readonly description?: string;
  /** Optional set of sized icons that the client can display in a user interface. */
  readonly icons?: readonly Icon[];
  /** A JSON Schema object defining the expected parameters for the tool. */
  readonly inputSchema: {
    readonly $schema?: string;
    readonly type: 'object';
    readonly [key: string]: unknown;
  };
  readonly name: string;
  readonly outputSchema?: {
    readonly $schema?: string;
    readonly [key: string]: unknown;
  };
  readonly title?: string;
};

/** Additional properties describing a `Tool` to clients. */
export type ToolAnnotations = {
  /** If true, the tool may perform destructive updates to its environment. */
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  /** If true, this tool may interact with an "open world" of external entities. */
  readonly openWorldHint?: boolean;
  /** If true, the tool does not modify its environment. */
  readonly readOnlyHint?: boolean;
  /** A human-readable title for the tool. */
  readonly title?: string;
};

/** Controls tool selection behavior for sampling requests. */
export type ToolChoice = {
  /** Controls the tool use ability of the model: */
  readonly mode?: 'auto' | 'none' | 'required';
};

export type ToolListChangedNotification = {
  readonly jsonrpc: '2.0';
  readonly method: 'notifications/tools/list_changed';
  readonly params?: NotificationParams;
};

/** The result of a tool use, provided by the user back to the assistant. */
export type ToolResultContent = {
  /** Optional metadata about the tool result. */
  readonly _meta?: JsonObject;
  /** The unstructured result content of the tool use. */
  readonly content: readonly ContentBlock[];
  /** Whether the tool use resulted in an error. */
  readonly isError?: boolean;
  /** An optional structured result value. */
  readonly structuredContent?: unknown;
  /** The ID of the tool use this result corresponds to. */
  readonly toolUseId: string;
  readonly type: 'tool_result';
};

/** A request from the assistant to call a tool. */
export type ToolUseContent = {
  /** Optional metadata about the tool use. */
  readonly _meta?: JsonObject;
  /** A unique identifier for this tool use. */
  readonly id: string;
  /** The arguments to pass to the tool, conforming to the tool's input schema. */
  readonly input: JsonObject;
  /** The name of the tool to call. */
  readonly name: string;
  readonly type: 'tool_use';
};

/** Schema for multiple-selection enumeration without display titles for options. */
export type UntitledMultiSelectEnumSchema = {
  /** Optional default value. */
  readonly default?: readonly string[];
  /** Optional description for the enum field. */
  readonly description?: string;
  /** Schema for the array items. */
  readonly items: {
    /** Array of enum values to choose from. */
    readonly enum: readonly string[];
    readonly type: 'string';
  };
  /** Maximum number of items to select. */
  readonly maxItems?: number;
  /** Minimum number of items to select. */
  readonly minItems?: number;
  /** Optional title for the enum field. */
  readonly title?: string;
  readonly type: 'array';
};

/** Schema for single-selection enumeration without display titles for options. */
export type UntitledSingleSelectEnumSchema = {
  /** Optional default value. */
  readonly default?: string;
  /** Optional description for the enum field. */
  readonly description?: string;
  /** Array of enum values to choose from. */
  readonly enum: readonly string[];
  /** Optional title for the enum field. */
  readonly title?: string;
  readonly type: 'string';
};
