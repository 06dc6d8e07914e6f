import type {
  Exchange,
  Notification,
  Peer,
  Principal,
  Request,
  Result,
  Served,
} from '../../exchange.js';
import type { Clock } from '../../platform/clock.js';
import type { JsonObject, RequestId } from '../../json-rpc/message.js';
import type { Limits } from '../../limits.js';
import type {
  ClientCapabilities,
  Implementation,
  ServerCapabilities,
} from '../../protocol/modern.types.js';
import { extensionIds, withExtension } from '../../protocol/extensions.js';
import { methodRow } from '../../protocol/methods.js';
import { atLeast, eraOf, newestLegacy } from '../../protocol/revisions.js';
import { createAnnounce, type Announce } from './announce.js';
import { serveLegacy } from './serve.js';
import type { SessionRecord } from './session-record.js';
import { declaredBefore } from './task-words.js';

/** A legacy session at work: from `initialize` until its connection or its time ends. */
export interface LegacySession {
  readonly record: SessionRecord;
  /** The one it was opened by, as last verified; ends with the longest of its tokens. */
  readonly principal: Principal;
  /** The same principal was verified again, perhaps with other scopes and for longer. */
  renew(principal: Principal): void;
  readonly exchange: Exchange;
  /** Whether its streams begin with an event that has an id and no data (2025-11-25). */
  readonly primesStreams: boolean;
  /** Whether messages may come as JSON-RPC batches (2025-03-26 only). */
  readonly takesBatches: boolean;
  notice(notification: Notification): void | Promise<void>;
  /** Another node has changed the record. */
  take(record: SessionRecord): void;
  readonly announce: Announce;
  close(): void;
}

export interface OpenSessionOptions {
  readonly served: Served;
  readonly principal: Principal;
  readonly limits: Limits;
  readonly clock: Clock;
  /** Ids for the questions that the server asks; unique on the connection. */
  readonly nextId: () => RequestId;
  /** Told when the record has changed; what is told of it is answered once it is kept. */
  readonly onChange?: () => void | Promise<void>;
  /** Methods that this session does without. */
  readonly refused?: ReadonlySet<string>;
  /** Passes a notice on to wherever the session's notices go. */
  readonly elsewhere?: (notification: Notification) => void;
}

/** Answers `initialize` (basic/lifecycle): only legacy revisions are negotiated, none is echoed. */
export async function openSession(
  request: Request,
  options: OpenSessionOptions,
): Promise<{ readonly session: LegacySession; readonly welcome: Result }> {
  methodRow('initialize')?.checkParams(request.params);
  const params = request.params as JsonObject;
  const asked = params['protocolVersion'] as string;
  const record: SessionRecord = {
    protocolVersion: eraOf(asked) === 'legacy' ? asked : newestLegacy,
    capabilities: params['capabilities'] as ClientCapabilities,
    clientInfo: params['clientInfo'] as Implementation,
    initialized: false,
    // Without logging/setLevel the server decides; the noise of debugging is not for everybody.
    logLevel: 'info',
    subscriptions: [],
  };
  return { session: resumeSession(record, options), welcome: await welcome(record, options) };
}

/** Brings a stored session to life. */
export function resumeSession(record: SessionRecord, options: OpenSessionOptions): LegacySession {
  const { served, limits, onChange = () => undefined } = options;
  let { principal } = options;
  const peerNow = (by = principal): Peer => peerOf(record, by);
  const announce = createAnnounce(served.exchange, peerNow, limits, options.elsewhere);
  // What the caller may not be told of any more is left out, like any other notice of it.
  const watch = (uri: string): void => void announce.subscribe(uri).catch(() => undefined);
  for (const uri of record.subscriptions) watch(uri);
  return {
    record,
    get principal() {
      return principal;
    },
    renew(verified) {
      // Requests overtake each other: one with an older token does not shorten the session. What
      // may be told in it follows from the token that was shown last, however long it holds.
      const expiresAt = Math.max(expiryOf(verified), expiryOf(principal));
      const { expiresAt: _own, ...rest } = verified;
      principal = expiresAt === Infinity ? rest : { ...rest, expiresAt };
    },
    exchange: serveLegacy({ ...options, record, announce, peerNow, onChange }),
    notice(notification) {
      if (notification.method !== 'notifications/initialized') return;
      record.initialized = true;
      return onChange();
    },
    take({ initialized, logLevel, subscriptions }) {
      const before = record.subscriptions.splice(0);
      record.subscriptions.push(...subscriptions);
      Object.assign(record, { initialized, logLevel });
      for (const uri of before) if (!subscriptions.includes(uri)) announce.unsubscribe(uri);
      for (const uri of subscriptions) if (!before.includes(uri)) watch(uri);
    },
    announce,
    takesBatches: record.protocolVersion === '2025-03-26',
    primesStreams: atLeast(record.protocolVersion, '2025-11-25'),
    close: () => announce.stop(),
  };
}

function expiryOf({ expiresAt = Infinity }: Principal): number {
  return expiresAt;
}

function peerOf(record: SessionRecord, principal: Principal): Peer {
  const { protocolVersion, clientInfo, logLevel } = record;
  // The extension of that name is not for sessions, which have tasks of their own.
  const capabilities = withExtension(record.capabilities, extensionIds.tasks, undefined);
  return clientInfo === undefined
    ? { principal, protocolVersion, capabilities, logLevel }
    : { principal, protocolVersion, capabilities, clientInfo, logLevel };
}

async function welcome(record: SessionRecord, options: OpenSessionOptions): Promise<Result> {
  const discovered = await options.served.exchange(
    { id: 0, method: 'server/discover' },
    {
      signal: new AbortController().signal,
      peer: peerOf(record, options.principal),
      emit: () => undefined,
    },
  );
  const { capabilities, instructions } = discovered;
  const { protocolVersion } = record;
  const mayList = options.principal.anonymous !== true;
  return {
    protocolVersion,
    capabilities: declaredBefore(capabilities as ServerCapabilities, protocolVersion, mayList),
    serverInfo: options.served.info,
    ...(instructions === undefined ? {} : { instructions }),
  };
}
