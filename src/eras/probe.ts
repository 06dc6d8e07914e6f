import { type Link, serverPeer } from '../engine/link.js';
import { McpError } from '../errors.js';
import { startDeadline } from '../engine/deadline.js';
import type { Io, Pace, Result } from '../exchange.js';
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import type { Limits } from '../limits.js';
import type { Platform } from '../platform/platform.js';
import { methodRow } from '../protocol/methods.js';
import { eraOf, modernRevisions } from '../protocol/revisions.js';
import type { Caller } from './caller.js';
import { callModern } from './modern/call.js';

export interface ProbeParts {
  readonly limits: Limits;
  readonly platform: Platform;
  readonly nextId: () => number;
  readonly options: { readonly signal?: AbortSignal };
  /** Keeps time from running out while a person is waited for. */
  readonly patience?: { add(timeout: Pace): void; delete(timeout: Pace): void };
}

/** What came of asking a server what it is. */
export type Found = Result | McpError;

/** A server that is being asked what it is. */
export interface Probe {
  /** The answer, or an error of kind `timeout` when none has come within `probeMs`. */
  readonly inTime: Promise<Found>;
  /** The answer, whenever it comes. Both never reject. */
  readonly answer: Promise<Found>;
  /** Nobody waits for the answer any more. */
  stop(): void;
}

export interface ModernVerdict {
  readonly era: 'modern';
  readonly discovered: JsonObject;
  /** The newest revision that both know. */
  readonly protocolVersion: string;
}

export type ProbeVerdict =
  | ModernVerdict
  | {
      readonly era: 'legacy';
      /** The server ended the connection over the question; this is how. */
      readonly ended?: McpError;
      /** It has not answered: it may be old, or just slow. */
      readonly isSilent?: boolean;
    }
  | { readonly era: 'refused'; readonly error: McpError };

/** Asks `server/discover`; a server that names other versions is asked again in one of those. */
export function probe(link: Link, caller: Caller, parts: ProbeParts): Probe {
  const { clock } = parts.platform;
  const controller = new AbortController();
  const { signal } = parts.options;
  const forward = (): void => controller.abort(signal?.reason);
  if (signal?.aborted === true) forward();
  signal?.addEventListener('abort', forward, { once: true });
  const answer = askTwice(link, caller, parts, controller.signal).finally(() =>
    signal?.removeEventListener('abort', forward),
  );
  const inTime = new Promise<Found>((resolve) => {
    const { probeMs: ms } = parts.limits;
    const onExpire = (): void => resolve(silence(ms));
    const deadline = startDeadline(clock, { ms, msMax: ms, onExpire, holdsProcess: true });
    parts.patience?.add(deadline);
    void answer.then((found) => {
      parts.patience?.delete(deadline);
      deadline.stop();
      resolve(found);
    });
  });
  return { inTime, answer, stop: () => controller.abort() };
}

async function askTwice(
  link: Link,
  caller: Caller,
  parts: ProbeParts,
  signal: AbortSignal,
): Promise<Found> {
  const first = await ask(link, caller, parts, signal);
  if (!(first instanceof McpError) || first.kind !== 'unsupportedVersion') return first;
  const version = mutualVersion(supportedBy(first));
  if (version === undefined) return first;
  return ask(link, { ...caller, protocolVersion: version }, parts, signal);
}

async function ask(
  link: Link,
  caller: Caller,
  parts: ProbeParts,
  signal: AbortSignal,
): Promise<Found> {
  const io: Io = {
    signal,
    peer: serverPeer,
    emit: () => undefined,
  };
  try {
    const request = { id: parts.nextId(), method: 'server/discover' };
    return await callModern(link.exchange, caller)(request, io);
  } catch (thrown) {
    return McpError.from(thrown);
  }
}

export interface JudgeOptions {
  readonly isHttp: boolean;
  readonly mayFallBack: boolean;
}

/** Tells from the answer to the probe which era a server speaks (2026-07-28 basic/versioning). */
export function judgeProbe(found: Found, { isHttp, mayFallBack }: JudgeOptions): ProbeVerdict {
  if (!(found instanceof McpError)) return judgeResult(found, mayFallBack);
  if (!mayFallBack) return refused(found);
  if (found.kind === 'unsupportedVersion') {
    return namesLegacy(supportedBy(found)) ? { era: 'legacy' } : refused(found);
  }
  if (isModernRefusal(found)) return refused(found);
  if (!isHttp) {
    if (found.kind === 'timeout' && !found.fromPeer) return { era: 'legacy', isSilent: true };
    const isEnd = found.kind === 'outcomeUnknown' || found.kind === 'connectionClosed';
    return isEnd ? { era: 'legacy', ended: found } : { era: 'legacy' };
  }
  // Refused credentials, outages and silence say nothing of the era: no downgrade for those.
  return tellsOfEra(found) ? { era: 'legacy' } : refused(found);
}

function judgeResult(result: Result, mayFallBack: boolean): ProbeVerdict {
  const supported = result['supportedVersions'];
  if (!Array.isArray(supported)) return mayFallBack ? { era: 'legacy' } : refused(notModern());
  methodRow('server/discover')?.checkResult(result);
  const protocolVersion = mutualVersion(supported);
  if (protocolVersion !== undefined) return { era: 'modern', discovered: result, protocolVersion };
  if (mayFallBack && namesLegacy(supported)) return { era: 'legacy' };
  return refused(noMutual(supported));
}

/** The newest of the versions `known` to us that the server supports, too. */
export function mutualVersion(
  supported: readonly unknown[],
  known: readonly string[] = modernRevisions,
): string | undefined {
  return known.find((version) => supported.includes(version));
}

/** Whether a failure can be due to the era that was spoken. */
export function tellsOfEra({ kind }: McpError): boolean {
  return !noEvidence.has(kind);
}

const noEvidence: ReadonlySet<string> = new Set([
  'unauthorized',
  'forbidden',
  'unavailable',
  'tooManyRequests',
  'timeout',
  'cancelled',
  'connectionFailed',
  'connectionClosed',
  'outcomeUnknown',
]);

function isModernRefusal({ kind }: McpError): boolean {
  return kind === 'headerMismatch' || kind === 'missingClientCapability';
}

function supportedBy({ data }: McpError): readonly unknown[] {
  return isJsonObject(data) && Array.isArray(data['supported']) ? data['supported'] : [];
}

// One may not call an old version statelessly: naming it is leave to open a session.
function namesLegacy(supported: readonly unknown[]): boolean {
  return supported.some((version) => typeof version === 'string' && eraOf(version) === 'legacy');
}

function refused(error: McpError): ProbeVerdict {
  return { era: 'refused', error };
}

function silence(probeMs: number): McpError {
  return new McpError('timeout', `No answer to server/discover within ${probeMs} ms`);
}

function notModern(): McpError {
  return new McpError('unsupportedVersion', 'The server does not speak the stateless era');
}

function noMutual(supported: readonly unknown[]): McpError {
  const theirs = supported.slice(0, 10).map(String).join(', ').slice(0, 200);
  return new McpError('unsupportedVersion', `The server speaks none of our versions: ${theirs}`, {
    data: { supported },
  });
}
