import { memoryKept } from '../stores/memory-kept.js';
import { type CreateServer, serverIn } from './server.js';

export { type CreateServer, type ErrorDetails, type Server, type ServerOptions } from './server.js';
export { type Call, type ProgressOptions } from './call.js';
export { type Ask, AskDeclined, type InputRequest } from './ask.js';
export { type InputRequired, inputRequired } from './rounds.js';
export { type ToolResult, toolResult, type ToolResultParts, type ToolReturn } from './results.js';
export { type ToolHandler, type ToolOptions } from './tools.js';
export {
  type ResourceHandler,
  type ResourceOptions,
  type ResourceReturn,
  type ResourceTarget,
} from './resources.js';
export { type PromptHandler, type PromptOptions, type PromptReturn } from './prompts.js';
export {
  type Extension,
  type ExtensionHandler,
  type ExtensionHost,
  type ExtensionParts,
  type ListenMember,
} from './extension.js';
export { apps } from './apps.js';
export { tasks, type TasksOptions } from './tasks/extension.js';
export { type TaskOption, type TaskOptions } from './tasks/task-options.js';
export {
  type StoredQuestion,
  type StoredTask,
  type TaskRoom,
  type TaskStore,
} from '../stores/task-store.js';
export { extensionMethod, type ExtensionMethodParts } from '../protocol/methods.js';
export {
  appMeta,
  appMimeType,
  type AppResourceMeta,
  type AppToolMeta,
  type AppVisibility,
} from '../protocol/apps.js';
export { type Completer, type Completers } from './completion.js';
export { type Registration } from './registry.js';
export { type AnySchema, type InputOf, type OutputOf, type StandardSchema } from './schema.js';
export { audio, embedded, image, resourceLink, text } from '../protocol/content.js';
export { McpError, ToolError } from '../errors.js';

export const createServer: CreateServer = serverIn(memoryKept);
