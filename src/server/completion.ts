import { McpError } from '../errors.js';
import type { Principal } from '../exchange.js';
import type { JsonObject } from '../json-rpc/message.js';
import { isJsonObject } from '../json-rpc/message.js';
import { failureOf, type Handler, type ServerParts } from './parts.js';

/** Suggests values that continue `value`; `others` are the arguments given so far. */
export type Completer = (
  value: string,
  others: { readonly [name: string]: string },
) => readonly string[] | Promise<readonly string[]>;

export type Completers = { readonly [argument: string]: Completer };

export interface CompletionSources {
  readonly prompt: (name: string, principal: Principal) => Completers | undefined;
  readonly resource: (uri: string, principal: Principal) => Completers | undefined;
}

/** `completion/complete` (server/utilities/completion): at most 100 values, and how many in all. */
export function createCompletion(sources: CompletionSources, parts: ServerParts): Handler {
  return async (request, io) => {
    const { params = {} } = request;
    const { name, value } = params['argument'] as { name: string; value: string };
    const completers = completersFor(params['ref'] as JsonObject, io.peer.principal, sources);
    const complete = Object.hasOwn(completers, name) ? completers[name] : undefined;
    let all: readonly string[];
    try {
      all = complete === undefined ? [] : await complete(value, othersIn(params));
    } catch (thrown) {
      throw failureOf(thrown, request, io, parts.report);
    }
    const values = all.slice(0, parts.limits.completionValuesMax);
    return { completion: { values, total: all.length, hasMore: values.length < all.length } };
  };
}

function completersFor(
  ref: JsonObject,
  principal: Principal,
  sources: CompletionSources,
): Completers {
  const isPrompt = ref['type'] === 'ref/prompt';
  const name = (isPrompt ? ref['name'] : ref['uri']) as string;
  const completers = isPrompt ? sources.prompt(name, principal) : sources.resource(name, principal);
  // A prompt or template without suggestions has none; an unknown one is the caller's mistake.
  if (completers !== undefined) return completers;
  const what = isPrompt ? 'prompt' : 'resource template';
  throw new McpError('invalidParams', `Unknown ${what}: ${name.slice(0, 128)}`);
}

function othersIn(params: JsonObject): { readonly [name: string]: string } {
  const context = params['context'];
  const others = isJsonObject(context) ? context['arguments'] : undefined;
  return isJsonObject(others) ? (others as { readonly [name: string]: string }) : {};
}
