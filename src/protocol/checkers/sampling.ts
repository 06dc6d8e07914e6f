/** sampling/createMessage and roots/list: questions to a client, and its answers. */
import { isJsonObject, type JsonObject } from '../../json-rpc/message.js';
import {
  arrayOf,
  both,
  integer,
  jsonObject,
  number,
  object,
  oneOf,
  oneOrMany,
  string,
  type Checker,
} from '../combinators.js';
import type { TaskMetadata } from '../legacy.types.js';
import type {
  CreateMessageRequestParams,
  CreateMessageResult,
  ListRootsResult,
  ModelPreferences,
  Root,
  SamplingMessage,
} from '../modern.types.js';
import { requestMeta, role, type Params } from './base.js';
import { samplingContentBlock } from './content.js';
import { taskMetadata } from './tasks.js';
import { tool } from './tool.js';

const content = oneOrMany(samplingContentBlock);

export const samplingMessage: Checker<SamplingMessage> = object<SamplingMessage>(
  { role, content },
  { _meta: jsonObject },
);

/** From 0, unimportant, to 1, all that counts. */
const priority: Checker<number> = (value, path) =>
  typeof value === 'number' && value >= 0 && value <= 1
    ? undefined
    : `${path} must be a number from 0 to 1`;

export const modelPreferences: Checker<ModelPreferences> = object<ModelPreferences>(
  {},
  {
    hints: arrayOf(object({}, { name: string })),
    costPriority: priority,
    speedPriority: priority,
    intelligencePriority: priority,
  },
);

export const createMessageParams: Checker<Params<CreateMessageRequestParams>> = both(
  object<Params<CreateMessageRequestParams> & { task?: TaskMetadata }>(
    { messages: arrayOf(samplingMessage), maxTokens: integer },
    {
      systemPrompt: string,
      includeContext: oneOf(['none', 'thisServer', 'allServers']),
      temperature: number,
      stopSequences: arrayOf(string),
      metadata: jsonObject,
      modelPreferences,
      tools: arrayOf(tool),
      toolChoice: object({}, { mode: oneOf(['auto', 'none', 'required']) }),
      task: taskMetadata,
      _meta: requestMeta,
    },
  ),
  toolUsesAnswered,
);

export const createMessageResult: Checker<CreateMessageResult> = object<CreateMessageResult>(
  { role, content, model: string },
  { stopReason: string, _meta: jsonObject },
);

export const root: Checker<Root> = object<Root>(
  { uri: string },
  { name: string, _meta: jsonObject },
);

export const listRootsResult: Checker<ListRootsResult> = object<
  ListRootsResult & { _meta?: unknown }
>({ roots: arrayOf(root) }, { _meta: jsonObject });

/**
 * Every tool use must be answered by the next message, which is the user's and holds nothing but
 * results (client/sampling, "Message Content Constraints").
 */
function toolUsesAnswered(params: unknown, path: string): string | undefined {
  const messages = (
    isJsonObject(params) ? params['messages'] : undefined
  ) as readonly SamplingMessage[];
  let open: ReadonlySet<string> = new Set();
  for (const [index, message] of messages.entries()) {
    const blocks = [message.content].flat();
    const results = blocks.filter((block) => block.type === 'tool_result');
    const answered = new Set(results.map((block) => block.toolUseId));
    const at = `${path}.messages[${index}]`;
    if (results.length > 0 && (message.role !== 'user' || results.length < blocks.length)) {
      return `${at} must be the user's and hold nothing but tool results`;
    }
    if (open.size !== answered.size || [...open].some((id) => !answered.has(id))) {
      return `${at} must answer each tool use of the message before it, and no other`;
    }
    const uses = blocks.filter((block) => block.type === 'tool_use');
    open = new Set(uses.map((block) => block.id));
  }
  return open.size === 0 ? undefined : `${path}.messages must answer the last tool use`;
}

/** Params of roots/list, as a message or inside an input request. */
export const listRootsParams: Checker<JsonObject> = object<JsonObject>({}, { _meta: jsonObject });
