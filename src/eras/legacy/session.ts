import { Cancellation } from '../../engine/cancelling.js';
import { InOrder } from '../../engine/in-order.js';
import type {
  Exchange,
  Io,
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
import { type Announce, type Announced, createAnnounce } from './announce.js';
import { type ServedSession, serveLegacy } from './serve.js';
import type { SessionRecord } from './session-record.js';
import { declaredBefore } from './task-words.js';
import type { TaskSession } from './tasks.js';

/** A legacy session at work: from `initialize` until its connection or its time ends. */
export interface LegacySession {
  readonly record: SessionRecord;
  /** The one it was opened by, as last verified; ends with the longest of its tokens. */
  readonly principal: Principal;
  /** The same principal was verified again, perhaps with other scopes and for longer. */
  renew(principal: Principal): void;
  /** Answers one request of it. */
  serve(request: Request, io: Io): Promise<Result>;
  /** Whether its streams begin with an event that has an id and no data (2025-11-25). */
  readonly primesStreams: boolean;
  /** Whether messages may come as JSON-RPC batches (2025-03-26 only). */
  readonly takesBatches: boolean;
  notice(notification: Notification): void | Promise<void>;
  /** Another node has changed the record. */
  take(record: SessionRecord): readonly string[];
  readonly announce: Announce;
  close(): void;
}

export interface OpenSessionOptions {
  readonly served: Served;
  readonly principal: Principal;
  readonly limits: Limits;
  readonly clock: Clock;
  /** Ids for the questions that the server asks; unique on the connection. */
  nextId(): RequestId;
  /** Told when the record has changed; what is told of it is answered once it is kept. */
  onChange?(): void | Promise<void>;
  /** Methods that this session does without. */
  readonly refused?: ReadonlySet<string>;
  /** Passes a notice on to wherever the session's notices go. */
  elsewhere?(notification: Notification): void;
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
  const session = new SessionAtWork(record, options);
  for (const uri of record.subscriptions) session.watch(uri);
  return session;
}

// Small, because a server holds many that do nothing.
class SessionAtWork implements LegacySession, ServedSession, Announced {
  readonly record: SessionRecord;
  readonly announce: Announce = createAnnounce(this);
  principal: Principal;
  tasks: TaskSession | undefined;
  readonly #options: OpenSessionOptions;
  #turns: InOrder | undefined;

  constructor(record: SessionRecord, options: OpenSessionOptions) {
    this.record = record;
    this.principal = options.principal;
    this.#options = options;
  }

  get served(): Served {
    return this.#options.served;
  }

  /** That of the server. */
  get exchange(): Exchange {
    return this.served.exchange;
  }

  get limits(): Limits {
    return this.#options.limits;
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  get refused(): ReadonlySet<string> | undefined {
    return this.#options.refused;
  }

  get takesBatches(): boolean {
    return this.record.protocolVersion === '2025-03-26';
  }

  get primesStreams(): boolean {
    return atLeast(this.record.protocolVersion, '2025-11-25');
  }

  serve(request: Request, io: Io): Promise<Result> {
    return serveLegacy(this, request, io);
  }

  renew(verified: Principal): void {
    if (verified === this.principal) return;
    // Requests overtake each other: one with an older token does not shorten the session. What
    // may be told in it follows from the token that was shown last, however long it holds.
    const expiresAt = Math.max(expiryOf(verified), expiryOf(this.principal));
    const { expiresAt: _own, ...rest } = verified;
    this.principal = expiresAt === Infinity ? rest : { ...rest, expiresAt };
  }

  notice(notification: Notification): void | Promise<void> {
    if (notification.method !== 'notifications/initialized') return;
    this.record.initialized = true;
    return this.changed();
  }

  take({ initialized, logLevel, subscriptions }: SessionRecord): readonly string[] {
    const { record, announce } = this;
    const before = record.subscriptions.splice(0);
    const added = subscriptions.filter((uri) => !before.includes(uri));
    record.subscriptions.push(...subscriptions);
    Object.assign(record, { initialized, logLevel });
    for (const uri of before) if (!subscriptions.includes(uri)) announce.unsubscribe(uri);
    for (const uri of added) this.watch(uri);
    return added;
  }

  // What the caller may not be told of any more is left out, like any other notice of it.
  watch(uri: string): void {
    this.announce.subscribe(uri).catch(() => undefined);
  }

  peerNow(by: Principal = this.principal): Peer {
    return peerOf(this.record, by);
  }

  nextId(): RequestId {
    return this.#options.nextId();
  }

  inTurn<T>(step: () => Promise<T>): Promise<T> {
    return (this.#turns ??= new InOrder()).run(step);
  }

  changed(): void | Promise<void> {
    return this.#options.onChange?.();
  }

  elsewhere(notification: Notification): void {
    this.#options.elsewhere?.(notification);
  }

  close(): void {
    this.announce.stop();
  }
}

function expiryOf({ expiresAt = Infinity }: Principal): number {
  return expiresAt;
}

function peerOf(record: SessionRecord, principal: Principal): Peer {
  const { protocolVersion, clientInfo, logLevel } = record;
  // The extension of that name is not for sessions, which have tasks of their own.
  const capabilities =
    record.capabilities.extensions === undefined
      ? record.capabilities
      : withExtension(record.capabilities, extensionIds.tasks, undefined);
  return clientInfo === undefined
    ? { principal, protocolVersion, capabilities, logLevel }
    : { principal, protocolVersion, capabilities, clientInfo, logLevel };
}

async function welcome(record: SessionRecord, options: OpenSessionOptions): Promise<Result> {
  const cancelling = new Cancellation();
  const discovered = await options.served.exchange(
    { id: 0, method: 'server/discover' },
    {
      // Hardly anybody looks at it.
      get signal() {
        return cancelling.signal;
      },
      cancelling,
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
