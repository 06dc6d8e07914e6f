/** What a client must have declared before a server may ask something of it. */
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import type { ClientCapabilities, InputRequests } from './modern.types.js';

/** A question to a client: a message in legacy eras, an input request in the modern one. */
export interface Question {
  readonly method: string;
  readonly params?: JsonObject;
}

/** The capability that a question needs (client/elicitation, client/sampling, client/roots). */
export function neededCapabilities({ method, params }: Question): ClientCapabilities {
  switch (method) {
    case 'elicitation/create':
      return { elicitation: params?.['mode'] === 'url' ? { url: {} } : { form: {} } };
    case 'sampling/createMessage':
      return { sampling: samplingNeeds(params) };
    case 'roots/list':
      return { roots: {} };
    default:
      return {};
  }
}

/** The capabilities that a round of questions needs, taken together. */
export function neededByAll(requests: InputRequests): ClientCapabilities {
  let needed: ClientCapabilities = {};
  for (const request of Object.values(requests)) {
    const more = neededCapabilities(request);
    needed = {
      ...needed,
      ...more,
      ...merged('elicitation', needed, more),
      ...merged('sampling', needed, more),
    };
  }
  return needed;
}

/**
 * What `needed` asks for and `declared` lacks, in the form that `requiredCapabilities` of a missing
 * client capability error takes; nothing when `declared` suffices. An `elicitation` that names no
 * mode means forms. Declared text is a stranger's: only own members count.
 */
export function missingCapabilities(
  declared: ClientCapabilities,
  needed: ClientCapabilities,
): ClientCapabilities | undefined {
  const missing: { -readonly [key in keyof ClientCapabilities]: ClientCapabilities[key] } = {};
  const { elicitation, sampling, roots, extensions, experimental } = needed;
  if (elicitation !== undefined) {
    const has = own(declared, 'elicitation');
    const wants = namesNoMode(elicitation) ? { form: {} } : elicitation;
    const lacks = lacking(has !== undefined && namesNoMode(has) ? { form: {} } : has, wants);
    if (lacks !== undefined) missing.elicitation = lacks;
  }
  if (sampling !== undefined) {
    const lacks = lacking(own(declared, 'sampling'), sampling);
    if (lacks !== undefined) missing.sampling = lacks;
  }
  if (roots !== undefined && own(declared, 'roots') === undefined) missing.roots = {};
  if (extensions !== undefined) {
    const lacks = lacking(own(declared, 'extensions') ?? {}, extensions);
    if (lacks !== undefined) missing.extensions = lacks as typeof extensions;
  }
  if (experimental !== undefined) {
    const lacks = lacking(own(declared, 'experimental') ?? {}, experimental);
    if (lacks !== undefined) missing.experimental = lacks as typeof experimental;
  }
  return Object.keys(missing).length === 0 ? undefined : missing;
}

/** The same for what one question needs. */
export function missingCapability(
  declared: ClientCapabilities,
  question: Question,
): ClientCapabilities | undefined {
  return missingCapabilities(declared, neededCapabilities(question));
}

/** True when `declared` holds all that `needed` asks for. */
export function satisfies(declared: ClientCapabilities, needed: ClientCapabilities): boolean {
  return missingCapabilities(declared, needed) === undefined;
}

function samplingNeeds(params: JsonObject | undefined): {
  tools?: JsonObject;
  context?: JsonObject;
} {
  const includes = params?.['includeContext'];
  const usesTools = params?.['tools'] !== undefined || params?.['toolChoice'] !== undefined;
  return {
    ...(usesTools ? { tools: {} } : {}),
    ...(includes === undefined || includes === 'none' ? {} : { context: {} }),
  };
}

function merged(
  name: 'elicitation' | 'sampling',
  first: ClientCapabilities,
  second: ClientCapabilities,
): ClientCapabilities {
  if (first[name] === undefined || second[name] === undefined) return {};
  return { [name]: { ...first[name], ...second[name] } };
}

function namesNoMode(elicitation: JsonObject): boolean {
  return own(elicitation, 'form') === undefined && own(elicitation, 'url') === undefined;
}

/** The members of `wanted` that `has` lacks; all of them, or an empty object, when it is absent. */
function lacking(has: JsonObject | undefined, wanted: JsonObject): JsonObject | undefined {
  if (has === undefined) return wanted;
  const names = Object.keys(wanted).filter((name) => own(has, name) === undefined);
  if (names.length === 0) return undefined;
  return Object.fromEntries(names.map((name) => [name, wanted[name]]));
}

function own(holder: JsonObject, name: string): JsonObject | undefined {
  const member = Object.hasOwn(holder, name) ? holder[name] : undefined;
  return isJsonObject(member) ? member : undefined;
}
