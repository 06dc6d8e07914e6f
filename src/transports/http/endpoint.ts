import type { LoadProbe } from '../../engine/load.js';
import { classify } from '../../eras/classify.js';
import { McpError } from '../../errors.js';
import type { Principal, Served } from '../../exchange.js';
import { isRequest, type Message, type RequestId } from '../../json-rpc/message.js';
import { boundsForServer, ParseFailure, parseMessage } from '../../json-rpc/parse.js';
import { type Limits, resolveLimits } from '../../limits.js';
import { type Platform, systemPlatform } from '../../platform/platform.js';
import { quietly } from '../../platform/quietly.js';
import { isPromised, when } from '../../platform/when.js';
import { toBase64Url } from '../../platform/random.js';
import {
  firstRefusal,
  guardsBeforeAuth,
  guardsBeforeBody,
  guardsOfMetadata,
} from './guards/index.js';
import { readGuardOptions } from './guard-options.js';
import { type Head, readHead } from './head.js';
import { createEdge } from './edge.js';
import type { EndpointOptions, OpenStore } from './endpoint-options.js';
import type { Batch } from './legacy.js';
import { emptyHeaders, type ErrorReply, errorReply, sendReply } from './reply-headers.js';
import type { Proxies } from './proxies.js';
import type { WireReply, WireRequest } from './wire.js';

/** An MCP endpoint without a listener: adapters feed it. There is none without guards. */
export interface Endpoint {
  handle(request: WireRequest, wire: WireReply): Promise<void>;
  /** The answer to what is refused before it gets here; the log is told like of any other. */
  refuse(error: McpError): ErrorReply;
  /** Tells which origins are the endpoint's own, once they are known. */
  ownOrigins(origins: readonly string[]): void;
  /** Refuses new work while `probe` says that there is too much of it. */
  watchLoad(probe: LoadProbe): void;
  /** Runs `action` once the last answer was given, before `close` resolves. */
  beforeClosed(action: () => void): void;
  /** Refuses what is new, lets calls finish for up to `drainMs`, ends streams and sessions. */
  close(drainMs?: number): Promise<void>;
  /** What it answers to beside the health checks. */
  readonly paths: readonly string[];
  readonly limits: Limits;
  readonly platform: Platform;
  /** Whom it believes about who is calling. */
  readonly proxies: Proxies;
  /** Nobody is asked who they are, and only this machine may call. */
  readonly isPrivate: boolean;
}

const healthPaths: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

export function openEndpoint(
  served: Served,
  options: EndpointOptions,
  openStore: OpenStore,
): Endpoint {
  const limits = resolveLimits(options.limits);
  const platform = options.platform ?? systemPlatform;
  const { clock } = platform;
  let origins: readonly string[] = [];
  const ownOrigins = (): readonly string[] => origins;
  const guardOptions = readGuardOptions(options, limits, ownOrigins);
  const before = guardsBeforeAuth(guardOptions);
  const ofMetadata = guardsOfMetadata(guardOptions);
  const after = guardsBeforeBody(guardOptions);
  const bounds = boundsForServer(limits);
  const edge = createEdge(served, options, openStore, {
    limits,
    platform,
    guardOptions,
    ownOrigins,
  });
  const { admission, calls, cors, legacy, load, modernPost, resource, sessions, sse, streams } =
    edge;

  const refuse = (error: McpError, id?: RequestId): ErrorReply => {
    const requestId = toBase64Url(platform.random.bytes(12));
    quietly(() => options.onRefusal?.(error, { requestId }));
    return errorReply(error, id, requestId);
  };
  // What runs may need answers, and may be cancelled; only what is new is turned away.
  const unready = (): McpError | undefined => {
    if (calls.closing) return shuttingDown();
    if (load.isHigh) return new McpError('unavailable', 'The server is overloaded; try again soon');
    return undefined;
  };
  const refuseNew = (): McpError | undefined => {
    load.asked();
    return unready();
  };
  let closing: Promise<void> | undefined;
  let isClosed = false;
  let sendAll: (() => void) | undefined;
  const close = async (drainMs: number): Promise<void> => {
    load.stop();
    streams.wrapUp();
    sessions.moveReaders();
    // Streams that come to their own end say so; it takes them no longer than this turn.
    const wrappedUp = new Promise<void>((resolve) => clock.nextTurn(resolve));
    await Promise.all([
      calls.drain(drainMs),
      wrappedUp.then(() => streams.drain(0)),
      sse?.endAll(drainMs),
    ]);
    isClosed = true;
    await sessions.stopAll();
    // Who closes the connections next, or ends the process, takes no answer from anybody.
    sendAll?.();
  };
  /** One request, straight down the page. Throws McpError, which the caller sends. */
  const serve = async (request: WireRequest, head: Head, wire: WireReply): Promise<void> => {
    const { target } = request;
    const isMetadata = resource.metadataPaths.has(target);
    throwIf(firstRefusal(isMetadata ? ofMetadata : before, request, head));
    if (cors?.answersPreflight(request.method, head, wire) === true) return;
    if (isMetadata) {
      await admission.admitStranger(request);
      return resource.sendMetadata(head, wire);
    }
    // The guard of the path lets nothing else through.
    const isSse = sse !== undefined && target !== guardOptions.path;
    const admitted = admission.admit(request, head);
    const who = isPromised(admitted) ? await admitted : admitted;
    throwIf(firstRefusal(after, request, head));
    if (isClosed) throw shuttingDown();
    if (request.method === 'GET') {
      // Who comes back waits for work that is being finished.
      if (isSse || head['last-event-id'] === undefined) throwIf(refuseNew());
      if (!isSse) return legacy.get(head, wire, who);
      await admission.admitSession(who);
      return sse.open(wire, who);
    }
    if (request.method === 'DELETE') return legacy.delete(head, wire, who);
    const message = parseMessage(await request.body(limits.serverMessageBytesMax), bounds);
    if (message instanceof ParseFailure) return refuseMessage(message, head, wire, who);
    if (isBatch(message)) {
      const requests = message.filter((one) => !(one instanceof ParseFailure) && isRequest(one));
      if (requests.length > 0) throwIf(refuseNew());
      if (requests.length > 1) await admission.admitMore(who, requests.length - 1);
      return routeBatch(message, head, wire, who);
    }
    try {
      if (isRequest(message)) throwIf(refuseNew());
      if (isSse) return await sse.post(target.split('?', 2)[1] ?? '', message, wire, who);
      const routed = route(message, head, wire, who);
      if (routed !== undefined) await routed;
    } catch (thrown) {
      const id = isRequest(message) ? message.id : undefined;
      sendReply(wire, refuse(McpError.from(thrown), id));
    }
  };
  const refuseMessage = async (
    failure: ParseFailure,
    head: Head,
    wire: WireReply,
    who: Principal,
  ): Promise<void> => {
    if (!failure.response) return sendReply(wire, refuse(failure.error, failure.id));
    if (head['mcp-session-id'] !== undefined) await legacy.refuseAnswer(failure, head, who);
    // Its id is one of ours, and names no request that this error could answer.
    sendReply(wire, refuse(failure.error));
  };
  const routeBatch = async (
    batch: Batch,
    head: Head,
    wire: WireReply,
    who: Principal,
  ): Promise<void> => {
    // No other revision than that of some sessions has batches.
    if (head['mcp-session-id'] !== undefined) return legacy.postBatch(batch, head, wire, who);
    throw new McpError('invalidRequest', 'Batches are not served here: send one message at a time');
  };
  const route = (
    message: Message,
    head: Head,
    wire: WireReply,
    who: Principal,
  ): void | Promise<void> => {
    const verdict = classify({
      message,
      versionHeader: head['mcp-protocol-version'],
      sessionHeader: head['mcp-session-id'],
    });
    if (verdict instanceof McpError) throw verdict;
    if (verdict === 'modern') return modernPost(message, head, wire, who);
    if (verdict === 'legacy') return legacy.post(message, head, wire, who);
    if (isRequest(message)) {
      return when(admission.admitSession(who), () => legacy.initialize(message, head, wire, who));
    }
    throw new McpError('invalidRequest', 'initialize needs an id');
  };

  return {
    paths: [guardOptions.path, ...guardOptions.morePaths, ...resource.metadataPaths],
    limits,
    platform,
    refuse: (error) => refuse(error),
    proxies: guardOptions.proxies,
    isPrivate: guardOptions.isPrivate,
    async handle(request, wire) {
      const { target, method } = request;
      if (healthPaths.has(target) && (method === 'GET' || method === 'HEAD')) {
        const isReady = target !== '/readyz' || unready() === undefined;
        return wire.send(isReady ? 200 : 503, emptyHeaders);
      }
      const head = readHead(request.rawHeaders, limits.headersMax);
      if (head instanceof McpError) return sendReply(wire, refuse(head));
      // Pages may read refusals as well: they are told what to do, too.
      const readable = cors === undefined ? wire : cors.readable(wire, head);
      const reply = resource.challenging(readable, head);
      try {
        await serve(request, head, reply);
      } catch (thrown) {
        sendReply(reply, refuse(McpError.from(thrown)));
      }
    },
    ownOrigins(own) {
      origins = own.map((origin) => origin.toLowerCase());
    },
    watchLoad: (probe) => load.watch(probe),
    beforeClosed: (action) => void (sendAll = action),
    close(drainMs = limits.drainMs) {
      return (closing ??= close(drainMs));
    },
  };
}

function shuttingDown(): McpError {
  return new McpError('unavailable', 'The server is shutting down');
}

function throwIf(refusal: McpError | undefined): void {
  if (refusal !== undefined) throw refusal;
}

function isBatch(message: Message | Batch): message is Batch {
  return Array.isArray(message);
}
