import { McpError } from '../errors.js';
import type { Exchange, Request, Result } from '../exchange.js';
import { applyDefaults } from '../json-schema/defaults.js';
import type { JsonObject } from '../json-rpc/message.js';
import type {
  ClientCapabilities,
  CreateMessageRequestParams,
  CreateMessageResult,
  ElicitRequestFormParams,
  ElicitRequestURLParams,
  Root,
} from '../protocol/modern.types.js';
import { methodRow } from '../protocol/methods.js';

/** What the user said to a form: its fields, or a refusal. */
export type FormAnswer = { readonly [field: string]: unknown } | 'decline' | 'cancel';

/**
 * How this client answers a server's questions. What is not here is not offered to servers. The
 * mirror image of `call.ask`.
 */
export interface Answers {
  /** Shows a form to the user. Fields left out get their defaults. */
  readonly form?: (question: ElicitRequestFormParams) => FormAnswer | Promise<FormAnswer>;
  /**
   * Shows a URL, in full, to the user, who may open it; true when the user agreed. Never fetch it
   * or open it unasked.
   */
  readonly url?: (question: ElicitRequestURLParams) => UrlAnswer | Promise<UrlAnswer>;
  /** Asks a language model, after asking the user. */
  readonly sample?: (
    params: CreateMessageRequestParams,
  ) => CreateMessageResult | Promise<CreateMessageResult>;
  /** The folders that servers may look at. */
  readonly roots?: readonly Root[] | (() => readonly Root[] | Promise<readonly Root[]>);
  /** Whether `sample` understands tools. */
  readonly sampleTools?: boolean;
}

export type UrlAnswer = boolean | 'decline' | 'cancel';

export function capabilitiesOf(answers: Answers): ClientCapabilities {
  const { form, url, sample, roots, sampleTools } = answers;
  const elicitation = {
    ...(form === undefined ? {} : { form: {} }),
    ...(url === undefined ? {} : { url: {} }),
  };
  return {
    ...(form === undefined && url === undefined ? {} : { elicitation }),
    ...(sample === undefined ? {} : { sampling: sampleTools === true ? { tools: {} } : {} }),
    ...(roots === undefined ? {} : { roots: {} }),
  };
}

/** Answers `elicitation/create`, `sampling/createMessage` and `roots/list`. */
export function createAnswers(answers: Answers): Exchange {
  return async (request) => {
    const row = methodRow(request.method);
    if (request.method === 'ping') return {};
    row?.checkParams(request.params);
    const result = await answer(answers, request);
    if (result !== undefined) return result;
    throw new McpError('methodNotFound', `This client does not answer ${request.method}`);
  };
}

async function answer(answers: Answers, request: Request): Promise<Result | undefined> {
  const params = request.params ?? {};
  if (request.method === 'elicitation/create') {
    return params['mode'] === 'url' ? answerUrl(answers, params) : answerForm(answers, params);
  }
  if (request.method === 'sampling/createMessage' && answers.sample !== undefined) {
    refuseUnoffered(answers, params);
    return { ...(await answers.sample(params as never)) };
  }
  if (request.method === 'roots/list' && answers.roots !== undefined) {
    const { roots } = answers;
    return { roots: fileRoots(typeof roots === 'function' ? await roots() : roots) };
  }
  return undefined;
}

async function answerForm(answers: Answers, params: JsonObject): Promise<Result> {
  if (answers.form === undefined) throw unsupportedMode('form');
  const said = await answers.form(params as never);
  if (said === 'decline' || said === 'cancel') return { action: said };
  return {
    action: 'accept',
    content: applyDefaults(params['requestedSchema'], said),
  };
}

async function answerUrl(answers: Answers, params: JsonObject): Promise<Result> {
  if (answers.url === undefined) throw unsupportedMode('url');
  if (!isPage(params['url'])) throw noPage();
  const said = await answers.url(params as never);
  if (typeof said === 'string') return { action: said };
  return { action: said ? 'accept' : 'decline' };
}

/**
 * Whether a URL leads to a web page, and to the one that it seems to: other schemes run what they
 * name, and what stands before an @ is often taken for the host (client/elicitation, "Safe URL
 * Handling").
 */
function isPage(url: unknown): boolean {
  if (typeof url !== 'string' || !webAddress.test(url) || !URL.canParse(url)) return false;
  const { username, password, hostname } = new URL(url);
  return username === '' && password === '' && hostName.test(hostname);
}

// RFC 3986: other characters, a backslash among them, are read in one way here and another there.
const webAddress = /^https?:\/\/[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+$/i;
const hostName = /^[a-z0-9._-]+$|^\[[0-9a-f:.]+\]$/;

function noPage(): McpError {
  const text = 'An elicitation may only lead to a web page: a URL that begins with https://';
  return new McpError('invalidParams', `${text} or http://, without a user name in it`);
}

// Nothing else is a root (client/roots), whatever the application makes of it.
function fileRoots(roots: readonly Root[]): readonly Root[] {
  const other = roots.find(({ uri }) => !uri.startsWith('file://'));
  if (other === undefined) return roots;
  throw new McpError('internal', `A root is a file:// URI, which "${other.uri}" is not`);
}

function refuseUnoffered(answers: Answers, params: JsonObject): void {
  if (params['tools'] === undefined && params['toolChoice'] === undefined) return;
  if (answers.sampleTools === true) return;
  throw new McpError('invalidParams', 'This client does not sample with tools');
}

function unsupportedMode(mode: string): McpError {
  return new McpError('invalidParams', `This client does not show elicitations of mode ${mode}`);
}
