import { cancelled, cancellingOf } from '../engine/cancelling.js';
import type { Exchange, Io, Notification, Principal } from '../exchange.js';
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import { type Change, type Changes, keyOf } from './changes.js';
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
    const filter =
      members.length === 0 ? own : { ...own, ...(await honouredBy(members, asked, io)) };
    // Changes that happen while the acknowledgement is on its way must not be missed.
    const waiting = new Map<string, Change>();
    let sending = true;
    const send = async (): Promise<void> => {
      sending = true;
      try {
        // A notice that waits stands for all later ones of its kind: only the newest state matters.
        for (const [key, change] of waiting) {
          waiting.delete(key);
          const notification = noticeOf(change) ?? (await lookFor(change, members, io));
          if (notification !== undefined) await io.emit(notification);
        }
      } finally {
        sending = false;
      }
    };
    const heard = (change: Change): void => {
      if (!isAskedFor(change, filter)) return;
      // Since it was asked for, the caller or the resource may have become another.
      if (change.kind === 'resource' && !mayTell(change.uri)) return;
      waiting.set(keyOf(change), change);
      if (!sending) void send();
    };
    const stop = changes.listen(heard, () => allAskedFor(filter, members).forEach(heard));
    try {
      await io.emit({
        method: 'notifications/subscriptions/acknowledged',
        params: { notifications: filter },
      });
      void send();
      await cancelled(cancellingOf(io));
      return {};
    } finally {
      stop();
    }
  };
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

const listNotices = {
  tools: ['toolsListChanged', 'notifications/tools/list_changed'],
  prompts: ['promptsListChanged', 'notifications/prompts/list_changed'],
  resources: ['resourcesListChanged', 'notifications/resources/list_changed'],
} as const;

function isAskedFor(change: Change, filter: JsonObject): boolean {
  if (change.kind !== 'item' && change.kind !== 'resource') {
    return filter[listNotices[change.kind][0]] === true;
  }
  const [member, one] =
    change.kind === 'item' ? [change.member, change.item] : ['resourceSubscriptions', change.uri];
  return (filter[member] as readonly string[] | undefined)?.includes(one) === true;
}

/** One change of each thing that is asked for. */
function allAskedFor(filter: JsonObject, members: readonly ListenMember[]): readonly Change[] {
  const listed = (member: string): readonly string[] => (filter[member] ?? []) as readonly string[];
  return [
    ...(['tools', 'prompts', 'resources'] as const).map((kind) => ({ kind })),
    ...listed('resourceSubscriptions').map((uri) => ({ kind: 'resource' as const, uri })),
    ...members.flatMap(({ member }) =>
      listed(member).map((item) => ({ kind: 'item' as const, member, item })),
    ),
  ];
}

function noticeOf(change: Change): Notification | undefined {
  if (change.kind === 'item') return change.notification;
  if (change.kind !== 'resource') return { method: listNotices[change.kind][1] };
  return { method: 'notifications/resources/updated', params: { uri: change.uri } };
}

/** What a notice would say that another node did not tell whole; nothing when nobody can say. */
async function lookFor(
  change: Change,
  members: readonly ListenMember[],
  io: Io,
): Promise<Notification | undefined> {
  if (change.kind !== 'item') return undefined;
  const { look } = members.find(({ member }) => member === change.member) ?? {};
  return look?.(change.item, io).catch(() => undefined);
}
