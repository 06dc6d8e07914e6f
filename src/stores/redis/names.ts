import { createHash } from 'node:crypto';
import type { StreamKey } from '../event-store.js';

/** The keys of one session; the braces put all of them into one slot. */
export interface SessionNames {
  readonly record: string;
  /** Which streams there are, and how many bytes each has. */
  readonly index: string;
  /** Those that are finished, and since when. */
  readonly finished: string;
}

export interface StreamNames extends SessionNames {
  /** Who writes it and how far it has come. */
  readonly state: string;
  readonly events: string;
  /** Who watches it is told here. */
  readonly channel: string;
}

/** How everything is called in Redis. */
export interface Names {
  session(principal: string, hash: string): SessionNames;
  stream(key: StreamKey): StreamNames;
  /** When the sessions of one caller, or of all, were seen last. */
  seen(countedAs?: string): string;
  task(owner: string, id: string): string;
  /** The tasks of one owner in their order. */
  tasksOf(owner: string): string;
  /** When the time of each task is over. */
  readonly taskEnds: string;
  /** How many tasks there were ever. */
  readonly taskCount: string;
  readonly keys: string;
  rate(name: string): string;
  lease(node: string): string;
  /** Where one node is asked. */
  node(name: string): string;
  /** Where all nodes are told. */
  readonly all: string;
}

/** What follows the name of a session; that of a stream comes after the last three. */
export const endings = {
  index: ':index',
  finished: ':finished',
  state: ':state:',
  events: ':events:',
  channel: ':changed:',
} as const;

export function namesFor(prefix: string): Names {
  const session = (principal: string, hash: string): SessionNames => {
    const base = `${prefix}{${digest(hash, principal)}}`;
    const { index, finished } = endings;
    return { record: base, index: `${base}${index}`, finished: `${base}${finished}` };
  };
  return {
    session,
    stream({ principal, session: hash, stream }) {
      const names = session(principal, hash);
      const of = (ending: string): string => `${names.record}${ending}${stream}`;
      const { state, events, channel } = endings;
      return { ...names, state: of(state), events: of(events), channel: of(channel) };
    },
    seen: (countedAs) =>
      countedAs === undefined ? `${prefix}seen` : `${prefix}seen:${digest(countedAs)}`,
    task: (owner, id) => `${prefix}task:${digest(owner, id)}`,
    tasksOf: (owner) => `${prefix}tasks:${digest(owner)}`,
    taskEnds: `${prefix}task-ends`,
    taskCount: `${prefix}task-count`,
    keys: `${prefix}keys`,
    rate: (name) => `${prefix}rate:${name}`,
    lease: (node) => `${prefix}lease:${node}`,
    node: (name) => `${prefix}node:${name}`,
    all: `${prefix}nodes`,
  };
}

/** The same for the same parts only, however they are cut; and no name of a person to read. */
export function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
