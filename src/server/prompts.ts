import { McpError, ToolError } from '../errors.js';
import type { Io, Principal, Request, Result } from '../exchange.js';
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import { text } from '../protocol/content.js';
import type { Icon, PromptMessage } from '../protocol/modern.types.js';
import type { Call } from './call.js';
import type { Completers } from './completion.js';
import { defined, failureOf, type Handler, type ServerParts } from './parts.js';
import { createRegistry, type Registration } from './registry.js';
import { argumentsOf, InputRequired } from './rounds.js';
import { isHidden, type Needed, readScopes, refuseWithout } from './scopes.js';
import { type AnySchema, type OutputOf, readySchema, type ReadySchema } from './schema.js';

export interface PromptOptions<In extends AnySchema = AnySchema> {
  readonly title?: string;
  readonly description?: string;
  /** The arguments: an object of strings. */
  readonly input?: In;
  readonly icons?: readonly Icon[];
  readonly meta?: JsonObject;
  /** What callers need to list and get it; see the scopes of tools. */
  readonly scopes?: readonly string[];
  /** Suggestions for arguments, by name. */
  readonly complete?: Completers;
}

/** One user message, messages, or messages with a description. */
export type PromptReturn =
  | string
  | readonly PromptMessage[]
  | { readonly description?: string; readonly messages: readonly PromptMessage[] }
  | InputRequired;

export type PromptHandler<In extends AnySchema> = (
  args: OutputOf<In>,
  call: Call,
) => PromptReturn | Promise<PromptReturn>;

export interface Prompts {
  add<In extends AnySchema>(
    name: string,
    options: PromptOptions<In>,
    handler: PromptHandler<In>,
  ): Registration<PromptOptions>;
  readonly list: Handler;
  readonly get: Handler;
  /** Undefined when there is no such prompt. */
  completersOf(name: string, principal: Principal): Completers | undefined;
}

interface Prompt {
  readonly item: JsonObject;
  readonly scopes: Needed;
  readonly input: ReadySchema;
  readonly options: PromptOptions;
  readonly handler: PromptHandler<AnySchema>;
}

const noArguments: JsonObject = Object.freeze({ type: 'object' });

export function createPrompts(parts: ServerParts): Prompts {
  const kind = { what: 'prompt', member: 'prompts', change: 'prompts' } as const;
  const prompts = createRegistry<Prompt>(kind, parts);

  const find = (name: string, principal: Principal): Prompt | undefined => {
    const prompt = prompts.get(name);
    if (prompt === undefined || isHidden(prompt.scopes, principal)) return undefined;
    refuseWithout(prompt.scopes ?? [], principal);
    return prompt;
  };

  return {
    add: (name, options, handler) =>
      prompts.add<PromptOptions>(name, options, (current) =>
        readyPrompt(name, current, handler, parts),
      ),
    list: (request, io) => prompts.page(request, io),
    async get(request, io) {
      const name = request.params?.['name'] as string;
      const prompt = find(name, io.peer.principal);
      if (prompt === undefined) {
        throw new McpError('invalidParams', `Unknown prompt: ${name.slice(0, 128)}`);
      }
      const checked = await prompt.input.check(argumentsOf(request));
      if (checked.problem !== undefined) {
        throw new McpError('invalidParams', `Invalid arguments: ${checked.problem}`);
      }
      return getOne(prompt, checked.value, request, io, parts);
    },
    completersOf(name, principal) {
      const prompt = find(name, principal);
      return prompt && (prompt.options.complete ?? {});
    },
  };
}

async function getOne(
  prompt: Prompt,
  args: unknown,
  request: Request,
  io: Io,
  parts: ServerParts,
): Promise<Result> {
  try {
    return await parts.runRound(request, io, async (call) => {
      const returned = await prompt.handler(args, call);
      if (returned instanceof InputRequired) return returned;
      return toGetPromptResult(returned, prompt.options.description);
    });
  } catch (thrown) {
    if (thrown instanceof ToolError) throw new McpError('internal', thrown.message);
    throw failureOf(thrown, request, io, parts.report);
  }
}

function toGetPromptResult(
  returned: Exclude<PromptReturn, InputRequired>,
  description: string | undefined,
): Result {
  const full = defined({ description });
  if (typeof returned === 'string') {
    return { ...full, messages: [{ role: 'user', content: text(returned) }] };
  }
  return 'messages' in returned ? { ...full, ...returned } : { ...full, messages: returned };
}

function readyPrompt(
  name: string,
  options: PromptOptions,
  handler: PromptHandler<AnySchema>,
  { limits, scopes: fallback }: ServerParts,
): Prompt {
  const what = `The input of prompt "${name}"`;
  const input = readySchema(options.input ?? noArguments, 'input', what, limits);
  const item = defined({
    name,
    title: options.title,
    description: options.description,
    arguments: options.input === undefined ? undefined : argumentList(input.json),
    icons: options.icons,
    _meta: options.meta,
  });
  const scopes = readScopes(options.scopes, fallback, `The scopes of prompt "${name}"`);
  return { item, scopes, input, options, handler };
}

// Prompts describe their arguments by a list of names, not by a schema (server/prompts).
function argumentList({ properties, required }: JsonObject): readonly JsonObject[] {
  const names = Array.isArray(required) ? required : [];
  return Object.entries(isJsonObject(properties) ? properties : {}).map(([name, schema]) => {
    const { title, description } = isJsonObject(schema) ? schema : {};
    return defined({ name, title, description, required: names.includes(name) });
  });
}
