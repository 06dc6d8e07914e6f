import { McpError, unknownMethod } from '../../errors.js';
import type {
  Exchange,
  Io,
  Notification,
  Pace,
  Peer,
  Principal,
  Request,
  Result,
  Served,
} from '../../exchange.js';
import { rememberJson } from '../../json-rpc/encode.js';
import type { JsonObject, RequestId } from '../../json-rpc/message.js';
import { isCacheable, rowFor } from '../../protocol/methods.js';
import { metaKeys, readMeta, withSubscriptionId } from '../../protocol/meta.js';
import type { Implementation, MetaObject } from '../../protocol/modern.types.js';
import { eraOf, modernRevisions } from '../../protocol/revisions.js';

/**
 * Serves the stateless era: everything about the caller is read from the request's own `_meta`, and
 * every result says what it is (2026-07-28 basic/index).
 */
export function serveModern(served: Served): Exchange {
  const stamp = createStamp(served.info);
  return async (request, io) => {
    const peer = readPeer(request, io.peer.principal);
    refuseUnknownVersion(peer);
    const row = rowFor('modern', request.method, served.methods);
    if (row === undefined || row.from === 'server') throw unknownMethod(request.method);
    row.checkParams(request.params);
    const isListen = request.method === 'subscriptions/listen';
    const inner = new ModernIo(io, peer, isListen ? request.id : undefined);
    const result = await served.exchange(request, inner);
    return stamp(request, result);
  };
}

/** Who is calling: everything is in the request itself, except who was verified to send it. */
function readPeer(request: Request, principal: Principal): Peer {
  const meta = readMeta(request.params);
  const { protocolVersion, clientCapabilities: capabilities, clientInfo, logLevel } = meta;
  const peer: { -readonly [member in keyof Peer]: Peer[member] } = {
    principal,
    protocolVersion,
    capabilities,
  };
  if (clientInfo !== undefined) peer.clientInfo = clientInfo;
  if (logLevel !== undefined) peer.logLevel = logLevel;
  return peer;
}

function refuseUnknownVersion(peer: Peer): void {
  if (eraOf(peer.protocolVersion) === 'modern') return;
  throw new McpError(
    'unsupportedVersion',
    `Protocol version "${peer.protocolVersion}" is not supported per request`,
    { data: { supported: modernRevisions, requested: peer.protocolVersion } },
  );
}

/** The Io of the connection with the caller that this very request names. */
class ModernIo implements Io {
  readonly peer: Peer;
  readonly #io: Io;
  readonly #subscription: RequestId | undefined;

  constructor(io: Io, peer: Peer, subscription: RequestId | undefined) {
    this.#io = io;
    this.peer = peer;
    this.#subscription = subscription;
  }

  get signal(): AbortSignal {
    return this.#io.signal;
  }

  get deadline(): Pace | undefined {
    return this.#io.deadline;
  }

  get paramHeaders(): ReadonlyMap<string, string> | undefined {
    return this.#io.paramHeaders;
  }

  emit(notification: Notification): void | Promise<void> {
    if (this.#subscription === undefined) return this.#io.emit(notification);
    return this.#io.emit(withSubscriptionId(notification, this.#subscription));
  }
}

/** Adds what every result of this era carries. A list that is kept is stamped once. */
function createStamp(info: Implementation): (request: Request, result: Result) => Result {
  const kept = new WeakMap<Result, Result>();
  const plainMeta = Object.freeze({ [metaKeys.serverInfo]: info });

  const stamped = (request: Request, result: Result): Result => {
    const own = result['_meta'] as MetaObject | undefined;
    const meta: { [key: string]: unknown } =
      own === undefined ? plainMeta : { ...own, ...plainMeta };
    const full: { [key: string]: unknown } = { resultType: 'complete', ...result, _meta: meta };
    if (request.method === 'tools/list') full['tools'] = withoutExecution(result['tools']);
    if (request.method === 'subscriptions/listen') {
      full['_meta'] = { ...meta, [metaKeys.subscriptionId]: request.id };
    }
    if (full['resultType'] === 'complete' && isCacheable(request.method)) {
      full['ttlMs'] ??= 0;
      full['cacheScope'] ??= 'private';
    }
    return full;
  };

  return (request, result) => {
    if (!Object.isFrozen(result)) return stamped(request, result);
    let full = kept.get(result);
    if (full === undefined) {
      full = Object.freeze(stamped(request, result));
      rememberJson(full);
      kept.set(result, full);
    }
    return full;
  };
}

// How a tool may run is no longer for the caller to choose.
function withoutExecution(tools: unknown): unknown {
  if (!Array.isArray(tools) || !tools.some((tool: object) => 'execution' in tool)) return tools;
  return (tools as JsonObject[]).map(({ execution, ...tool }) => tool);
}
