import type { JsonObject } from '../json-rpc/message.js';
import type { ServerCapabilities } from '../protocol/modern.types.js';
import type { Extensions } from './extension.js';
import type { Handler } from './parts.js';
import type { Prompts } from './prompts.js';
import type { Resources } from './resources.js';
import type { Offered } from './subscriptions.js';
import type { Tools } from './tools.js';

/** What an author has defined so far. */
export interface Features {
  readonly tools: boolean;
  readonly resources: boolean;
  readonly prompts: boolean;
  readonly completions: boolean;
}

export interface MethodParts {
  readonly discover: Handler;
  readonly tools: Tools;
  readonly resources: Resources;
  readonly prompts: Prompts;
  readonly completion: Handler;
  readonly listen: Handler;
}

/** The methods of the core, and whether they are there. */
export function methodsOf(
  { discover, tools, resources, prompts, completion, listen }: MethodParts,
  has: Features,
): ReadonlyMap<string, readonly [Handler, () => boolean]> {
  return new Map<string, readonly [Handler, () => boolean]>([
    ['server/discover', [discover, () => true]],
    ['tools/list', [tools.list, () => has.tools]],
    ['tools/call', [tools.call, () => has.tools]],
    ['resources/list', [resources.list, () => has.resources]],
    ['resources/templates/list', [resources.listTemplates, () => has.resources]],
    ['resources/read', [resources.read, () => has.resources]],
    ['prompts/list', [prompts.list, () => has.prompts]],
    ['prompts/get', [prompts.get, () => has.prompts]],
    ['completion/complete', [completion, () => has.completions]],
    ['subscriptions/listen', [listen, () => true]],
  ]);
}

/** The notices that it can send. */
export function offeredOf(has: Features): Offered {
  return {
    toolsListChanged: has.tools,
    promptsListChanged: has.prompts,
    resourcesListChanged: has.resources,
    resourceSubscriptions: has.resources,
  };
}

export function capabilitiesOf(has: Features, { declared }: Extensions): ServerCapabilities {
  const capabilities: { [name: string]: JsonObject } = { logging: {} };
  if (has.tools) capabilities['tools'] = { listChanged: true };
  if (has.resources) capabilities['resources'] = { subscribe: true, listChanged: true };
  if (has.prompts) capabilities['prompts'] = { listChanged: true };
  if (has.completions) capabilities['completions'] = {};
  if (declared !== undefined) capabilities['extensions'] = declared;
  return capabilities;
}
