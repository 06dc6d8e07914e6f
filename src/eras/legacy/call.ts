import type { Link } from '../../engine/link.js';
import { unlessAborted } from '../../engine/pending.js';
import { McpError } from '../../errors.js';
import type { Exchange, Io, Notification, Request, Result } from '../../exchange.js';
import type { JsonObject } from '../../json-rpc/message.js';
import { extensionIds, withExtension } from '../../protocol/extensions.js';
import { metaKeys } from '../../protocol/meta.js';
import { methodRow } from '../../protocol/methods.js';
import type { Implementation, ServerCapabilities } from '../../protocol/modern.types.js';
import { eraOf } from '../../protocol/revisions.js';
import type { Caller } from '../caller.js';
import {
  createLegacyTasks,
  declaredSince,
  hasTasksBefore,
  type LegacyTasks,
} from './call-tasks.js';
import { createLegacyListen } from './listen.js';

export interface LegacyCallOptions {
  readonly link: Link;
  /** `protocolVersion` is the revision to ask for. */
  readonly caller: Caller;
  readonly nextId: () => number;
  /** Answers the server's questions. */
  readonly ask: Exchange;
  /** Takes log messages and other notices that belong to no call. */
  readonly notice: (notification: Notification) => void;
  /** Bounds how far lists are read to learn how tools may be called. */
  readonly pagesMax: number;
  /** Does work that no call waits for, for as long as it may take. */
  readonly unasked: (work: (io: Io) => Promise<void>) => Promise<void>;
}

/** A client of a session, speaking the words of 2026-07-28 to those above it. */
export interface LegacyCall {
  readonly exchange: Exchange;
  /** The revision that was agreed on. */
  readonly protocolVersion: string;
}

interface Session {
  readonly protocolVersion: string;
  readonly hasTasks: boolean;
  readonly discovered: Result;
}

/**
 * Opens a session (basic/lifecycle) and returns an Exchange over it. When the server has forgotten
 * the session, another one is opened, subscriptions and all, and the call is made in that.
 */
export async function callLegacy(options: LegacyCallOptions, io: Io): Promise<LegacyCall> {
  const { link } = options;
  const listen = createLegacyListen(options);
  // Before there is a session nobody can miss anything of it.
  let onMissed = (_cause?: McpError): Promise<void> => Promise.resolve();
  let tasks: LegacyTasks | undefined;
  link.accept({
    ask: options.ask,
    notice: (given) => {
      const notification = tasks === undefined ? given : tasks.translate(given);
      if (notification === undefined || listen.deliver(notification)) return;
      options.notice(notification);
    },
    missed: (cause) => void onMissed(cause),
    isListening: listen.isWanted,
  });
  let session = await openSession(options, io);
  let lost: Session | undefined;
  let reopening: Promise<void> | undefined;

  const openAgain = async (callIo: Io): Promise<void> => {
    lost = session;
    try {
      session = await openSession(options, callIo);
      await listen.again(callIo);
    } catch (cause) {
      // Who listens makes no call that would find it out, and may try to listen again.
      listen.fail(notOpened(cause));
      throw cause;
    }
  };
  /** Many calls may find out at once that `lost` is lost; one new session is enough for them. */
  const replace = async (old: Session, callIo: Io): Promise<void> => {
    while (session === old) {
      const isOurs = reopening === undefined;
      reopening ??= openAgain(callIo).finally(() => (reopening = undefined));
      // An attempt of another call may fail because that call was cancelled.
      const attempt = reopening.catch((thrown: unknown) => {
        if (isOurs) throw thrown;
      });
      await unlessAborted(attempt, callIo.signal);
    }
  };
  /** Those who listen hear nothing of a session that is lost, and may make no call to find out. */
  onMissed = async (cause) => {
    if (cause === undefined) return listen.acknowledge();
    if (cause.kind !== 'sessionNotFound') return listen.fail(cause);
    const old = session;
    lost = old;
    if (!listen.isWanted()) return;
    await options
      .unasked((ownIo) => replace(old, ownIo))
      .catch((thrown: unknown) => listen.fail(McpError.from(thrown)));
  };
  const send: Exchange = async (request, callIo) => {
    // Between two sessions there is none to send a request in.
    if (reopening !== undefined) {
      await unlessAborted(reopening, callIo.signal).catch(() => undefined);
    }
    const used = session;
    try {
      return await link.exchange(request, callIo);
    } catch (thrown) {
      if (!(thrown instanceof McpError) || thrown.kind !== 'sessionNotFound') throw thrown;
      await replace(used, callIo);
      return link.exchange(request, callIo);
    }
  };

  if (session.hasTasks) tasks = createLegacyTasks({ ...options, send });

  return {
    get protocolVersion() {
      return session.protocolVersion;
    },
    async exchange(request, callIo) {
      if (request.method === 'server/discover') return session.discovered;
      if (request.method === 'subscriptions/listen') {
        if (lost === session) await replace(lost, callIo);
        const capabilities = session.discovered['capabilities'] as ServerCapabilities;
        return listen.exchange(request, callIo, capabilities, send);
      }
      if (tasks !== undefined) return tasks.exchange(request, callIo);
      return send(request, callIo);
    },
  };
}

function notOpened(cause: unknown): McpError {
  return new McpError('unavailable', 'The session could not be opened again', { cause });
}

async function openSession(options: LegacyCallOptions, io: Io): Promise<Session> {
  const { link, caller } = options;
  const params = {
    protocolVersion: caller.protocolVersion,
    // Sessions have tasks of their own, whose callers declare nothing.
    capabilities: withExtension(caller.capabilities, extensionIds.tasks, undefined),
    clientInfo: caller.clientInfo,
  };
  const request: Request = { id: options.nextId(), method: 'initialize', params };
  const welcome = await link.exchange(request, io);
  methodRow('initialize')?.checkResult(welcome);
  const protocolVersion = welcome['protocolVersion'] as string;
  if (eraOf(protocolVersion) !== 'legacy') {
    throw new McpError(
      'badResponse',
      `The server answered initialize with version "${protocolVersion}", which has no sessions`,
    );
  }
  // A server that does not take it must not be waited for longer than for an answer.
  await unlessAborted(
    Promise.resolve(link.notify({ method: 'notifications/initialized' })),
    io.signal,
  );
  const capabilities = welcome['capabilities'] as ServerCapabilities;
  await setLogLevel(options, capabilities, io);
  const discovered = asDiscovered(welcome);
  return {
    protocolVersion,
    hasTasks: hasTasksBefore(caller, capabilities),
    discovered: { ...discovered, capabilities: declaredSince(caller, capabilities) },
  };
}

// The stateless era names the level with each request; here it is set once for the session.
async function setLogLevel(
  { link, caller, nextId }: LegacyCallOptions,
  capabilities: ServerCapabilities,
  io: Io,
): Promise<void> {
  const level = caller.logLevel;
  if (level === undefined || capabilities.logging === undefined) return;
  await link.exchange({ id: nextId(), method: 'logging/setLevel', params: { level } }, io);
}

function asDiscovered(welcome: Result): Result {
  const { protocolVersion, capabilities, instructions, serverInfo } = welcome as JsonObject & {
    serverInfo: Implementation;
  };
  return {
    resultType: 'complete',
    supportedVersions: [protocolVersion],
    capabilities,
    ...(instructions === undefined ? {} : { instructions }),
    ttlMs: 0,
    cacheScope: 'private',
    _meta: { [metaKeys.serverInfo]: serverInfo },
  };
}
