/** What clients and servers declare that they can do. Neither set is closed. */
import { boolean, jsonObject, object, recordOf, type Checker } from '../combinators.js';
import type * as legacy from '../legacy.types.js';
import type { ClientCapabilities, ServerCapabilities } from '../modern.types.js';

const extensions = recordOf(jsonObject);

export const clientCapabilities: Checker<ClientCapabilities> = object<
  ClientCapabilities & legacy.ClientCapabilities
>(
  {},
  {
    elicitation: object({}, { form: jsonObject, url: jsonObject }),
    sampling: object({}, { context: jsonObject, tools: jsonObject }),
    roots: object({}, { listChanged: boolean }),
    experimental: jsonObject,
    extensions,
    tasks: jsonObject,
  },
);

export const serverCapabilities: Checker<ServerCapabilities> = object<
  ServerCapabilities & legacy.ServerCapabilities
>(
  {},
  {
    tools: object({}, { listChanged: boolean }),
    resources: object({}, { listChanged: boolean, subscribe: boolean }),
    prompts: object({}, { listChanged: boolean }),
    completions: jsonObject,
    logging: jsonObject,
    experimental: jsonObject,
    extensions,
    tasks: jsonObject,
  },
);
