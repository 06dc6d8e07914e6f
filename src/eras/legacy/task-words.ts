/** Tasks of 2025-11-25 (basic/utilities/tasks) and of the extension that came after, translated. */
import { isJsonObject, type JsonObject } from '../../json-rpc/message.js';
import { extensionIds, extensionSettings, withExtension } from '../../protocol/extensions.js';
import type {
  ServerCapabilities as LegacyCapabilities,
  Task,
} from '../../protocol/legacy.types.js';
import { metaKeys } from '../../protocol/meta.js';
import type { ServerCapabilities } from '../../protocol/modern.types.js';
import type { TaskState } from '../../protocol/tasks.js';

/** The only revision that has tasks in its core. */
export const taskRevision = '2025-11-25';

export const taskNoticeBefore = 'notifications/tasks/status';

const messageLengthMax = 200;

/** A task as the older revision shows it: without what it asks or came to. */
export function toTask(state: TaskState): Task {
  const { taskId, status, createdAt, lastUpdatedAt, ttlMs, pollIntervalMs } = state;
  const isError = state.result?.['isError'] === true;
  const statusMessage = state.statusMessage ?? (isError ? errorText(state.result) : undefined);
  return {
    taskId,
    // There a tool's own error is a failure; the extension keeps that word for the protocol's.
    status: status === 'completed' && isError ? 'failed' : status,
    ...(statusMessage === undefined ? {} : { statusMessage }),
    createdAt,
    lastUpdatedAt,
    ttl: ttlMs,
    ...(pollIntervalMs === undefined ? {} : { pollInterval: pollIntervalMs }),
  };
}

/** The way back. What belongs to the status has to be added. */
export function fromTask(task: Task): TaskState {
  const { taskId, status, statusMessage, createdAt, lastUpdatedAt, ttl, pollInterval } = task;
  return {
    taskId,
    status,
    ...(statusMessage === undefined ? {} : { statusMessage }),
    createdAt,
    lastUpdatedAt,
    ttlMs: ttl,
    ...(pollInterval === undefined ? {} : { pollIntervalMs: pollInterval }),
  };
}

/** The same message, marked as one of a task. */
export function related<T extends JsonObject | undefined>(
  message: T,
  taskId: string,
): JsonObject & { readonly _meta: JsonObject } {
  const meta = message?.['_meta'];
  const _meta = { ...(isJsonObject(meta) ? meta : {}), [metaKeys.relatedTask]: { taskId } };
  return { ...message, _meta };
}

/** What a server declares, in the words of `revision`. */
export function declaredBefore(
  capabilities: ServerCapabilities,
  revision: string,
  mayList: boolean,
): ServerCapabilities & LegacyCapabilities {
  const { tasks: id } = extensionIds;
  if (extensionSettings(capabilities, id) === undefined) return capabilities;
  const others = withExtension(capabilities, id, undefined);
  if (revision !== taskRevision) return others;
  const tasks = { ...(mayList ? { list: {} } : {}), cancel: {}, requests: { tools: { call: {} } } };
  return { ...others, tasks };
}

function errorText(result: JsonObject | undefined): string | undefined {
  const content = result?.['content'];
  const first: unknown = Array.isArray(content) ? content[0] : undefined;
  const text = isJsonObject(first) ? first['text'] : undefined;
  return typeof text === 'string' ? text.slice(0, messageLengthMax) : undefined;
}
