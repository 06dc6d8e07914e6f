/** Every method of the protocol: who sends it, since and until when, and what it must look like. */
import { read, type Checker } from './check.js';
import { notificationParams, requestParams } from './checkers/base.js';
import { elicitParams, elicitResult } from './checkers/elicitation.js';
import { orInputRequired } from './checkers/input-requests.js';
import * as life from './checkers/lifecycle.js';
import * as prompts from './checkers/prompts.js';
import * as resources from './checkers/resources.js';
import { emptyResult } from './checkers/result.js';
import * as sampling from './checkers/sampling.js';
import * as tasks from './checkers/tasks.js';
import * as tools from './checkers/tools.js';
import { maybe } from './combinators.js';
import { eraOf, revisions, type Era, type Revision } from './revisions.js';

export interface MethodRow {
  readonly method: string;
  readonly kind: 'request' | 'notification';
  /** Who may send it as a message. */
  readonly from: 'client' | 'server' | 'both';
  /** The first revision that has it. */
  readonly first: Revision;
  /** The last revision that has it. */
  readonly last: Revision;
  readonly modern: boolean;
  readonly legacy: boolean;
  readonly params: Checker;
  /** Only requests have one. */
  readonly result?: Checker;
  /** What the server must have declared for a client to send this. */
  readonly serverCapability?: 'tools' | 'resources' | 'prompts' | 'completions' | 'logging';
  /** What the client must have declared for a server to send this; see also capabilities.ts. */
  readonly clientCapability?: 'elicitation' | 'sampling' | 'roots';
  /** True where the modern result carries ttlMs and cacheScope. */
  readonly cacheable: boolean;
  /** The params member that the Mcp-Name header repeats (2026-07-28 streamable-http, SEP-2663). */
  readonly nameParam?: 'name' | 'uri' | 'taskId';
  /** Throws McpError (invalid params) with a sentence about the first problem. */
  checkParams(params: unknown): void;
  /** Throws McpError (bad response) with a sentence about the first problem. */
  checkResult(result: unknown): void;
}

/** The row of a method, whoever names it; nothing for a method that no revision has. */
export function methodRow(method: string): MethodRow | undefined {
  return rows.get(method);
}

/** Rows beyond the protocol's own, by method: those of extensions. */
export type MethodRows = ReadonlyMap<string, MethodRow>;

/** The row of a method as one era has it; an extension's comes before the protocol's own. */
export function rowFor(era: Era, method: string, more?: MethodRows): MethodRow | undefined {
  const own = more?.get(method);
  if (own?.[era] === true) return own;
  const row = rows.get(method);
  return row?.[era] === true ? row : undefined;
}

export interface ExtensionMethodParts {
  readonly method: string;
  /** Default: any object. */
  readonly params?: Checker;
  readonly result?: Checker;
  readonly nameParam?: MethodRow['nameParam'];
  /** Whether sessions of older revisions have it too. Default: they do not. */
  readonly inSessions?: boolean;
}

/** A row for a request that clients send to servers with an extension. */
export function extensionMethod(parts: ExtensionMethodParts): MethodRow {
  const { method, nameParam, inSessions = false } = parts;
  return fromClient(
    method,
    inSessions ? always : sinceModern,
    parts.params ?? anyParams,
    parts.result ?? emptyResult,
    nameParam === undefined ? {} : { nameParam },
  );
}

/** True for methods whose modern results say how long they may be kept. */
export function isCacheable(method: string): boolean {
  return rows.get(method)?.cacheable === true;
}

/** True when `revision` has the method. */
export function isSpokenAt(row: MethodRow, revision: string): boolean {
  return eraOf(revision) !== undefined && row.first <= revision && revision <= row.last;
}

/** All rows, for tests and for those who list what there is. */
export function allMethodRows(): readonly MethodRow[] {
  return [...rows.values()];
}

type Span = readonly [first: Revision, last: Revision];
type Details = Partial<Omit<MethodRow, 'cacheable'>> & { readonly cacheable?: true };

const always: Span = ['2024-11-05', '2026-07-28'];
const untilModern: Span = ['2024-11-05', '2025-11-25'];
const sinceModern: Span = ['2026-07-28', '2026-07-28'];
const only2025november: Span = ['2025-11-25', '2025-11-25'];

const anyParams = maybe(requestParams);
const anyNotice = maybe(notificationParams);
const page = maybe(life.pageParams);

const requests: readonly MethodRow[] = [
  fromClient('initialize', untilModern, life.initializeParams, life.initializeResult),
  fromClient('server/discover', sinceModern, anyParams, life.discoverResult, { cacheable: true }),
  fromClient('ping', untilModern, anyParams, emptyResult, { from: 'both' }),
  fromClient('tools/list', always, page, tools.listToolsResult, {
    serverCapability: 'tools',
    cacheable: true,
  }),
  fromClient('tools/call', always, tools.callToolParams, orInputRequired(tools.callToolResult), {
    serverCapability: 'tools',
    nameParam: 'name',
  }),
  fromClient('resources/list', always, page, resources.listResourcesResult, {
    serverCapability: 'resources',
    cacheable: true,
  }),
  fromClient('resources/templates/list', always, page, resources.listResourceTemplatesResult, {
    serverCapability: 'resources',
    cacheable: true,
  }),
  fromClient(
    'resources/read',
    always,
    resources.readResourceParams,
    orInputRequired(resources.readResourceResult),
    { serverCapability: 'resources', cacheable: true, nameParam: 'uri' },
  ),
  ...(['resources/subscribe', 'resources/unsubscribe'] as const).map((method) =>
    fromClient(method, untilModern, resources.subscribeParams, emptyResult, {
      serverCapability: 'resources',
    }),
  ),
  fromClient('prompts/list', always, page, prompts.listPromptsResult, {
    serverCapability: 'prompts',
    cacheable: true,
  }),
  fromClient(
    'prompts/get',
    always,
    prompts.getPromptParams,
    orInputRequired(prompts.getPromptResult),
    { serverCapability: 'prompts', nameParam: 'name' },
  ),
  fromClient('completion/complete', always, prompts.completeParams, prompts.completeResult, {
    serverCapability: 'completions',
  }),
  fromClient('logging/setLevel', untilModern, life.setLevelParams, emptyResult, {
    serverCapability: 'logging',
  }),
  fromClient('subscriptions/listen', sinceModern, life.listenParams, life.listenResult),
  // The modern era puts these three into results that ask for input; they are messages no longer.
  fromServer('elicitation/create', ['2025-06-18', '2025-11-25'], elicitParams, elicitResult, {
    clientCapability: 'elicitation',
  }),
  fromServer(
    'sampling/createMessage',
    untilModern,
    sampling.createMessageParams,
    sampling.createMessageResult,
    { clientCapability: 'sampling' },
  ),
  fromServer('roots/list', untilModern, anyParams, sampling.listRootsResult, {
    clientCapability: 'roots',
  }),
  taskRequest('tasks/get', tasks.taskParams, tasks.task),
  taskRequest('tasks/result', tasks.taskParams, emptyResult),
  taskRequest('tasks/cancel', tasks.taskParams, tasks.task),
  taskRequest('tasks/list', page, tasks.listTasksResult),
];

const notifications: readonly MethodRow[] = [
  notice('notifications/initialized', 'client', untilModern, anyNotice),
  notice('notifications/cancelled', 'both', always, life.cancelledParams),
  // From 2026-07-28 on only servers report progress.
  notice('notifications/progress', 'both', always, life.progressParams),
  notice('notifications/message', 'server', always, life.logParams),
  notice('notifications/tools/list_changed', 'server', always, anyNotice),
  notice('notifications/prompts/list_changed', 'server', always, anyNotice),
  notice('notifications/resources/list_changed', 'server', always, anyNotice),
  notice('notifications/resources/updated', 'server', always, resources.resourceUpdatedParams),
  notice(
    'notifications/subscriptions/acknowledged',
    'server',
    sinceModern,
    life.acknowledgedParams,
  ),
  notice('notifications/roots/list_changed', 'client', untilModern, anyNotice),
  notice(
    'notifications/elicitation/complete',
    'server',
    only2025november,
    life.elicitationCompleteParams,
  ),
  notice('notifications/tasks/status', 'both', only2025november, tasks.task),
];

// A Map, so that a method named __proto__ or constructor is just one that nobody has.
const rows: ReadonlyMap<string, MethodRow> = new Map(
  [...requests, ...notifications].map((row) => [row.method, row]),
);

function fromClient(
  method: string,
  span: Span,
  params: Checker,
  result: Checker,
  details: Details = {},
): MethodRow {
  return row({ method, kind: 'request', from: 'client', params, result, ...details }, span);
}

function fromServer(
  method: string,
  span: Span,
  params: Checker,
  result: Checker,
  details: Details,
): MethodRow {
  return fromClient(method, span, params, result, { from: 'server', ...details });
}

function taskRequest(method: string, params: Checker, result: Checker): MethodRow {
  const nameParam = method === 'tasks/list' ? {} : ({ nameParam: 'taskId' } as const);
  return fromClient(method, only2025november, params, result, { from: 'both', ...nameParam });
}

function notice(method: string, from: MethodRow['from'], span: Span, params: Checker): MethodRow {
  return row({ method, kind: 'notification', from, params }, span);
}

type RowParts = Details & Pick<MethodRow, 'method' | 'kind' | 'from' | 'params'>;

function row(parts: RowParts, [first, last]: Span): MethodRow {
  const inEra = (era: Era): boolean =>
    revisions.some((one) => eraOf(one) === era && first <= one && one <= last);
  return Object.freeze({
    cacheable: false,
    ...parts,
    first,
    last,
    modern: inEra('modern'),
    legacy: inEra('legacy'),
    checkParams: (params: unknown) => void read(parts.params, params, 'params'),
    checkResult: (result: unknown) => {
      if (parts.result !== undefined) read(parts.result, result, 'result', 'badResponse');
    },
  });
}
