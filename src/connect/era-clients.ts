import { type Client, createClient, noticesTo } from '../client/client.js';
import { keepAnswers, type KeptAnswers } from '../client/keep-answers.js';
import { composePlain } from '../client/plain-io.js';
import { startDeadline } from '../engine/deadline.js';
import { type Link, serverPeer } from '../engine/link.js';
import { callLegacy, type LegacyCall } from '../eras/legacy/call.js';
import { callModern } from '../eras/modern/call.js';
import { mirrorParams } from '../eras/modern/mirror-params.js';
import type { ModernVerdict } from '../eras/probe.js';
import { McpError } from '../errors.js';
import { compose, type Exchange, type Io } from '../exchange.js';
import type { JsonObject } from '../json-rpc/message.js';
import { newestLegacy } from '../protocol/revisions.js';
import { type Memory, sharedScope } from './memory.js';
import type { ClosableOpener } from './open-target.js';
import type { Parts } from './options.js';
import { doubting, withoutSessions } from './restarted.js';

export async function modernClient(
  link: Link,
  { discovered, protocolVersion }: ModernVerdict,
  opener: ClosableOpener,
  parts: Parts,
  memory: Memory,
): Promise<Client> {
  const kept = await keeper(opener, protocolVersion, parts);
  const call = compose(
    kept === undefined ? [] : [kept.middleware],
    callModern(doubting(memory)(link.exchange), { ...parts.caller, protocolVersion }),
  );
  const exchange: Exchange = opener.isHttp
    ? mirrorParams(call, {
        refresh(io) {
          kept?.forget('tools/list');
          return readAllPages(exchange, 'tools/list', io, parts);
        },
        onInvalidTool: (name, reason) =>
          parts.options.onWarning?.(`The tool "${name}" is left out: ${reason}`),
      })
    : call;
  link.accept({ ask: parts.answers, notice: noticesTo(noticeListeners(parts)) });
  memory.keep({ era: 'modern' });
  return client(
    { opener, link, exchange, discovered, protocolVersion: () => protocolVersion },
    parts,
  );
}

async function keeper(
  opener: ClosableOpener,
  protocolVersion: string,
  parts: Parts,
): Promise<KeptAnswers | undefined> {
  const { limits, options } = parts;
  const { clock } = parts.platform;
  const { cache } = options;
  if (cache === false) return undefined;
  if (cache === undefined) return keepAnswers({ limits, clock });
  const scope = await sharedScope(opener, protocolVersion, parts);
  return keepAnswers({ limits, clock, shared: scope === undefined ? undefined : { cache, scope } });
}

/** Goes through a list for those on the way who learn from it. */
async function readAllPages(
  exchange: Exchange,
  method: string,
  io: Io,
  { nextId, limits }: Parts,
): Promise<void> {
  let params: JsonObject = {};
  for (let page = 0; page < limits.pagesMax; page++) {
    const { nextCursor } = await exchange({ id: nextId(), method, params }, io);
    if (nextCursor === undefined) return;
    params = { cursor: nextCursor };
  }
}

interface LegacyWish {
  readonly memory: Memory;
  /** The link leads to the two endpoints of the oldest kind. */
  readonly isOld?: boolean;
  /** Gives up when it aborts. */
  readonly signal?: AbortSignal;
}

export async function legacyClient(
  first: Link,
  opener: ClosableOpener,
  parts: Parts,
  { memory, isOld = false, signal }: LegacyWish,
): Promise<Client> {
  const options = {
    caller: { ...parts.caller, protocolVersion: parts.options.revision ?? newestLegacy },
    nextId: parts.nextId,
    pagesMax: parts.limits.pagesMax,
    ask: parts.answers,
    notice: noticesTo(noticeListeners(parts)),
    unasked: (work: (io: Io) => Promise<void>) => handshake(parts, [], work),
  };
  const doubts = doubting(memory);
  return handshake(parts, [parts.options.signal, signal], async (io) => {
    const open = (link: Link): Promise<LegacyCall> =>
      callLegacy({ ...options, link: { ...link, exchange: doubts(link.exchange) } }, io);
    let link = first;
    const session = await open(link).catch(async (thrown: unknown) => {
      if (opener.openOld === undefined || !isOldServer(thrown)) throw thrown;
      // Whoever takes no POST may be a server of 2024-11-05, with two endpoints.
      link = await opener.openOld().catch(() => {
        throw thrown;
      });
      return open(link);
    });
    const exchange = opener.isHttp ? session.exchange : withoutSessions(session.exchange);
    const discovered = await exchange({ id: 0, method: 'server/discover' }, io);
    memory.keep({ era: 'legacy', isOld: isOld || link !== first });
    const protocolVersion = (): string => session.protocolVersion;
    return client({ opener, link, exchange, discovered, protocolVersion }, parts);
  });
}

/** Runs the handshake, which is under no timeout of a call. */
async function handshake<T>(
  parts: Parts,
  signals: readonly (AbortSignal | undefined)[],
  work: (io: Io) => Promise<T>,
): Promise<T> {
  const { limits, platform } = parts;
  const controller = new AbortController();
  const stops = signals.map((signal) => {
    const forward = (): void => controller.abort(signal?.reason);
    if (signal?.aborted === true) forward();
    signal?.addEventListener('abort', forward, { once: true });
    return () => signal?.removeEventListener('abort', forward);
  });
  const ms = limits.clientCallMs;
  const onExpire = (): void =>
    controller.abort(new McpError('timeout', `The server opened no session within ${ms} ms`));
  const deadline = startDeadline(platform.clock, { ms, msMax: ms, onExpire });
  parts.patience.add(deadline);
  stops.push(() => {
    parts.patience.delete(deadline);
    deadline.stop();
  });
  try {
    return await work({
      signal: controller.signal,
      peer: serverPeer,
      // A server may log before it has answered.
      emit: noticesTo(noticeListeners(parts)),
    });
  } finally {
    for (const stop of stops) stop();
  }
}

function noticeListeners({
  options: { onLog, onWarning },
}: Parts): Parameters<typeof noticesTo>[0] {
  return { onLog, onWarning };
}

interface Found {
  readonly opener: ClosableOpener;
  readonly link: Link;
  readonly exchange: Exchange;
  readonly discovered: JsonObject;
  readonly protocolVersion: () => string;
}

function client(found: Found, parts: Parts): Client {
  const { opener, link, exchange, discovered, protocolVersion } = found;
  const ended = new AbortController();
  void link.closed.then(() => ended.abort());
  return createClient({
    exchange: composePlain(parts.options.middleware ?? [], exchange),
    protocolVersion,
    discovered,
    answers: parts.answers,
    limits: parts.limits,
    platform: parts.platform,
    nextId: parts.nextId,
    patience: parts.patience,
    retry: parts.options.retry ?? 'hinted',
    extensions: parts.options.extensions ?? [],
    onLog: parts.options.onLog,
    onWarning: parts.options.onWarning,
    ended: ended.signal,
    close: () => opener.close(),
  });
}

function isOldServer(thrown: unknown): boolean {
  if (!(thrown instanceof McpError)) return false;
  return ['badRequest', 'notFound', 'methodNotAllowed', 'methodNotFound'].includes(thrown.kind);
}
