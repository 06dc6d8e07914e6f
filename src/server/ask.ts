import { McpError, ToolError } from '../errors.js';
import type { Peer } from '../exchange.js';
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import { defaultLimits } from '../limits.js';
import { missingCapability } from '../protocol/capabilities.js';
import {
  check,
  createMessageResult,
  elicitResult,
  inputRequest,
  listRootsResult,
} from '../protocol/check.js';
import type {
  CreateMessageRequestParams,
  CreateMessageResult,
  ElicitResult,
  Root,
} from '../protocol/modern.types.js';
import { type AnySchema, type OutputOf, type ReadySchema, readySchema } from './schema.js';

/** One question as it travels in `inputRequests`. */
export interface InputRequest {
  readonly method: string;
  readonly params?: JsonObject;
}

/**
 * Questions to the caller. Each is named by a key that stays the same when the handler is entered
 * again; questions put together (`Promise.all`) go out in one round.
 */
export interface Ask {
  /** Asks the user to fill in a form: flat, with strings, numbers, booleans and choices only. */
  form<S extends AnySchema>(key: string, message: string, schema: S): Promise<OutputOf<S>>;
  /** Asks the user to open `url`. Resolves when the user agreed, which is not when it is done. */
  url(key: string, message: string, url: string): Promise<void>;
  /** Asks the caller's language model. */
  sample(key: string, params: CreateMessageRequestParams): Promise<CreateMessageResult>;
  /** Asks which folders the user has opened to this server. */
  roots(key?: string): Promise<readonly Root[]>;
}

/** The user said no (`decline`) or closed the question (`cancel`). Reaches the model as text. */
export class AskDeclined extends ToolError {
  readonly key: string;
  readonly action: 'decline' | 'cancel';

  constructor(key: string, action: 'decline' | 'cancel') {
    super(`The user ${action === 'decline' ? 'declined' : 'cancelled'} "${key}"`);
    this.key = key;
    this.action = action;
  }
}

/**
 * What an open question rejects with when the round ends: not an Error, because nothing went wrong.
 * The handler is entered again from the top when the answer is there.
 */
export class Suspended {
  readonly reason = 'The handler waits for input and is entered again when it has come';
}

type Suspend = (key: string, question: InputRequest) => Promise<never>;

export function createAsk(peer: Peer, answers: JsonObject, suspend: Suspend): Ask {
  const put = (key: string, question: InputRequest): Promise<never> => {
    refuseQuestion(peer, question);
    return suspend(key, question);
  };
  const answerTo = (key: string): unknown =>
    Object.hasOwn(answers, key) ? answers[key] : undefined;

  const asking: Ask = {
    async form(key, message, schema) {
      const ready = readyForm(schema);
      const answer = answerTo(key);
      if (isElicitResult(answer)) {
        if (answer.action !== 'accept') throw new AskDeclined(key, answer.action);
        const checked = await ready.check(answer.content ?? {});
        // An answer that does not fit is asked for again.
        if (checked.problem === undefined) return checked.value as never;
      }
      const requestedSchema = formSchema(ready.json);
      return put(key, {
        method: 'elicitation/create',
        params: { mode: 'form', message, requestedSchema },
      });
    },
    async url(key, message, url) {
      const answer = answerTo(key);
      if (isElicitResult(answer)) {
        if (answer.action === 'accept') return;
        throw new AskDeclined(key, answer.action);
      }
      return put(key, { method: 'elicitation/create', params: { mode: 'url', message, url } });
    },
    async sample(key, params) {
      const answer = answerTo(key);
      if (answer !== undefined && check(createMessageResult, answer, key) === undefined) {
        return answer as CreateMessageResult;
      }
      return put(key, { method: 'sampling/createMessage', params: { ...params } });
    },
    async roots(key = 'roots') {
      const answer = answerTo(key);
      if (answer !== undefined && check(listRootsResult, answer, key) === undefined) {
        return (answer as { roots: readonly Root[] }).roots;
      }
      return put(key, { method: 'roots/list' });
    },
  };
  return {
    form: (key, message, schema) => guarded(asking.form(key, message, schema)),
    url: (key, message, url) => guarded(asking.url(key, message, url)),
    sample: (key, params) => guarded(asking.sample(key, params)),
    roots: (key) => guarded(asking.roots(key)),
  };
}

/**
 * The very same promise. A handler may look at it late or never; that is no unhandled rejection,
 * which would end the process.
 */
export function guarded<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** Throws when `peer` has not offered to answer `question`, or when it is none at all. */
export function refuseQuestion(peer: Peer, question: InputRequest): void {
  const missing = missingCapability(peer.capabilities, question);
  if (missing !== undefined) throw missingClientCapability(question.method, missing);
  const problem = check(inputRequest, question, question.method);
  if (problem !== undefined) throw new TypeError(`No client can be asked this: ${problem}`);
}

const readyForms = new WeakMap<object, ReadySchema>();

function readyForm(schema: AnySchema): ReadySchema {
  let ready = readyForms.get(schema);
  if (ready === undefined) {
    ready = readySchema(schema, 'input', 'The schema of a form', defaultLimits);
    readyForms.set(schema, ready);
  }
  return ready;
}

// Elicitation knows these members only; validators add others, such as additionalProperties.
function formSchema({ type, properties, required }: JsonObject): JsonObject {
  const fields = Object.entries(isJsonObject(properties) ? properties : {});
  const flat = { type, properties: Object.fromEntries(fields.map(withType)) };
  return required === undefined ? flat : { ...flat, required };
}

// Some validators describe a choice by its values alone; here it has to have a type, too.
function withType([name, field]: [string, unknown]): [string, unknown] {
  if (!isJsonObject(field) || field['type'] !== undefined) return [name, field];
  const values = field['enum'];
  const isText = Array.isArray(values) && values.every((value) => typeof value === 'string');
  return [name, isText ? { type: 'string', ...field } : field];
}

function isElicitResult(answer: unknown): answer is ElicitResult {
  return answer !== undefined && check(elicitResult, answer, 'answer') === undefined;
}

function missingClientCapability(method: string, requiredCapabilities: JsonObject): McpError {
  return new McpError('missingClientCapability', `This needs a client that can answer ${method}`, {
    data: { requiredCapabilities },
  });
}
