import { cancellingOf } from '../engine/cancelling.js';
import { type Link, serverPeer } from '../engine/link.js';
import { McpError } from '../errors.js';
import type { Exchange, Io, Request, Result } from '../exchange.js';
import { isJsonObject } from '../json-rpc/message.js';
import type { Limits } from '../limits.js';
import type { Clock } from '../platform/clock.js';
import { hasModernMeta, metaKeys } from '../protocol/meta.js';

/** One child of a supervised link: who uses it, and how it shows that its time is over. */
export interface WatchedChild {
  readonly link: Link;
  readonly startedAt: number;
  readonly exchange: Exchange;
  /** A session was opened in it. */
  readonly hasSession: boolean;
  /** Ends it once its open calls have their answers. */
  retire(): void;
  /** Ends it now. Resolves when nothing of it is left. */
  end(): Promise<void>;
  /** That, if it is under way. */
  readonly ended: Promise<void> | undefined;
}

export interface WatchOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly nextId: () => number;
  readonly idleMs?: number | undefined;
  readonly lifetimeMs?: number | undefined;
  /** Whether somebody waits for what it may say of its own accord. */
  readonly isListening: () => boolean;
  /** Gets each answer, or why there is none, and gives back what its caller is told. */
  readonly answered: (result: Result) => Result;
  readonly lost: (thrown: unknown) => never;
  /** It was idle for too long, or has lived for too long. */
  readonly onDue: (child: WatchedChild) => void;
  /** It answers nothing any more. */
  readonly onSilent: (child: WatchedChild, cause: McpError) => void;
}

export function watchChild(link: Link, options: WatchOptions): WatchedChild {
  const { clock, limits, idleMs, lifetimeMs } = options;
  let calls = 0;
  let streams = 0;
  let hasSession = false;
  let isOpening = false;
  let isRetired = false;
  let isLookedAt = false;
  let ended: Promise<void> | undefined;
  let stopIdle = (): void => undefined;
  let stopOld = (): void => undefined;

  const due = (): void => options.onDue(child);
  // A session that is being opened would have to be opened again.
  const old = (): void => (isOpening ? live() : due());
  const live = (): void => {
    if (lifetimeMs === undefined || isRetired) return;
    stopOld();
    stopOld = clock.after(lifetimeMs, old);
  };
  const idle = (): void => (options.isListening() ? restIfUnused() : due());
  const restIfUnused = (): void => {
    if (idleMs === undefined || calls + streams > 0 || isRetired) return;
    stopIdle();
    stopIdle = clock.after(idleMs, idle);
  };
  const end = (): Promise<void> => {
    isRetired = true;
    stopIdle();
    stopOld();
    return (ended ??= link.close().catch(() => undefined));
  };
  const opening = async (request: Request, io: Io): Promise<Result> => {
    isOpening = true;
    try {
      const result = await link.exchange(request, io);
      hasSession = true;
      return result;
    } finally {
      isOpening = false;
      live();
      over(request, io, false);
    }
  };
  const over = (request: Request, io: Io, isStream: boolean): void => {
    if (isStream) streams--;
    else calls--;
    if (hasTimedOut(io)) void look(request);
    if (isRetired && calls === 0) void end();
    else restIfUnused();
  };
  /** A call that timed out may just be long. A child that answers nothing at all is lost. */
  const look = async (request: Request): Promise<void> => {
    if (isLookedAt || isRetired) return;
    isLookedAt = true;
    const heardBefore = link.heard?.();
    const silent = new AbortController();
    const stop = clock.after(limits.childSilentMs, () => silent.abort());
    const io: Io = { signal: silent.signal, peer: serverPeer, emit: () => undefined };
    try {
      await link.exchange(questionAfter(request, options.nextId()), io);
    } catch {
      // Any answer is a sign of life, a refusal too; so is whatever else was heard meanwhile, since
      // a server that does one thing after the other may come to the ping much later.
      const isSilent = silent.signal.aborted && link.heard?.() === heardBefore;
      if (isSilent && !isRetired) options.onSilent(child, silence(limits));
    } finally {
      stop();
      isLookedAt = false;
    }
  };

  const child: WatchedChild = {
    link,
    startedAt: clock.now(),
    exchange(request, io) {
      const isStream = request.method === 'subscriptions/listen';
      if (isStream) streams++;
      else calls++;
      stopIdle();
      if (request.method === 'initialize') {
        return opening(request, io).then(options.answered, options.lost);
      }
      return link.exchange(request, io).then(
        (result) => {
          over(request, io, isStream);
          return options.answered(result);
        },
        (thrown: unknown) => {
          over(request, io, isStream);
          return options.lost(thrown);
        },
      );
    },
    get hasSession() {
      return hasSession;
    },
    retire() {
      isRetired = true;
      if (calls === 0) void end();
    },
    end,
    get ended() {
      return ended;
    },
  };
  restIfUnused();
  live();
  return child;
}

function hasTimedOut(io: Io): boolean {
  const signal = cancellingOf(io);
  const reason: unknown = signal.aborted ? signal.reason : undefined;
  return reason instanceof McpError && reason.kind === 'timeout';
}

/** What every server answers that answers requests like `request` at all. */
function questionAfter({ params }: Request, id: number): Request {
  const meta = params?.['_meta'];
  if (!hasModernMeta(params) || !isJsonObject(meta)) return { id, method: 'ping' };
  const { [metaKeys.progressToken]: _token, ...own } = meta;
  return { id, method: 'server/discover', params: { _meta: own } };
}

function silence({ childSilentMs }: Limits): McpError {
  const text = `a call time out and then said nothing for ${childSilentMs} ms, not even to a ping`;
  return new McpError('connectionClosed', `The server let ${text}`);
}
