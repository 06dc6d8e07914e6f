import { McpError, unknownMethod } from '../../errors.js';
import type { Io, Peer, Principal, Request, Result, Served } from '../../exchange.js';
import { extensionIds, lacksExtension } from '../../protocol/extensions.js';
import { isSpokenAt, rowFor } from '../../protocol/methods.js';
import type { JsonObject } from '../../json-rpc/message.js';
import type { LoggingLevel } from '../../protocol/modern.types.js';
import type { Announce } from './announce.js';
import { downConvert } from './down-convert.js';
import { throughInputRounds } from './input-rounds.js';
import { SessionIo } from './session-io.js';
import type { SessionRecord } from './session-record.js';
import { taskRevision } from './task-words.js';
import { createTaskSession, isOfTask, type TaskSession, type TaskSessionOptions } from './tasks.js';

/** The session whose requests are served. */
export interface ServedSession extends TaskSessionOptions {
  readonly served: Served;
  readonly record: SessionRecord;
  readonly announce: Announce;
  /** The caller as the session knows it, by default with the principal last verified. */
  peerNow(by?: Principal): Peer;
  /** Told when the record has changed; what is told of it is answered once it is kept. */
  changed(): void | Promise<void>;
  /** Methods that this session does without. */
  readonly refused: ReadonlySet<string> | undefined;
  /** How it speaks of tasks, once it has to. */
  tasks: TaskSession | undefined;
}

const empty: Result = Object.freeze({});

type Own = (session: ServedSession, params: JsonObject | undefined) => Result | Promise<Result>;

/** What a session answers by itself. */
const own: { readonly [method: string]: Own } = {
  ping: () => empty,
  initialize: () => {
    throw new McpError('invalidRequest', 'This session is initialized already');
  },
  'logging/setLevel': ({ record }, params) => {
    record.logLevel = params?.['level'] as LoggingLevel;
    return empty;
  },
  'resources/subscribe': async ({ record, announce }, params) => {
    const uri = params?.['uri'] as string;
    await announce.subscribe(uri);
    if (!record.subscriptions.includes(uri)) record.subscriptions.push(uri);
    return empty;
  },
  'resources/unsubscribe': ({ record, announce }, params) => {
    const uri = params?.['uri'] as string;
    announce.unsubscribe(uri);
    const at = record.subscriptions.indexOf(uri);
    if (at >= 0) record.subscriptions.splice(at, 1);
    return empty;
  },
};

/** Serves a request of a session in the words of its revision. */
export async function serveLegacy(
  session: ServedSession,
  request: Request,
  io: Io,
): Promise<Result> {
  const { served, record } = session;
  const { protocolVersion } = record;
  const { method, params } = request;
  const row = rowFor('legacy', method, served.methods);
  const isKnown = row !== undefined && isSpokenAt(row, protocolVersion);
  const isRefused = session.refused?.has(method) === true;
  if (!isKnown || isRefused || row.from === 'server') throw unknownMethod(method);
  row.checkParams(params);
  try {
    if (Object.hasOwn(own, method)) {
      const result = await own[method]!(session, params);
      if (method !== 'ping') await session.changed();
      return result;
    }
    const sessionIo = new SessionIo(io, session.peerNow(io.peer.principal));
    if (isOfTask(request, protocolVersion)) {
      session.tasks ??= createTaskSession(served.exchange, session);
      return await session.tasks(request, sessionIo);
    }
    const result = await throughInputRounds(served.exchange, request, sessionIo, session);
    return downConvert(method, result, protocolVersion);
  } catch (thrown) {
    throw inLegacyWords(McpError.from(thrown), protocolVersion);
  }
}

// Codes of 2026-07-28 mean nothing to older peers, and some are forbidden there.
function inLegacyWords(error: McpError, revision: string): McpError {
  if (error.kind === 'resourceNotFound') {
    return new McpError(error.kind, error.message, {
      code: -32002,
      data: error.data,
      cause: error,
    });
  }
  // A tool that only runs as a task does not exist for a call that does not ask for one.
  if (revision === taskRevision && lacksExtension(error, extensionIds.tasks)) {
    return new McpError('methodNotFound', 'This tool only runs as a task', { cause: error });
  }
  if (error.kind === 'missingClientCapability') {
    return new McpError('invalidRequest', error.message, { data: error.data, cause: error });
  }
  return error;
}
