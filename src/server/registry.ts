import type { Result } from '../exchange.js';
import type { JsonObject } from '../json-rpc/message.js';
import { createPagedList, type PagedList } from './paging.js';
import type { ServerParts } from './parts.js';

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
  /** Without what `view` hides. */
  page(cursor: string | undefined, view?: View): Result;
}

/** A part of the entries. Equal keys stand for equal parts. */
export interface View {
  readonly key: string;
  readonly hides: (item: JsonObject) => boolean;
}

export function createRegistry<Entry extends { readonly item: JsonObject }>(
  kind: RegistryKind,
  parts: ServerParts,
): Registry<Entry> {
  const { what } = kind;
  const { itemsMax, pageItemsMax } = parts.limits;
  const entries = new Map<string, Entry>();
  const lists = new Map<string | undefined, PagedList>();
  const listOf = (view: View | undefined): PagedList => {
    let list = lists.get(view?.key);
    if (list === undefined) {
      const items = (): (readonly [string, JsonObject])[] =>
        [...entries].flatMap(([name, { item }]) =>
          view?.hides(item) === true ? [] : [[name, item] as const],
        );
      list = createPagedList(kind.member, items, pageItemsMax, parts.listHints);
      lists.set(view?.key, list);
    }
    return list;
  };
  const changed = (): void => {
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
    page: (cursor, view) => listOf(view).page(cursor),
  };
}
