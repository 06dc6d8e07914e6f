import type { Link } from '../../engine/link.js';
import { McpError } from '../../errors.js';
import type { Exchange, Io, Notification, Request, Result } from '../../exchange.js';
import type { JsonObject } from '../../json-rpc/message.js';
import { metaKeys } from '../../protocol/meta.js';
import { methodRow } from '../../protocol/methods.js';
import type { Implementation, ServerCapabilities } from '../../protocol/modern.types.js';
import { eraOf } from '../../protocol/revisions.js';
import type { Caller } from '../caller.js';
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
}

/** A client of a session, speaking the words of 2026-07-28 to those above it. */
export interface LegacyCall {
  readonly exchange: Exchange;
  /** The revision that was agreed on. */
  readonly protocolVersion: string;
}

interface Session {
  readonly protocolVersion: string;
  readonly discovered: Result;
}

/**
 * Opens a session (basic/lifecycle) and returns an Exchange over it. When the server has forgotten
 * the session, another one is opened, subscriptions and all, and the call is made in that.
 */
export async function callLegacy(options: LegacyCallOptions, io: Io): Promise<LegacyCall> {
  const { link } = options;
  const listen = createLegacyListen(link, options.nextId);
  link.accept({
    ask: options.ask,
    notice: (notification) => {
      if (!listen.deliver(notification)) options.notice(notification);
    },
  });
  let session = await openSession(options, io);
  let reopening: Promise<void> | undefined;

  const openAgain = async (callIo: Io): Promise<void> => {
    session = await openSession(options, callIo);
    await listen.again(callIo);
  };
  /** Many calls may find out at once that `lost` is lost; one new session is enough for them. */
  const replace = async (lost: Session, callIo: Io): Promise<void> => {
    while (session === lost) {
      const isOurs = reopening === undefined;
      reopening ??= openAgain(callIo).finally(() => (reopening = undefined));
      // An attempt of another call may fail because that call was cancelled.
      await reopening.catch((thrown: unknown) => {
        if (isOurs) throw thrown;
      });
    }
  };
  const send: Exchange = async (request, callIo) => {
    // Between two sessions there is none to send a request in.
    if (reopening !== undefined) await reopening.catch(() => undefined);
    const used = session;
    try {
      return await link.exchange(request, callIo);
    } catch (thrown) {
      if (!(thrown instanceof McpError) || thrown.kind !== 'sessionNotFound') throw thrown;
      await replace(used, callIo);
      return link.exchange(request, callIo);
    }
  };

  return {
    get protocolVersion() {
      return session.protocolVersion;
    },
    exchange(request, callIo) {
      if (request.method === 'server/discover') return Promise.resolve(session.discovered);
      if (request.method === 'subscriptions/listen') {
        const capabilities = session.discovered['capabilities'] as ServerCapabilities;
        return listen.exchange(request, callIo, capabilities, send);
      }
      return send(request, callIo);
    },
  };
}

async function openSession(options: LegacyCallOptions, io: Io): Promise<Session> {
  const { link, caller } = options;
  const params = {
    protocolVersion: caller.protocolVersion,
    capabilities: caller.capabilities,
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
  await link.notify({ method: 'notifications/initialized' });
  const capabilities = welcome['capabilities'] as ServerCapabilities;
  await setLogLevel(options, capabilities, io);
  return { protocolVersion, discovered: asDiscovered(welcome) };
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
