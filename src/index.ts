import { type CreateServer, serverIn } from './server/server.js';
import { memoryKept } from './stores/memory-kept.js';

export {
  type CreateServer,
  type ErrorDetails,
  type Server,
  type ServerOptions,
} from './server/server.js';
export { type Call, type ProgressOptions } from './server/call.js';
export { type Ask, AskDeclined } from './server/ask.js';
export { inputRequired } from './server/rounds.js';
export { toolResult } from './server/results.js';
export { apps } from './server/apps.js';
export { tasks } from './server/tasks/extension.js';
export { withApps } from './client/apps.js';
export { withTasks } from './client/tasks.js';
export { connect, type ConnectOptions, type Target } from './connect.js';
export {
  type Message,
  type ParseFailure,
  type Pipe,
  type PipeReceiver,
  type ServedPipe,
  servePipe,
  type ServePipeOptions,
} from './pipe.js';
export { type Client } from './client/client.js';
export { type ErrorKind, McpError, ToolError } from './errors.js';
export { audio, embedded, image, resourceLink, text } from './protocol/content.js';
export type {
  Exchange,
  Io,
  Middleware,
  Notice,
  Notification,
  Peer,
  Principal,
  Request,
  Result,
} from './exchange.js';
export type { Limits } from './limits.js';

export const createServer: CreateServer = serverIn(memoryKept);
