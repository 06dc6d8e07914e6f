export { type Client, type CompletionRequest, type ServerDescription } from './client.js';
export { type Answers, type FormAnswer, type UrlAnswer } from './answers.js';
export { type CallOptions, type LogMessage, type Progress } from './call.js';
export { type Change, type ListenFilter } from './listen.js';
export {
  connect,
  type CommandTarget,
  type ConnectOptions,
  type EraChoice,
  type Target,
} from '../connect.js';
export { type ErrorKind, McpError } from '../errors.js';
