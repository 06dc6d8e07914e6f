/** Import edges of a set of sources, and the rules over them. Each rule returns its complaints. */
import { posix } from 'node:path';
import { Visitor } from 'oxc-parser';
import { browserEntrances, ladder, nodePlaces, packages, storeUsers, strangers } from './ladder.js';
import { lineOf, type Source } from './source.js';

export interface Edge {
  readonly from: string;
  readonly line: number;
  /** A path relative to the sources, or the name of an outside module. */
  readonly to: string;
  readonly inside: boolean;
  readonly kind: 'value' | 'type' | 'lazy';
}

export function importEdges(sources: readonly Source[]): Edge[] {
  return sources.flatMap((source) => [...edgesOf(source)]);
}

function* edgesOf(source: Source): Generator<Edge> {
  const { staticImports, staticExports, dynamicImports } = source.tree.module;
  for (const { start, moduleRequest, entries } of staticImports) {
    const typeOnly = entries.length > 0 && entries.every((entry) => entry.isType);
    yield edge(source, start, moduleRequest.value, typeOnly ? 'type' : 'value');
  }
  for (const { start, entries } of staticExports) {
    const request = entries.find((entry) => entry.moduleRequest !== null)?.moduleRequest?.value;
    if (request === undefined) continue;
    yield edge(source, start, request, entries.every((entry) => entry.isType) ? 'type' : 'value');
  }
  for (const { start, moduleRequest } of dynamicImports) {
    const quoted = source.text.slice(moduleRequest.start, moduleRequest.end);
    const isNamed = /^['"]/.test(quoted);
    yield edge(source, start, isNamed ? quoted.slice(1, -1) : '<computed>', 'lazy');
  }
  const importTypes: Edge[] = [];
  new Visitor({
    TSImportType(node) {
      importTypes.push(edge(source, node.start, node.source.value, 'type'));
    },
  }).visit(source.tree.program);
  yield* importTypes;
}

function edge(source: Source, offset: number, specifier: string, kind: Edge['kind']): Edge {
  const inside = specifier.startsWith('.');
  const joined = posix.join(posix.dirname(source.path), specifier).replace(/\.js$/, '.ts');
  const to = inside ? joined : specifier;
  return { from: source.path, line: lineOf(source, offset), to, inside, kind };
}

/** The room of a file and the number of its row, counted from the top; row -1 has no place. */
export function roomOf(path: string, indexes: ReadonlySet<string>): { room: string; row: number } {
  const own = ladder
    .flatMap((rooms, row) => rooms.map((room) => ({ room, row })))
    .filter(({ room }) => matches(path, room))
    .toSorted((one, other) => other.room.length - one.room.length)[0];
  const index = ladder.findIndex((rooms) => rooms.includes('<index>'));
  // The index of a folder above the composing row belongs to that folder.
  if (indexes.has(path) && !(own && own.row < index)) return { room: '<index>', row: index };
  return own ?? { room: path, row: -1 };
}

function matches(path: string, room: string): boolean {
  const [head = '', tail] = room.split('*');
  if (tail !== undefined) return path.startsWith(head) && path.endsWith(tail);
  return room.endsWith('/') ? path.startsWith(room) : path === room;
}

/** Rule 1: rooms see rooms below, never beside or above; some pairs never meet. */
export function brokenLayers(edges: readonly Edge[], indexes: ReadonlySet<string>): string[] {
  return edges
    .filter((one) => one.inside)
    .flatMap((one) => {
      const [from, to] = [roomOf(one.from, indexes), roomOf(one.to, indexes)];
      const stranger = strangers.find(
        ([here, there]) => one.from.startsWith(here) && one.to.startsWith(there),
      );
      if (from.row < 0) return [`src/${one.from} stands in no room of the ladder`];
      if (to.row < 0) return [complaint(one, 'which stands in no room of the ladder')];
      if (stranger) return [complaint(one, `but ${stranger[2]}`)];
      if (from.room === to.room && from.room !== '<index>') return [];
      if (from.row < to.row) return [];
      const where = from.row === to.row ? 'a neighbour' : 'above';
      return [complaint(one, `which is ${where}: ${from.room} may not see ${to.room}`)];
    });
}

/** Rule 2: modules of Node in few places, and none reachable from what a browser loads. */
export function brokenRuntimes(edges: readonly Edge[]): string[] {
  const misplaced = edges
    .filter((one) => one.to.startsWith('node:') && !within(one.from, nodePlaces))
    .map((one) => complaint(one, 'but this file must run on any runtime'));
  const reachable = browserEntrances.flatMap((entrance) =>
    staticClosure(entrance, edges)
      .filter((one) => one.to.startsWith('node:'))
      .map((one) => complaint(one, `and a browser loads it through src/${entrance}`)),
  );
  return [...misplaced, ...reachable];
}

function staticClosure(entrance: string, edges: readonly Edge[]): Edge[] {
  const seen = new Set([entrance]);
  const found: Edge[] = [];
  for (const path of seen) {
    for (const one of edges) {
      if (one.from !== path || one.kind !== 'value') continue;
      found.push(one);
      if (one.inside) seen.add(one.to);
    }
  }
  return found;
}

/** Rule 4: an implementation of a store is named only where things are put together. */
export function brokenStores(edges: readonly Edge[], indexes: ReadonlySet<string>): string[] {
  return edges
    .filter((one) => one.inside && roomOf(one.to, indexes).room === 'stores/')
    .filter((one) => !storeUsers.includes(roomOf(one.from, indexes).room))
    .map((one) => complaint(one, 'but only composing code may choose a store'));
}

/** Rule 5: no outside package in the core. */
export function brokenPackages(edges: readonly Edge[]): string[] {
  return edges
    .filter((one) => !one.inside && !one.to.startsWith('node:'))
    .flatMap((one) => {
      const row = packages.find(({ name }) => one.to === name || one.to.startsWith(`${name}/`));
      if (!row) return [complaint(one, 'which no row of test/tidy/ladder.ts allows')];
      if (!one.from.startsWith(row.where)) return [complaint(one, `allowed in ${row.where} only`)];
      if (one.kind === 'type' || row.how === 'freely') return [];
      if (row.how === 'lazily' && one.kind === 'lazy') return [];
      return [complaint(one, row.how === 'types' ? 'but only its types' : 'but not lazily')];
    });
}

function within(path: string, places: readonly string[]): boolean {
  return places.some((place) => path.startsWith(place));
}

function complaint(one: Edge, why: string): string {
  return `src/${one.from}:${one.line} imports ${one.inside ? `src/${one.to}` : one.to}, ${why}`;
}
