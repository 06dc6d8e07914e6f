import type { Io, Principal, Request, Result } from '../exchange.js';
import type { JsonObject } from '../json-rpc/message.js';
import { createPagedList, type PagedList } from './paging.js';
import type { ServerParts } from './parts.js';
import { maySee, type Needed } from './scopes.js';

/** Something a server offers, which can be changed and taken back while it runs. */
export interface Registration<Options> {
  readonly name: string;
  /** Replaces some options; connected clients are told. */
  update(options: Partial<Options>): void;
  remove(): void;
}

export interface RegistryKind {
  /** What one entry is called in errors. */
  readonly what: string;
  /** The member of a list result that holds the entries. */
  readonly member: string;
  readonly change: 'tools' | 'prompts' | 'resources';
}

/** The tools, prompts or resources of a server, by name, in the order of their registration. */
export interface Registry<Entry> {
  get(name: string): Entry | undefined;
  entries(): Iterable<Entry>;
  /** `ready` makes an entry of options: at once, and again at every update. */
  add<Options>(
    name: string,
    options: Options,
    ready: (options: Options) => Entry,
  ): Registration<Options>;
  /** Answers a request for a list: what its caller may see, without what `view` hides. */
  page(request: Request, io: Io, view?: View): Result;
}

/** A part of the entries. Equal keys stand for equal parts. */
export interface View {
  readonly key: string;
  readonly hides: (item: JsonObject) => boolean;
}

interface Listed {
  readonly item: JsonObject;
  readonly scopes: Needed;
}

export function createRegistry<Entry extends Listed>(
  kind: RegistryKind,
  parts: ServerParts,
): Registry<Entry> {
  const { what } = kind;
  const { itemsMax, pageItemsMax, listViewsMax } = parts.limits;
  const entries = new Map<string, Entry>();
  /** By what their callers see: those with the same scopes, among those that matter, share one. */
  const lists = new Map<string, PagedList>();
  let known: ReadonlySet<string> | undefined;
  const keyOf = ({ scopes }: Principal, view: View | undefined): string => {
    if (scopes === undefined) return `all ${view?.key}`;
    known ??= new Set([...entries.values()].flatMap((entry) => entry.scopes ?? []));
    const some = [...new Set(scopes)].filter((scope) => known?.has(scope) === true);
    return `${some.toSorted().join(' ')}\n${view?.key}`;
  };
  const listOf = (principal: Principal, view: View | undefined): PagedList => {
    const key = keyOf(principal, view);
    let list = lists.get(key);
    if (list === undefined) {
      const items = (): (readonly [string, JsonObject])[] =>
        [...entries].flatMap(([name, { item, scopes }]) =>
          !maySee(scopes, principal) || view?.hides(item) === true ? [] : [[name, item] as const],
        );
      // What depends on who asks is nobody else's to keep.
      const isOwn = principal.scopes !== undefined;
      const hints = (): JsonObject =>
        isOwn ? { ...parts.listHints(), cacheScope: 'private' } : parts.listHints();
      list = createPagedList(kind.member, items, pageItemsMax, hints);
      const oldest = lists.size >= listViewsMax ? lists.keys().next().value : undefined;
      if (oldest !== undefined) lists.delete(oldest);
      lists.set(key, list);
    }
    return list;
  };
  let isReported = false;
  const reportUnmapped = (request: Request, { peer }: Io): void => {
    if (isReported || peer.principal.scopes === undefined) return;
    const name = [...entries].find(([, { scopes }]) => scopes === undefined)?.[0];
    if (name === undefined) return;
    isReported = true;
    parts.report(unmapped(what, name), request);
  };
  const changed = (): void => {
    known = undefined;
    isReported = false;
    for (const list of lists.values()) list.changed();
    parts.changes.tell({ kind: kind.change });
  };

  return {
    get: (name) => entries.get(name),
    entries: () => entries.values(),
    add(name, options, ready) {
      if (entries.has(name)) throw new TypeError(`There is a ${what} named "${name}" already`);
      if (entries.size >= itemsMax)
        throw new RangeError(`A server has at most ${itemsMax} ${what}s`);
      let current = options;
      entries.set(name, ready(current));
      changed();
      return {
        name,
        update(changes) {
          if (!entries.has(name)) return;
          current = { ...current, ...changes };
          entries.set(name, ready(current));
          changed();
        },
        remove() {
          if (entries.delete(name)) changed();
        },
      };
    },
    page(request, io, view) {
      reportUnmapped(request, io);
      const cursor = request.params?.['cursor'] as string | undefined;
      return listOf(io.peer.principal, view).page(cursor);
    },
  };
}

// Nobody misses what lists do not show, least of all its author, who tries it without tokens.
function unmapped(what: string, name: string): TypeError {
  return new TypeError(
    `The ${what} "${name}" has no scopes, so that no caller sees it. Give it ` +
      "scopes: ['files:read'], or scopes: [] for everybody who may call this server at all",
  );
}
