import { memoryTasks } from '../stores/memory-tasks.js';
import type { Extension } from './extension.js';
import { tasksExtension, type TasksOptions } from './tasks/extension.js';

export { createServer, type Server, type ServerOptions } from './server.js';
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
export { type TasksOptions } from './tasks/extension.js';
export { type TaskOption, type TaskOptions } from './tasks/task-options.js';
export { type StoredQuestion, type StoredTask, type TaskStore } from '../stores/task-store.js';
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

/**
 * Tasks: calls of tools with a `task` option are answered by a handle at once, and their result is
 * fetched when it is there. For clients of 2026-07-28 that know the extension, and in the words of
 * 2025-11-25 for its sessions.
 */
export function tasks(options: TasksOptions = {}): Extension {
  return tasksExtension(() => options.store ?? memoryTasks());
}
