import { cancellingOf } from '../engine/cancelling.js';
import type { Io, Notification, Principal, Result } from '../exchange.js';
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import { type Change, type ChangeListener, type Changes, keyOf } from './changes.js';
import type { ListenMember } from './extension.js';
import type { Handler } from './parts.js';

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
): Handler {
  const shared: Shared = { changes, mayWatch, members };
  return (request, io) => {
    const asked = request.params?.['notifications'];
    const mayTell = (uri: string): boolean => mayWatch(uri, io.peer.principal);
    const filter = honoured(asked, offered(), mayTell);
    const listen = (more?: JsonObject): Promise<Result> =>
      new Listening(shared, more === undefined ? filter : { ...filter, ...more }, io).untilOver();
    return members.length === 0 ? listen() : honouredBy(members, asked, io).then(listen);
  };
}

/** What all who listen to a server have in common. */
interface Shared {
  readonly changes: Changes;
  readonly mayWatch: (uri: string, principal: Principal) => boolean;
  readonly members: readonly ListenMember[];
}

// Small, because a server holds many that hear of nothing.
class Listening implements ChangeListener {
  readonly #shared: Shared;
  readonly #filter: JsonObject;
  readonly #io: Io;
  /** What is to be told; undefined until there was something. */
  #waiting: Map<string, Change> | undefined;
  // Changes that happen while the acknowledgement is on its way must not be missed.
  #isSending = true;
  #over: ((result: Result) => void) | undefined;

  constructor(shared: Shared, filter: JsonObject, io: Io) {
    this.#shared = shared;
    this.#filter = filter;
    this.#io = io;
  }

  /** Acknowledges and tells of changes; resolves when that is cancelled. */
  untilOver(): Promise<Result> {
    const { changes } = this.#shared;
    const cancelling = cancellingOf(this.#io);
    changes.listen(this);
    return new Promise((resolve, reject) => {
      this.#over = resolve;
      // Whoever closes does not wait for who is slow to take the acknowledgement.
      if (cancelling.aborted) this.handleEvent();
      else cancelling.addEventListener('abort', this, { once: true });
      this.#begin().catch((thrown: unknown) => {
        cancelling.removeEventListener('abort', this);
        changes.ignore(this);
        reject(thrown);
      });
    });
  }

  async #begin(): Promise<void> {
    await this.#io.emit({
      method: 'notifications/subscriptions/acknowledged',
      params: { notifications: this.#filter },
    });
    void this.#send();
  }

  /** It was cancelled. */
  handleEvent(): void {
    this.#shared.changes.ignore(this);
    this.#over?.({});
  }

  hear(change: Change): void {
    if (!isAskedFor(change, this.#filter)) return;
    // Since it was asked for, the caller or the resource may have become another.
    const { mayWatch } = this.#shared;
    if (change.kind === 'resource' && !mayWatch(change.uri, this.#io.peer.principal)) return;
    (this.#waiting ??= new Map()).set(keyOf(change), change);
    if (!this.#isSending) void this.#send();
  }

  hearAnything(): void {
    for (const change of allAskedFor(this.#filter, this.#shared.members)) this.hear(change);
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    try {
      // A notice that waits stands for all later ones of its kind: only the newest state matters.
      for (const [key, change] of this.#waiting ?? []) {
        this.#waiting?.delete(key);
        const notification =
          noticeOf(change) ?? (await lookFor(change, this.#shared.members, this.#io));
        if (notification !== undefined) await this.#io.emit(notification);
      }
    } finally {
      this.#isSending = false;
    }
  }
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
