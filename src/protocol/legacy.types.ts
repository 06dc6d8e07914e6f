/**
 * Generated from the JSON Schema of MCP 2025-11-25 by scripts/generate-types.ts; do not
 * edit. Names equal the schema's. To write it again: npx tsx scripts/generate-types.ts
 */
import type { JsonObject, RequestId } from '../json-rpc/message.js';
import type {
  Icon,
  Implementation,
  LoggingLevel,
  PrimitiveSchemaDefinition,
  ProgressToken,
  ToolAnnotations,
} from './modern.types.js';

/** A request to cancel a task. */
export type CancelTaskRequest = {
  readonly id: RequestId;
  readonly jsonrpc: '2.0';
  readonly method: 'tasks/cancel';
  readonly params: {
    /** The task identifier to cancel. */
    readonly taskId: string;
  };
};

/** The response to a tasks/cancel request. */
export type CancelTaskResult = Result & Task;

/** Capabilities a client may support. */
export type ClientCapabilities = {
  /** Present if the client supports elicitation from the server. */
  readonly elicitation?: {
    readonly form?: JsonObject;
    readonly url?: JsonObject;
  };
  /** Experimental, non-standard capabilities that the client supports. */
  readonly experimental?: { readonly [key: string]: JsonObject };
  /** Present if the client supports listing roots. */
  readonly roots?: {
    /** Whether the client supports notifications for changes to the roots list. */
    readonly listChanged?: boolean;
  };
  /** Present if the client supports sampling from an LLM. */
  readonly sampling?: {
    /** Whether the client supports context inclusion via includeContext parameter. */
    readonly context?: JsonObject;
    /** Whether the client supports tool use via tools and toolChoice parameters. */
    readonly tools?: JsonObject;
  };
  /** Present if the client supports task-augmented requests. */
  readonly tasks?: {
    /** Whether this client supports tasks/cancel. */
    readonly cancel?: JsonObject;
    /** Whether this client supports tasks/list. */
    readonly list?: JsonObject;
    /** Specifies which request types can be augmented with tasks. */
    readonly requests?: {
      /** Task support for elicitation-related requests. */
      readonly elicitation?: {
        /** Whether the client supports task-augmented elicitation/create requests. */
        readonly create?: JsonObject;
      };
      /** Task support for sampling-related requests. */
      readonly sampling?: {
        /** Whether the client supports task-augmented sampling/createMessage requests. */
        readonly createMessage?: JsonObject;
      };
    };
  };
};

/** A response to a task-augmented request. */
export type CreateTaskResult = {
  readonly _meta?: JsonObject;
  readonly task: Task;
};

export type ElicitRequestFormParams = {
  readonly _meta?: {
    readonly progressToken?: ProgressToken;
    readonly [key: string]: unknown;
  };
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
  /** If specified, the caller is requesting task-augmented execution for this request. */
  readonly task?: TaskMetadata;
};

export type ElicitRequestURLParams = {
  readonly _meta?: {
    readonly progressToken?: ProgressToken;
    readonly [key: string]: unknown;
  };
  /** The ID of the elicitation, which must be unique within the context of the server. */
  readonly elicitationId: string;
  /** The message to present to the user explaining why the interaction is needed. */
  readonly message: string;
  /** The elicitation mode. */
  readonly mode: 'url';
  /** If specified, the caller is requesting task-augmented execution for this request. */
  readonly task?: TaskMetadata;
  /** The URL that the user should navigate to. */
  readonly url: string;
};

export type ElicitationCompleteNotification = {
  readonly jsonrpc: '2.0';
  readonly method: 'notifications/elicitation/complete';
  readonly params: {
    /** The ID of the elicitation that completed. */
    readonly elicitationId: string;
  };
};

/** A request to retrieve the result of a completed task. */
export type GetTaskPayloadRequest = {
  readonly id: RequestId;
  readonly jsonrpc: '2.0';
  readonly method: 'tasks/result';
  readonly params: {
    /** The task identifier to retrieve results for. */
    readonly taskId: string;
  };
};

/** A request to retrieve the state of a task. */
export type GetTaskRequest = {
  readonly id: RequestId;
  readonly jsonrpc: '2.0';
  readonly method: 'tasks/get';
  readonly params: {
    /** The task identifier to query. */
    readonly taskId: string;
  };
};

/** The response to a tasks/get request. */
export type GetTaskResult = Result & Task;

export type InitializeRequest = {
  readonly id: RequestId;
  readonly jsonrpc: '2.0';
  readonly method: 'initialize';
  readonly params: InitializeRequestParams;
};

/** Parameters for an `initialize` request. */
export type InitializeRequestParams = {
  readonly _meta?: {
    readonly progressToken?: ProgressToken;
    readonly [key: string]: unknown;
  };
  readonly capabilities: ClientCapabilities;
  readonly clientInfo: Implementation;
  /** The latest version of the Model Context Protocol that the client supports. */
  readonly protocolVersion: string;
};

/** After receiving an initialize request from the client, the server sends this response. */
export type InitializeResult = {
  readonly _meta?: JsonObject;
  readonly capabilities: ServerCapabilities;
  /** Instructions describing how to use the server and its features. */
  readonly instructions?: string;
  /** The version of the Model Context Protocol that the server wants to use. */
  readonly protocolVersion: string;
  readonly serverInfo: Implementation;
};

export type InitializedNotification = {
  readonly jsonrpc: '2.0';
  readonly method: 'notifications/initialized';
  readonly params?: NotificationParams;
};

/** A request to retrieve a list of tasks. */
export type ListTasksRequest = {
  readonly id: RequestId;
  readonly jsonrpc: '2.0';
  readonly method: 'tasks/list';
  readonly params?: PaginatedRequestParams;
};

/** The response to a tasks/list request. */
export type ListTasksResult = {
  readonly _meta?: JsonObject;
  /** An opaque token representing the pagination position after the last returned result. */
  readonly nextCursor?: string;
  readonly tasks: readonly Task[];
};

export type NotificationParams = {
  readonly _meta?: JsonObject;
};

/** Common parameters for paginated requests. */
export type PaginatedRequestParams = {
  readonly _meta?: {
    readonly progressToken?: ProgressToken;
    readonly [key: string]: unknown;
  };
  /** An opaque token representing the current pagination position. */
  readonly cursor?: string;
};

export type PingRequest = {
  readonly id: RequestId;
  readonly jsonrpc: '2.0';
  readonly method: 'ping';
  readonly params?: RequestParams;
};

/** Metadata for associating messages with a task. */
export type RelatedTaskMetadata = {
  /** The task identifier this message is associated with. */
  readonly taskId: string;
};

/** Common params for any request. */
export type RequestParams = {
  readonly _meta?: {
    readonly progressToken?: ProgressToken;
    readonly [key: string]: unknown;
  };
};

export type Result = {
  readonly _meta?: JsonObject;
  readonly [key: string]: unknown;
};

export type RootsListChangedNotification = {
  readonly jsonrpc: '2.0';
  readonly method: 'notifications/roots/list_changed';
  readonly params?: NotificationParams;
};

/** Capabilities that a server may support. */
export type ServerCapabilities = {
  /** Present if the server supports argument autocompletion suggestions. */
  readonly completions?: JsonObject;
  /** Experimental, non-standard capabilities that the server supports. */
  readonly experimental?: { readonly [key: string]: JsonObject };
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
  /** Present if the server supports task-augmented requests. */
  readonly tasks?: {
    /** Whether this server supports tasks/cancel. */
    readonly cancel?: JsonObject;
    /** Whether this server supports tasks/list. */
    readonly list?: JsonObject;
    /** Specifies which request types can be augmented with tasks. */
    readonly requests?: {
      /** Task support for tool-related requests. */
      readonly tools?: {
        /** Whether the server supports task-augmented tools/call requests. */
        readonly call?: JsonObject;
      };
    };
  };
  /** Present if the server offers any tools to call. */
  readonly tools?: {
    /** Whether this server supports notifications for changes to the tool list. */
    readonly listChanged?: boolean;
  };
};

/** A request from the client to the server, to enable or adjust logging. */
export type SetLevelRequest = {
  readonly id: RequestId;
  readonly jsonrpc: '2.0';
  readonly method: 'logging/setLevel';
  readonly params: SetLevelRequestParams;
};

/** Parameters for a `logging/setLevel` request. */
export type SetLevelRequestParams = {
  readonly _meta?: {
    readonly progressToken?: ProgressToken;
    readonly [key: string]: unknown;
  };
  /** The level of logging that the client wants to receive from the server. */
  readonly level: LoggingLevel;
};

export type SubscribeRequest = {
  readonly id: RequestId;
  readonly jsonrpc: '2.0';
  readonly method: 'resources/subscribe';
  readonly params: SubscribeRequestParams;
};

/** Parameters for a `resources/subscribe` request. */
export type SubscribeRequestParams = {
  readonly _meta?: {
    readonly progressToken?: ProgressToken;
    readonly [key: string]: unknown;
  };
  /** The URI of the resource. */
  readonly uri: string;
};

/** Data associated with a task. */
export type Task = {
  /** ISO 8601 timestamp when the task was created. */
  readonly createdAt: string;
  /** ISO 8601 timestamp when the task was last updated. */
  readonly lastUpdatedAt: string;
  /** Suggested polling interval in milliseconds. */
  readonly pollInterval?: number;
  /** Current task state. */
  readonly status: TaskStatus;
  /** Optional human-readable message describing the current task state. */
  readonly statusMessage?: string;
  /** The task identifier. */
  readonly taskId: string;
  /** Actual retention duration from creation in milliseconds, null for unlimited. */
  readonly ttl: number | null;
};

/** Metadata for augmenting a request with task execution. */
export type TaskMetadata = {
  /** Requested duration in milliseconds to retain task from creation. */
  readonly ttl?: number;
};

/** The status of a task. */
export type TaskStatus = 'cancelled' | 'completed' | 'failed' | 'input_required' | 'working';

export type TaskStatusNotification = {
  readonly jsonrpc: '2.0';
  readonly method: 'notifications/tasks/status';
  readonly params: TaskStatusNotificationParams;
};

/** Parameters for a `notifications/tasks/status` notification. */
export type TaskStatusNotificationParams = NotificationParams & Task;

/** Definition for a tool the client can call. */
export type Tool = {
  readonly _meta?: JsonObject;
  /** Optional additional tool information. */
  readonly annotations?: ToolAnnotations;
  /** A human-readable description of the tool. */
  readonly description?: string;
  /** Execution-related properties for this tool. */
  readonly execution?: ToolExecution;
  /** Optional set of sized icons that the client can display in a user interface. */
  readonly icons?: readonly Icon[];
  /** A JSON Schema object defining the expected parameters for the tool. */
  readonly inputSchema: {
    readonly $schema?: string;
    readonly properties?: { readonly [key: string]: JsonObject };
    readonly required?: readonly string[];
    readonly type: 'object';
  };
  readonly name: string;
  readonly outputSchema?: {
    readonly $schema?: string;
    readonly properties?: { readonly [key: string]: JsonObject };
    readonly required?: readonly string[];
    readonly type: 'object';
  };
  readonly title?: string;
};

/** Execution-related properties for a tool. */
export type ToolExecution = {
  /** Indicates whether this tool supports task-augmented execution. */
  readonly taskSupport?: 'forbidden' | 'optional' | 'required';
};

export type UnsubscribeRequest = {
  readonly id: RequestId;
  readonly jsonrpc: '2.0';
  readonly method: 'resources/unsubscribe';
  readonly params: UnsubscribeRequestParams;
};

/** Parameters for a `resources/unsubscribe` request. */
export type UnsubscribeRequestParams = {
  readonly _meta?: {
    readonly progressToken?: ProgressToken;
    readonly [key: string]: unknown;
  };
  /** The URI of the resource. */
  readonly uri: string;
};
