import type { Exchange, Io, Notification, Principal } from '../exchange.js';
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import type { Change, Changes } from './changes.js';
import type { ListenMember } from './extension.js';

/** Which notices a server can send, by the member of the filter that asks for them. */
export interface Offered {
  readonly toolsListChanged: boolean;
  readonly promptsListChanged: boolean;
  readonly resourcesListChanged: boolean;
  readonly resourceSubscriptions: boolean;
}

/**
 * `subscriptions/listen`: acknowledges the part of the filter that it honours, then tells of
 * changes until the caller goes or the server closes (2026-07-28 basic/patterns/subscriptions).
 * Extensions add `members` to the filter.
 */
export function createListen(
  changes: Changes,
  offered: () => Offered,
  mayWatch: (uri: string, principal: Principal) => boolean,
  members: readonly ListenMember[] = [],
): Exchange {
  return async (request, io) => {
    const asked = request.params?.['notifications'];
    const mayTell = (uri: string): boolean => mayWatch(uri, io.peer.principal);
    const own = honoured(asked, offered(), mayTell);
    const filter = { ...own, ...(await honouredBy(members, asked, io)) };
    // Changes that happen while the acknowledgement is on its way must not be missed.
    const waiting = new Map<string, Notification>();
    let sending = true;
    const send = async (): Promise<void> => {
      sending = true;
      try {
        // A notice that waits stands for all later ones of its kind: only the newest state matters.
        for (const [key, notification] of waiting) {
          waiting.delete(key);
          await io.emit(notification);
        }
      } finally {
        sending = false;
      }
    };
    const stop = changes.listen((change) => {
      const notification = noticeOf(change, filter);
      if (notification === undefined) return;
      // Since it was asked for, the caller or the resource may have become another.
      if (change.kind === 'resource' && !mayTell(change.uri)) return;
      waiting.set(keyOf(change), notification);
      if (!sending) void send();
    });
    try {
      await io.emit({
        method: 'notifications/subscriptions/acknowledged',
        params: { notifications: filter },
      });
      void send();
      await aborted(io.signal);
      return {};
    } finally {
      stop();
    }
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function honoured(asked: unknown, offered: Offered, mayTell: (uri: string) => boolean): JsonObject {
  if (!isJsonObject(asked)) return {};
  const filter: { [type: string]: unknown } = {};
  for (const type of ['toolsListChanged', 'promptsListChanged', 'resourcesListChanged'] as const) {
    if (asked[type] === true && offered[type]) filter[type] = true;
  }
  const uris = asked['resourceSubscriptions'];
  if (Array.isArray(uris) && offered.resourceSubscriptions) {
    filter['resourceSubscriptions'] = uris.filter(mayTell);
  }
  return filter;
}

async function honouredBy(
  members: readonly ListenMember[],
  asked: unknown,
  io: Io,
): Promise<JsonObject> {
  const filter: { [member: string]: readonly string[] } = {};
  for (const { member, honour } of members) {
    const items = isJsonObject(asked) ? asked[member] : undefined;
    if (items !== undefined) filter[member] = await honour(items, io);
  }
  return filter;
}

// Newer notices with the same key take the place of those that still wait.
function keyOf(change: Change): string {
  if (change.kind === 'resource') return change.uri;
  return change.kind === 'item' ? `${change.member} ${change.item}` : change.kind;
}

const listNotices = {
  tools: ['toolsListChanged', 'notifications/tools/list_changed'],
  prompts: ['promptsListChanged', 'notifications/prompts/list_changed'],
  resources: ['resourcesListChanged', 'notifications/resources/list_changed'],
} as const;

function noticeOf(change: Change, filter: JsonObject): Notification | undefined {
  if (change.kind === 'item') {
    const items = filter[change.member] as readonly string[] | undefined;
    return items?.includes(change.item) === true ? change.notification : undefined;
  }
  if (change.kind === 'resource') {
    const uris = filter['resourceSubscriptions'] as readonly string[] | undefined;
    if (uris === undefined || !uris.includes(change.uri)) return undefined;
    return { method: 'notifications/resources/updated', params: { uri: change.uri } };
  }
  const [type, method] = listNotices[change.kind];
  return filter[type] === true ? { method } : undefined;
}
