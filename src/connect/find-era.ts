import type { Client } from '../client/client.js';
import type { Link } from '../engine/link.js';
import { abortError } from '../engine/pending.js';
import {
  type Found,
  judgeProbe,
  type ModernVerdict,
  type Probe,
  probe,
  tellsOfEra,
} from '../eras/probe.js';
import { McpError } from '../errors.js';
import { legacyClient, modernClient } from './era-clients.js';
import { type Memory, noMemory, recall } from './memory.js';
import type { ClosableOpener } from './open-target.js';
import type { Parts } from './options.js';

/** Speaks the era that the server was found to speak, or finds it out. */
export async function findEra(opener: ClosableOpener, parts: Parts): Promise<Client> {
  const { era = 'auto' } = parts.options;
  const memory = era === 'auto' ? await recall(opener, parts) : noMemory;
  const insists = era === 'legacy';
  if (!insists && memory.known?.era !== 'legacy') return findOut(opener, parts, memory);
  try {
    const { openOld } = opener;
    const isOld = memory.known?.isOld === true && openOld !== undefined;
    return await legacyClient(await (isOld ? openOld() : opener.open()), opener, parts, {
      memory,
      isOld,
    });
  } catch (thrown) {
    memory.forget();
    if (insists || !mayHaveChanged(thrown) || parts.options.signal?.aborted === true) throw thrown;
  }
  await opener.close();
  return findOut(opener, parts, memory);
}

/** Asks the server what it is and makes a client of the link. */
async function findOut(opener: ClosableOpener, parts: Parts, memory: Memory): Promise<Client> {
  const { era, signal } = parts.options;
  const link = await opener.open();
  const asked = probe(link, parts.caller, parts);
  try {
    const found = await asked.inTime;
    if (signal?.aborted === true) throw abortError(signal);
    const verdict = judgeProbe(found, { isHttp: opener.isHttp, mayFallBack: era !== 'modern' });
    if (verdict.era === 'refused') throw verdict.error;
    if (verdict.era === 'modern') return await modernClient(link, verdict, opener, parts, memory);
    if (verdict.isSilent === true) return await eitherClient(link, asked, opener, parts, memory);
    // A server that died of the question is asked the old way, from its start.
    const { ended } = verdict;
    const next = ended === undefined ? link : await reopen(opener, ended);
    return await legacyClient(next, opener, parts, { memory });
  } finally {
    asked.stop();
  }
}

/** Of a silent server, which may only be slow: what it answers first tells what it is. */
async function eitherClient(
  link: Link,
  asked: Probe,
  opener: ClosableOpener,
  parts: Parts,
  memory: Memory,
): Promise<Client> {
  const { clock } = parts.platform;
  const judge = (found: Found): ModernVerdict | undefined => {
    const verdict = judgeProbe(found, { isHttp: false, mayFallBack: true });
    return verdict.era === 'modern' ? verdict : undefined;
  };
  const late = asked.answer.then(judge).catch(() => undefined);
  const isLate = late.then((verdict) => verdict ?? never());
  const giveUp = new AbortController();
  const handshake = legacyClient(link, opener, parts, { memory, signal: giveUp.signal }).catch(
    (thrown: unknown) => McpError.from(thrown),
  );
  const first = await Promise.race([isLate, handshake]);
  if (first instanceof McpError) {
    // One that answers with a refusal may answer the question, too.
    const stop = clock.after(parts.limits.probeMs, asked.stop, { holdsProcess: true });
    const verdict = mayHaveChanged(first) ? await late.finally(stop) : undefined;
    stop();
    if (verdict !== undefined) return modernClient(link, verdict, opener, parts, memory);
    // It had not even read the question when it was taken for silent, and then died of it.
    if (!isEnd(first)) throw first;
    return legacyClient(await reopen(opener, first), opener, parts, { memory });
  }
  if (!('era' in first)) return first;
  giveUp.abort();
  return modernClient(link, first, opener, parts, memory);
}

/** A second connection to a server that ended the first, and `why`. */
function reopen(opener: ClosableOpener, why: McpError): Promise<Link> {
  return opener.open().catch((thrown: unknown) => {
    throw thrown instanceof McpError && thrown.kind === 'connectionClosed' ? why : thrown;
  });
}

function mayHaveChanged(thrown: unknown): boolean {
  return thrown instanceof McpError && (tellsOfEra(thrown) || isEnd(thrown));
}

function isEnd({ kind }: McpError): boolean {
  return kind === 'outcomeUnknown' || kind === 'connectionClosed';
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
