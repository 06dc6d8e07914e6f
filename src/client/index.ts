export { type Client, type CompletionRequest, type ServerDescription } from './client.js';
export { type Answers, type FormAnswer, type UrlAnswer } from './answers.js';
export { type CallOptions, type LogMessage, type Progress } from './call.js';
export { type Change, type ListenFilter } from './listen.js';
export { type AnswerKey, createResponseCache, type ResponseCache } from './response-cache.js';
export { type RetryChoice } from './retry-lost.js';
export { type ClientExtension, type ClientExtensionHost } from './extension.js';
export { type AppsOptions, withApps } from './apps.js';
export { type ClientTasks, withTasks } from './tasks.js';
export { type AppToolMeta, appToolMeta, type AppVisibility } from '../protocol/apps.js';
export { extensionMethod, type ExtensionMethodParts } from '../protocol/methods.js';
export { type TaskState, type TaskStatus } from '../protocol/tasks.js';
export { createEraCache, type EraCache, type EraVerdict } from '../eras/verdict-cache.js';
export {
  connect,
  type CommandTarget,
  type ConnectOptions,
  type EraChoice,
  type Supervision,
  type Target,
} from '../connect.js';
export { type ErrorKind, McpError } from '../errors.js';
