import { McpError, unknownMethod } from '../../errors.js';
import type { Exchange, Peer, Principal, Request, Result, Served } from '../../exchange.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import { extensionIds, lacksExtension } from '../../protocol/extensions.js';
import { isSpokenAt, rowFor } from '../../protocol/methods.js';
import type { RequestId } from '../../json-rpc/message.js';
import type { LoggingLevel } from '../../protocol/modern.types.js';
import type { Announce } from './announce.js';
import { downConvert } from './down-convert.js';
import { withInputRounds } from './input-rounds.js';
import { SessionIo } from './session-io.js';
import type { SessionRecord } from './session-record.js';
import { taskRevision } from './task-words.js';
import { createTaskSession } from './tasks.js';

export interface ServeLegacyOptions {
  readonly served: Served;
  readonly record: SessionRecord;
  readonly announce: Announce;
  readonly limits: Limits;
  readonly clock: Clock;
  /** The caller as the session knows it, by default with the principal last verified. */
  readonly peerNow: (by?: Principal) => Peer;
  readonly nextId: () => RequestId;
  readonly onChange: () => void | Promise<void>;
  readonly refused?: ReadonlySet<string>;
}

const empty: Result = Object.freeze({});

/** Serves the requests of one session in the words of its revision. */
export function serveLegacy(options: ServeLegacyOptions): Exchange {
  const { record, announce } = options;
  const { served } = options;
  const inner = withInputRounds(served.exchange, options);
  const tasks = createTaskSession(served.exchange, options);

  const own: { readonly [method: string]: (request: Request) => Result | Promise<Result> } = {
    ping: () => empty,
    initialize: () => {
      throw new McpError('invalidRequest', 'This session is initialized already');
    },
    'logging/setLevel': ({ params }) => {
      record.logLevel = params?.['level'] as LoggingLevel;
      return empty;
    },
    'resources/subscribe': async ({ params }) => {
      const uri = params?.['uri'] as string;
      await announce.subscribe(uri);
      if (!record.subscriptions.includes(uri)) record.subscriptions.push(uri);
      return empty;
    },
    'resources/unsubscribe': ({ params }) => {
      const uri = params?.['uri'] as string;
      announce.unsubscribe(uri);
      const at = record.subscriptions.indexOf(uri);
      if (at >= 0) record.subscriptions.splice(at, 1);
      return empty;
    },
  };

  return async (request, io) => {
    const row = rowFor('legacy', request.method, served.methods);
    const isKnown = row !== undefined && isSpokenAt(row, record.protocolVersion);
    const isRefused = options.refused?.has(request.method) === true;
    if (!isKnown || isRefused || row.from === 'server') throw unknownMethod(request.method);
    row.checkParams(request.params);
    try {
      if (Object.hasOwn(own, request.method)) {
        const result = await own[request.method]!(request);
        if (request.method !== 'ping') await options.onChange();
        return result;
      }
      const sessionIo = new SessionIo(io, options.peerNow(io.peer.principal));
      const ofTask = tasks(request, sessionIo);
      if (ofTask !== undefined) return await ofTask;
      const result = await inner(request, sessionIo);
      return downConvert(request.method, result, record.protocolVersion);
    } catch (thrown) {
      throw inLegacyWords(McpError.from(thrown), record.protocolVersion);
    }
  };
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
