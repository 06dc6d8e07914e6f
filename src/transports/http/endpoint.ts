import { createRunning } from '../../engine/drain.js';
import { classify } from '../../eras/classify.js';
import { McpError } from '../../errors.js';
import type { Principal, Served } from '../../exchange.js';
import { isRequest, type Message, type RequestId } from '../../json-rpc/message.js';
import { boundsForServer, parseMessage } from '../../json-rpc/parse.js';
import { ParseFailure } from '../../json-rpc/parse.js';
import { type Limits, resolveLimits } from '../../limits.js';
import { type Platform, systemPlatform } from '../../platform/platform.js';
import { toBase64Url } from '../../platform/random.js';
import type { EventStore } from '../../stores/event-store.js';
import type { SessionStore } from '../../stores/session-store.js';
import {
  firstRefusal,
  type GuardOptions,
  guardsBeforeAuth,
  guardsBeforeBody,
} from './guards/index.js';
import { type Head, readHead } from './head.js';
import { createHttpSse } from './http-sse.js';
import { type Batch, createLegacyHttp } from './legacy.js';
import { createModernPost } from './modern.js';
import { emptyHeaders, type ErrorReply, errorReply, sendReply } from './reply-headers.js';
import { createSessions } from './sessions.js';
import type { WireReply, WireRequest } from './wire.js';

/** What a request shows of who sent it. */
export interface Credentials {
  /** The Authorization header. */
  readonly authorization: string | undefined;
  readonly remoteAddress: string | undefined;
}

/** Tells who is calling, or throws McpError `unauthorized` or `forbidden`. */
export type Verify = (credentials: Credentials) => Principal | Promise<Principal>;

export interface EndpointOptions {
  /** The one path, default `/mcp`. */
  readonly path?: string;
  /** Host names (or `host:port`) beside loopback that may be asked for. */
  readonly allowedHosts?: readonly string[];
  /**
   * Origins (`https://app.example`) whose pages may call and read answers (CORS); none by default.
   * Each is compared whole: there are no patterns. The server's own always may.
   */
  readonly allowedOrigins?: readonly string[];
  /** The address by which clients know this server, when a proxy stands before it. */
  readonly publicUrl?: string;
  /**
   * Addresses and networks (`10.0.0.0/8`) of the proxies before this server. What they say in
   * X-Forwarded-For is believed; what anybody else says there is not.
   */
  readonly trustedProxies?: readonly string[];
  /** Tells who is calling. Without it everybody is the same anonymous peer. */
  readonly verify?: Verify;
  /** Serves the two endpoints of 2024-11-05 too: `/sse` and `/messages`. */
  readonly httpSse?: boolean;
  readonly limits?: Partial<Limits>;
  readonly platform?: Platform;
  /** Gets every refusal of the edge, with the reason in `cause` that the peer is not told. */
  readonly onRefusal?: (refusal: McpError, about: RefusalDetails) => void;
  /** Gets what failed behind the edge, such as a store, with the reason in `cause`. */
  readonly onError?: (error: McpError) => void;
}

export interface RefusalDetails {
  /** What the peer was given as `X-Request-Id`. */
  readonly requestId: string;
}

/** Where legacy sessions and the events of their streams are kept. */
export interface Stores {
  readonly sessionStore: SessionStore;
  readonly eventStore: EventStore;
}

/** Makes the stores of an endpoint, which knows its bounds and its clock. */
export type OpenStores = (limits: Limits, platform: Platform) => Stores;

/** An MCP endpoint without a listener: adapters feed it. There is none without guards. */
export interface Endpoint {
  handle(request: WireRequest, wire: WireReply): Promise<void>;
  /** The answer to what is refused before it gets here; the log is told like of any other. */
  refuse(error: McpError): ErrorReply;
  /** Tells which origins are the endpoint's own, once they are known. */
  ownOrigins(origins: readonly string[]): void;
  /** Refuses what is new, lets calls finish for up to `drainMs`, ends streams and sessions. */
  close(drainMs?: number): Promise<void>;
  readonly limits: Limits;
  readonly platform: Platform;
}

const anonymous: Principal = Object.freeze({ id: 'anonymous', anonymous: true });
const ssePath = '/sse';
const messagePath = '/messages';
const healthPaths: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

export function openEndpoint(
  served: Served,
  options: EndpointOptions,
  openStores: OpenStores,
): Endpoint {
  const limits = resolveLimits(options.limits);
  const platform = options.platform ?? systemPlatform;
  const { clock } = platform;
  const guardOptions = readGuardOptions(options, limits, () => origins);
  let origins: readonly string[] = [];
  const before = guardsBeforeAuth(guardOptions);
  const after = guardsBeforeBody(guardOptions);
  const bounds = boundsForServer(limits);
  const calls = createRunning(clock, limits.callsInFlightMax);
  const streams = createRunning(clock, limits.streamsMax);
  const onFault = (cause: unknown): void => {
    try {
      options.onError?.(new McpError('internal', 'A store failed', { cause }));
    } catch {
      // A log that fails must not take anything else with it.
    }
  };
  const sessions = createSessions({
    served,
    limits,
    platform,
    onFault,
    ...openStores(limits, platform),
  });
  const modernPost = createModernPost({ served, limits, clock, calls, streams });
  const legacy = createLegacyHttp({ sessions, limits, clock, calls });
  const sse =
    options.httpSse === true ? createHttpSse({ served, limits, platform, messagePath }) : undefined;

  const refuse = (error: McpError, id?: RequestId): ErrorReply => {
    const requestId = toBase64Url(platform.random.bytes(12));
    try {
      options.onRefusal?.(error, { requestId });
    } catch {
      // A log that fails must not take the answer with it.
    }
    return errorReply(error, id, requestId);
  };
  // What runs may need answers, and may be cancelled; only what is new is turned away.
  const refuseNew = (): McpError | undefined =>
    calls.closing ? new McpError('unavailable', 'The server is shutting down') : undefined;
  /** One request, straight down the page. Throws McpError, which the caller sends. */
  const serve = async (request: WireRequest, wire: WireReply): Promise<void> => {
    const { target } = request;
    if (healthPaths.has(target) && (request.method === 'GET' || request.method === 'HEAD')) {
      return wire.send(target === '/readyz' && calls.closing ? 503 : 200, emptyHeaders);
    }
    const head = readHead(request.rawHeaders, limits.headersMax);
    if (head instanceof McpError) throw head;
    throwIf(firstRefusal(before, request, head));
    // The guard of the path lets nothing else through.
    const isSse = sse !== undefined && target !== guardOptions.path;
    const who = await identify(request, head, options.verify);
    throwIf(firstRefusal(after, request, head));
    if (request.method === 'GET') {
      // Who comes back waits for work that is being finished.
      if (isSse || head['last-event-id'] === undefined) throwIf(refuseNew());
      return isSse ? sse.open(wire, who) : legacy.get(head, wire, who);
    }
    if (request.method === 'DELETE') return legacy.delete(head, wire, who);
    const message = parseMessage(await request.body(limits.serverMessageBytesMax), bounds);
    if (message instanceof ParseFailure) return refuseMessage(message, head, wire, who);
    if (isBatch(message)) return routeBatch(message, head, wire, who);
    try {
      if (isRequest(message)) throwIf(refuseNew());
      if (isSse) return sse.post(target.split('?', 2)[1] ?? '', message, wire, who);
      return await route(message, head, wire, who);
    } catch (thrown) {
      const id = isRequest(message) ? message.id : undefined;
      sendReply(wire, refuse(McpError.from(thrown), id));
    }
  };
  const refuseMessage = (
    failure: ParseFailure,
    head: Head,
    wire: WireReply,
    who: Principal,
  ): void => {
    if (!failure.response) return sendReply(wire, refuse(failure.error, failure.id));
    if (head['mcp-session-id'] !== undefined) legacy.refuseAnswer(failure, head, who);
    // Its id is one of ours, and names no request that this error could answer.
    sendReply(wire, refuse(failure.error));
  };
  const routeBatch = (batch: Batch, head: Head, wire: WireReply, who: Principal): void => {
    // No other revision than that of some sessions has batches.
    if (head['mcp-session-id'] !== undefined) return legacy.postBatch(batch, head, wire, who);
    throw new McpError('invalidRequest', 'Batches are not served here: send one message at a time');
  };
  const route = async (
    message: Message,
    head: Head,
    wire: WireReply,
    who: Principal,
  ): Promise<void> => {
    const verdict = classify({
      message,
      versionHeader: head['mcp-protocol-version'],
      sessionHeader: head['mcp-session-id'],
    });
    if (verdict instanceof McpError) throw verdict;
    if (verdict === 'modern') return modernPost(message, head, wire, who);
    if (verdict === 'legacy') return legacy.post(message, head, wire, who);
    if (isRequest(message)) return legacy.initialize(message, head, wire, who);
    throw new McpError('invalidRequest', 'initialize needs an id');
  };

  return {
    limits,
    platform,
    refuse: (error) => refuse(error),
    async handle(request, wire) {
      try {
        await serve(request, wire);
      } catch (thrown) {
        sendReply(wire, refuse(McpError.from(thrown)));
      }
    },
    ownOrigins(own) {
      origins = own.map((origin) => origin.toLowerCase());
    },
    async close(drainMs = limits.drainMs) {
      streams.wrapUp();
      // Streams that come to their own end say so; it takes them no longer than this turn.
      const wrappedUp = new Promise<void>((resolve) => clock.nextTurn(resolve));
      await Promise.all([
        calls.drain(drainMs),
        wrappedUp.then(() => streams.drain(0)),
        sse?.endAll(drainMs),
      ]);
      sessions.endAll();
    },
  };
}

function throwIf(refusal: McpError | undefined): void {
  if (refusal !== undefined) throw refusal;
}

function readGuardOptions(
  options: EndpointOptions,
  limits: Limits,
  ownOrigins: () => readonly string[],
): GuardOptions {
  const url = options.publicUrl === undefined ? undefined : new URL(options.publicUrl);
  return {
    path: options.path ?? '/mcp',
    morePaths: options.httpSse === true ? [ssePath, messagePath] : [],
    allowedHosts: [...(options.allowedHosts ?? []), ...(url === undefined ? [] : [url.host])],
    allowedOrigins: [...(options.allowedOrigins ?? []), ...(url === undefined ? [] : [url.origin])],
    ownOrigins,
    isPrivate: options.verify === undefined && url === undefined,
    bytesMax: limits.serverMessageBytesMax,
  };
}

async function identify(
  request: WireRequest,
  head: Head,
  verify: Verify | undefined,
): Promise<Principal> {
  if (verify === undefined) return anonymous;
  const { authorization } = head;
  const principal = await verify({ authorization, remoteAddress: request.remoteAddress });
  // Fail closed: a hook that returns nothing has not verified anybody.
  if (typeof principal?.id !== 'string' || principal.id === '') {
    throw new McpError('unauthorized', 'Authentication is required');
  }
  return principal;
}

function isBatch(message: Message | Batch): message is Batch {
  return Array.isArray(message);
}
