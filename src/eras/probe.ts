import type { Link } from '../engine/link.js';
import { McpError } from '../errors.js';
import type { Io, Result } from '../exchange.js';
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
}

/** What came of asking a server what it is. */
export type Found = Result | McpError;

export type ProbeVerdict =
  | { readonly era: 'modern'; readonly discovered: JsonObject }
  | { readonly era: 'legacy'; readonly connectionEnded: boolean }
  | { readonly era: 'refused'; readonly error: McpError };

/** Asks `server/discover`; a server that names other versions is asked again in one of those. */
export async function probe(link: Link, caller: Caller, parts: ProbeParts): Promise<Found> {
  const first = await ask(link, caller, parts);
  if (!(first instanceof McpError) || first.kind !== 'unsupportedVersion') return first;
  const version = mutualVersion(first);
  return version === undefined ? first : ask(link, { ...caller, protocolVersion: version }, parts);
}

async function ask(link: Link, caller: Caller, parts: ProbeParts): Promise<Found> {
  const { clock } = parts.platform;
  const controller = new AbortController();
  const { signal } = parts.options;
  const forward = (): void => controller.abort(signal?.reason);
  if (signal?.aborted === true) forward();
  signal?.addEventListener('abort', forward, { once: true });
  // A server that is silent on a question it does not know is an old one.
  const stop = clock.after(
    parts.limits.probeMs,
    () => controller.abort(new McpError('timeout', 'No answer to server/discover')),
    { holdsProcess: true },
  );
  const io: Io = {
    signal: controller.signal,
    peer: { principal: { id: 'server' }, protocolVersion: '', capabilities: {} },
    emit: () => undefined,
  };
  try {
    const request = { id: parts.nextId(), method: 'server/discover' };
    return await callModern(link.exchange, caller)(request, io);
  } catch (thrown) {
    return McpError.from(thrown);
  } finally {
    stop();
    signal?.removeEventListener('abort', forward);
  }
}

export interface JudgeOptions {
  readonly isHttp: boolean;
  readonly mayFallBack: boolean;
}

/** Tells from the answer to the probe which era a server speaks (2026-07-28 basic/versioning). */
export function judgeProbe(found: Found, { isHttp, mayFallBack }: JudgeOptions): ProbeVerdict {
  if (!(found instanceof McpError)) {
    if (isDiscovered(found)) return { era: 'modern', discovered: found };
    return mayFallBack ? legacy() : refused(notModern());
  }
  if (!mayFallBack) return refused(found);
  if (found.kind === 'unsupportedVersion') {
    return namesLegacy(found) ? legacy() : refused(found);
  }
  if (isModernRefusal(found)) return refused(found);
  if (!isHttp) {
    const ended = found.kind === 'outcomeUnknown' || found.kind === 'connectionClosed';
    return legacy(ended);
  }
  // Refused credentials, outages and silence say nothing of the era: no downgrade for those.
  return noEvidence.has(found.kind) ? refused(found) : legacy();
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

function isDiscovered(result: Result): boolean {
  if (!Array.isArray(result['supportedVersions'])) return false;
  methodRow('server/discover')?.checkResult(result);
  return true;
}

function isModernRefusal({ kind }: McpError): boolean {
  return kind === 'headerMismatch' || kind === 'missingClientCapability';
}

function supportedBy(error: McpError): readonly unknown[] {
  const { data } = error;
  return isJsonObject(data) && Array.isArray(data['supported']) ? data['supported'] : [];
}

function mutualVersion(error: McpError): string | undefined {
  const supported = supportedBy(error);
  return modernRevisions.find((version) => supported.includes(version));
}

function namesLegacy(error: McpError): boolean {
  return supportedBy(error).some((v) => typeof v === 'string' && eraOf(v) === 'legacy');
}

function legacy(connectionEnded = false): ProbeVerdict {
  return { era: 'legacy', connectionEnded };
}

function refused(error: McpError): ProbeVerdict {
  return { era: 'refused', error };
}

function notModern(): McpError {
  return new McpError('unsupportedVersion', 'The server does not speak the stateless era');
}
