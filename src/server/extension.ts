import type { Io, Middleware, Notification, Peer, Request, Result } from '../exchange.js';
import type { JsonObject } from '../json-rpc/message.js';
import type { Limits } from '../limits.js';
import type { Platform } from '../platform/platform.js';
import { extensionSettings, missingExtension, refuseExtensionIds } from '../protocol/extensions.js';
import type { MethodRow, MethodRows } from '../protocol/methods.js';
import type { Changes } from './changes.js';
import type { Kept } from './kept.js';
import type { Handler } from './parts.js';
import type { RunRound, SealedRounds } from './rounds.js';
import type { TaskRunner } from './tasks/runner.js';

/**
 * Something beyond the protocol's core that a server offers. Off unless it is given to
 * `createServer`, and for each request unless its caller declares it too.
 */
export interface Extension extends ExtensionParts {
  /** A prefix and a name, such as `com.example/weather`. */
  readonly id: string;
  /** What the server declares with it. Default: {}. */
  readonly settings?: JsonObject;
  /** Makes the parts that need the server. Called once, when one is made with the extension. */
  readonly open?: (host: ExtensionHost) => ExtensionParts;
}

export interface ExtensionParts {
  readonly methods?: readonly ExtensionHandler[];
  /** Sees every request, whoever sends it. */
  readonly middleware?: Middleware;
  /** Members of the filter of `subscriptions/listen` that it adds. */
  readonly listens?: readonly ListenMember[];
  /** Tools that callers without the extension neither see nor call. */
  readonly hidesTool?: (tool: JsonObject) => boolean;
  /** Runs calls of tools with a `task` option. */
  readonly tasks?: TaskRunner;
  readonly close?: () => void;
}

export interface ExtensionHandler {
  /** What the method looks like; see `extensionMethod`. */
  readonly row: MethodRow;
  readonly handle: Handler;
}

/** Notices about single things, to those who named them in the filter's member. */
export interface ListenMember {
  readonly member: string;
  /** Those of the things asked for that this caller may be told of. */
  readonly honour: (asked: unknown, io: Io) => Promise<readonly string[]>;
  /**
   * What a notice about a thing would say now, for those that another node did not tell whole, or
   * that were missed. Without it nothing is told of them.
   */
  readonly look?: (item: string, io: Io) => Promise<Notification | undefined>;
}

/** What a server lends to its extensions. */
export interface ExtensionHost {
  readonly limits: Limits;
  readonly platform: Platform;
  readonly changes: Changes;
  /** Where the server keeps what outlives requests, and with whom it shares that. */
  readonly kept: Kept;
  readonly report: (thrown: unknown, request: Request) => void;
  readonly rounds: SealedRounds;
  /** Throws what a `tools/call` of this caller would be refused with, scopes included. */
  readonly refuseTool: (request: Request, io: Io) => void;
  /** Runs the tool that a `tools/call` names, however its rounds are to be run. */
  readonly runTool: (request: Request, io: Io, runRound: RunRound) => Promise<Result>;
}

/** Which tools a caller sees. Equal keys stand for equal lists. */
export interface ToolView {
  readonly key: string;
  readonly hides: (tool: JsonObject) => boolean;
}

/** All extensions of one server, opened. */
export interface Extensions {
  /** For the server's own declaration; nothing where there are none. */
  readonly declared: { readonly [id: string]: JsonObject } | undefined;
  readonly rows: MethodRows;
  /** Handlers that refuse callers without the extension. */
  readonly handlers: ReadonlyMap<string, Handler>;
  readonly middleware: readonly Middleware[];
  readonly listens: readonly ListenMember[];
  readonly tasks: TaskRunner | undefined;
  viewOf(peer: Peer): ToolView | undefined;
  close(): void;
}

export function openExtensions(given: readonly Extension[], host: ExtensionHost): Extensions {
  const opened = given.map((extension) => ({
    id: extension.id,
    settings: extension.settings ?? {},
    parts: { ...extension, ...extension.open?.(host) } as ExtensionParts,
  }));
  refuseExtensionIds(opened.map(({ id }) => id));
  const methods = opened.flatMap(({ id, parts }) =>
    (parts.methods ?? []).map(({ row, handle }) => ({ row, handle: gated(id, handle) })),
  );
  const hiding = opened.filter(({ parts }) => parts.hidesTool !== undefined);

  return {
    declared:
      opened.length === 0
        ? undefined
        : Object.fromEntries(opened.map(({ id, settings }) => [id, settings])),
    rows: new Map(methods.map(({ row }) => [row.method, row])),
    handlers: new Map(methods.map(({ row, handle }) => [row.method, handle])),
    middleware: opened.flatMap(({ parts }) => parts.middleware ?? []),
    listens: opened.flatMap(({ id, parts }) =>
      (parts.listens ?? []).map((listen) => ({ ...listen, honour: gated(id, listen.honour) })),
    ),
    tasks: opened.find(({ parts }) => parts.tasks !== undefined)?.parts.tasks,
    viewOf(peer) {
      const lacking = hiding.filter(({ id }) => !declares(peer, id));
      if (lacking.length === 0) return undefined;
      return {
        key: lacking.map(({ id }) => id).join(' '),
        hides: (tool) => lacking.some(({ parts }) => parts.hidesTool!(tool)),
      };
    },
    close() {
      for (const { parts } of opened) parts.close?.();
    },
  };
}

/** Whether the caller declares the extension with this very request. */
export function declares(peer: Peer, id: string): boolean {
  return extensionSettings(peer.capabilities, id) !== undefined;
}

function gated<A, R>(id: string, next: (given: A, io: Io) => R): (given: A, io: Io) => R {
  return (given, io) => {
    if (!declares(io.peer, id)) throw missingExtension(id);
    return next(given, io);
  };
}
