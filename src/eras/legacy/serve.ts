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
  /** Runs what changes the record, one after the other. */
  inTurn<T>(step: () => Promise<T>): Promise<T>;
  /** Methods that this session does without. */
  readonly refused: ReadonlySet<string> | undefined;
  /** How it speaks of tasks, once it has to. */
  tasks: TaskSession | undefined;
}

const empty: Result = Object.freeze({});

/** What a request makes of a session. */
interface Own {
  apply(session: ServedSession, params: JsonObject): void | Promise<void>;
  holds(record: SessionRecord, params: JsonObject): boolean;
}

/** What a session answers by itself. */
const own: { readonly [method: string]: Own } = {
  'logging/setLevel': {
    apply: ({ record }, { level }) => void (record.logLevel = level as LoggingLevel),
    holds: ({ logLevel }, { level }) => logLevel === level,
  },
  'resources/subscribe': {
    async apply({ record: { subscriptions }, announce }, { uri }) {
      await announce.subscribe(uri as string);
      if (!subscriptions.includes(uri as string)) subscriptions.push(uri as string);
    },
    holds: ({ subscriptions }, { uri }) => subscriptions.includes(uri as string),
  },
  'resources/unsubscribe': {
    apply({ record: { subscriptions }, announce }, { uri }) {
      announce.unsubscribe(uri as string);
      const at = subscriptions.indexOf(uri as string);
      if (at >= 0) subscriptions.splice(at, 1);
    },
    holds: ({ subscriptions }, { uri }) => !subscriptions.includes(uri as string),
  },
};

/**
 * Changes the record and has it kept. What was put together with it may have undone it: a change of
 * another node, or an earlier one of our own that was kept though the store seemed to fail.
 */
async function change(
  session: ServedSession,
  { apply, holds }: Own,
  params: JsonObject,
): Promise<Result> {
  const { record, limits } = session;
  for (let attempt = 0; attempt < limits.sessionSavesMax; attempt++) {
    await apply(session, params);
    await session.changed();
    if (holds(record, params)) return empty;
  }
  throw new McpError('unavailable', 'Too much changes in this session at once; try again');
}

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
    if (method === 'ping') return empty;
    if (method === 'initialize') {
      throw new McpError('invalidRequest', 'This session is initialized already');
    }
    if (Object.hasOwn(own, method)) {
      return await session.inTurn(() => change(session, own[method]!, params ?? {}));
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
