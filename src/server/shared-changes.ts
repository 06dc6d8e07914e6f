import type { Notification } from '../exchange.js';
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import type { Limits } from '../limits.js';
import type { Clock } from '../platform/clock.js';
import type { Cluster } from '../stores/cluster-store.js';
import type { Kept } from './kept.js';
import { type Change, keyOf, type SharedChanges } from './changes.js';

const topic = 'change';

/**
 * Once there are other nodes: tells them what changes here, once a turn, and those who listen here
 * what the others told. The returned function ends it.
 */
export function sharedBy(
  kept: Kept,
  changes: SharedChanges,
  clock: Clock,
  limits: Limits,
): () => void {
  return kept.onShared(({ cluster }) => shareChanges(changes, cluster, clock, limits));
}

function shareChanges(
  changes: SharedChanges,
  cluster: Cluster,
  clock: Clock,
  limits: Limits,
): () => void {
  const waiting = new Map<string, Change>();
  const flush = (): void => {
    if (waiting.size === 0) return;
    const all = [...waiting.values()].map((change) => shortened(change, limits));
    waiting.clear();
    cluster.tell(topic, { changes: all });
  };
  changes.share((change) => {
    const key = keyOf(change);
    if (waiting.size === 0) clock.nextTurn(flush);
    // In the order in which the newest ones were told.
    waiting.delete(key);
    waiting.set(key, change);
    if (waiting.size >= limits.sharedChangesMax) flush();
  });
  const stops = [
    cluster.hear(topic, (body) => {
      const heard = readChanges(body, limits);
      for (const change of heard) changes.tellHere(change);
      return heard.length > 0;
    }),
    cluster.onMissed?.(() => changes.tellAnything()),
  ];
  return () => {
    for (const stop of stops) stop?.();
    changes.share(() => undefined);
  };
}

function shortened(change: Change, { sharedNoticeBytesMax }: Limits): Change {
  if (change.kind !== 'item' || change.notification === undefined) return change;
  const { kind, member, item, notification } = change;
  const isLong = JSON.stringify(notification).length > sharedNoticeBytesMax;
  return isLong ? { kind, member, item } : change;
}

/** What is understood of it: other nodes may run another version, or be broken. */
function readChanges({ changes }: JsonObject, limits: Limits): readonly Change[] {
  if (!Array.isArray(changes) || changes.length > limits.sharedChangesMax) return [];
  return changes.flatMap((change: unknown) => readChange(change, limits) ?? []);
}

function readChange(given: unknown, { uriBytesMax }: Limits): Change | undefined {
  if (!isJsonObject(given)) return undefined;
  const isName = (name: unknown): name is string =>
    typeof name === 'string' && name.length <= uriBytesMax;
  const { kind, uri, member, item } = given;
  if (kind === 'tools' || kind === 'prompts' || kind === 'resources') return { kind };
  if (kind === 'resource') return isName(uri) ? { kind, uri } : undefined;
  if (kind !== 'item' || !isName(member) || !isName(item)) return undefined;
  const notification = readNotification(given['notification']);
  return { kind, member, item, ...(notification === undefined ? {} : { notification }) };
}

/** A notification that another node sent; undefined for anything else. */
export function readNotification(given: unknown): Notification | undefined {
  if (!isJsonObject(given) || typeof given['method'] !== 'string') return undefined;
  const { method, params } = given;
  return isJsonObject(params) ? { method, params } : { method };
}
