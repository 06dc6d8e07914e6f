import { unknownMethod } from '../errors.js';
import { compose, type Exchange, type Middleware, type Request, type Served } from '../exchange.js';
import { type Limits, resolveLimits } from '../limits.js';
import { type Platform, systemPlatform } from '../platform/platform.js';
import { quietly } from '../platform/quietly.js';
import { toBase64Url } from '../platform/random.js';
import type { Implementation } from '../protocol/modern.types.js';
import { modernRevisions } from '../protocol/revisions.js';
import type { KeptByServer } from '../stores/server-store.js';
import { createChanges, type SharedChanges } from './changes.js';
import { createCompletion } from './completion.js';
import { type Extension, type ExtensionHost, openExtensions } from './extension.js';
import { createKept, type Kept } from './kept.js';
import { capabilitiesOf, methodsOf, offeredOf } from './offers.js';
import { type Handler, type Report, type ServerParts, withReports } from './parts.js';
import { createPrompts, type PromptHandler, type PromptOptions } from './prompts.js';
import type { Registration } from './registry.js';
import { createSealer, type StateSealer } from './request-state.js';
import { createResources, type ResourceHandler, type ResourceOptions } from './resources.js';
import { createRounds } from './rounds.js';
import type { AnySchema } from './schema.js';
import { givenKeys, keysIn, readSecrets } from '../engine/sealing-keys.js';
import { sharedBy } from './shared-changes.js';
import { createListen } from './subscriptions.js';
import { createTools, type ToolHandler, type ToolOptions, type Tools } from './tools.js';

export interface ServerOptions extends Implementation {
  /** How to use this server, for the model. */
  readonly instructions?: string;
  readonly limits?: Partial<Limits>;
  /** How long clients may keep lists, and whether they may share them. Default: 0, private. */
  readonly cache?: { readonly ttlMs?: number; readonly scope?: 'public' | 'private' };
  /**
   * What callers need for whatever names no scopes itself. `[]`: nothing beyond being let in.
   * Default: where tokens are asked for, what names none is for nobody.
   */
  readonly scopes?: readonly string[];
  /**
   * 32 bytes that seal `requestState`, or some such, newest first: the first seals, all open. For
   * several nodes behind one address that share no store. Default: keys that the server renews.
   */
  readonly stateSecret?: Uint8Array | readonly Uint8Array[];
  /** Gets what handlers throw and no peer may see. Default: written to the console. */
  readonly onError?: (thrown: unknown, request: Request, about: ErrorDetails) => void;
  readonly platform?: Platform;
  /** What the server offers beyond the protocol's core. All are off by default. */
  readonly extensions?: readonly Extension[];
}

export interface ErrorDetails {
  /** What the caller was told in the error's data, to ask about it. */
  readonly reference: string;
}

/** One definition of a server, for every transport and every revision of the protocol. */
export interface Server extends Served {
  readonly info: Implementation;
  readonly limits: Limits;
  readonly platform: Platform;
  /** The server as a function, with its middleware. Transports need nothing else. */
  readonly exchange: Exchange;
  tool<In extends AnySchema, Out extends AnySchema>(
    name: string,
    options: ToolOptions<In, Out>,
    handler: ToolHandler<In, Out>,
  ): Registration<ToolOptions>;
  resource(
    uri: string,
    options: ResourceOptions,
    handler: ResourceHandler,
  ): Registration<ResourceOptions>;
  prompt<In extends AnySchema>(
    name: string,
    options: PromptOptions<In>,
    handler: PromptHandler<In>,
  ): Registration<PromptOptions>;
  /** Tells those who watch `uri` that its content changed. */
  resourceUpdated(uri: string): void;
  /** Wraps every request, the first one given seeing it first. */
  use(...middleware: readonly Middleware[]): void;
  /** Ends what outlives its requests: tasks that run, and their clocks. */
  close(): void;
}

export type CreateServer = (options: ServerOptions) => Server;

/** Makes servers that keep in what `openKept` opens whatever no store was handed over for. */
export function serverIn(openKept: (platform: Platform) => KeptByServer): CreateServer {
  return (options) => createServer(options, openKept);
}

function createServer(
  options: ServerOptions,
  openKept: (platform: Platform) => KeptByServer,
): Server {
  const { limits, platform, info } = readOptions(options);
  const shared = openShared(options, () => openKept(platform), { limits, platform });
  const { kept, changes } = shared;
  const report = createReport(options.onError ?? reportToConsole, platform);
  const rounds = createRounds(platform, shared.sealer, report);
  const host = { limits, platform, changes, kept, report, rounds, ...lend(() => tools) };
  const extensions = openExtensions(options.extensions ?? [], host);
  const parts: ServerParts = {
    limits,
    changes,
    runRound: rounds.run,
    report,
    tasks: extensions.tasks,
    viewOf: extensions.viewOf,
    scopes: options.scopes,
    listHints: () => listHintsOf(options),
  };
  const tools = createTools(parts);
  const resources = createResources(parts);
  const prompts = createPrompts(parts);
  const has = { tools: false, resources: false, prompts: false, completions: false };

  const discover: Handler = () => ({
    supportedVersions: modernRevisions,
    capabilities: capabilitiesOf(has, extensions),
    ...(options.instructions === undefined ? {} : { instructions: options.instructions }),
    ...parts.listHints(),
  });
  const sources = { prompt: prompts.completersOf, resource: resources.completersOf };
  const completion = createCompletion(sources, parts);
  const listen = createListen(
    changes,
    () => offeredOf(has),
    resources.mayWatch,
    extensions.listens,
  );
  const handlers = methodsOf({ discover, tools, resources, prompts, completion, listen }, has);
  const core: Handler = (request, io) => {
    const own = extensions.handlers.get(request.method);
    if (own !== undefined) return own(request, io);
    const row = handlers.get(request.method);
    // What is not declared as a capability does not exist.
    if (row === undefined || !row[1]()) throw unknownMethod(request.method);
    return row[0](request, io);
  };
  const inner = layered(extensions.middleware, core);
  let middleware: readonly Middleware[] = [];
  let exchange = withReports(inner, report);

  return {
    info,
    limits,
    platform,
    methods: extensions.rows,
    get exchange() {
      return exchange;
    },
    tool(name, toolOptions, handler) {
      has.tools = true;
      return tools.add(name, toolOptions, handler);
    },
    resource(uri, resourceOptions, handler) {
      has.resources = true;
      has.completions ||= resourceOptions.complete !== undefined;
      return resources.add(uri, resourceOptions, handler);
    },
    prompt(name, promptOptions, handler) {
      has.prompts = true;
      has.completions ||= promptOptions.complete !== undefined;
      return prompts.add(name, promptOptions, handler);
    },
    resourceUpdated: (uri) => changes.tell({ kind: 'resource', uri }),
    use(...added) {
      middleware = [...middleware, ...added];
      exchange = withReports(layered(middleware, inner), report);
    },
    keepIn: kept.keepIn,
    close() {
      extensions.close();
      shared.stop();
    },
  };
}

/** A handler behind middleware, which waits for each answer: without any, nobody need wait. */
function layered(middleware: readonly Middleware[], handler: Handler): Handler {
  if (middleware.length === 0) return handler;
  return compose(middleware, async (request, io) => handler(request, io));
}

interface Shared {
  readonly kept: Kept;
  readonly changes: SharedChanges;
  readonly sealer: StateSealer;
  stop(): void;
}

/** What the nodes of a server have in common, as soon as there are others. */
function openShared(
  { stateSecret }: ServerOptions,
  openOwn: () => KeptByServer,
  { limits, platform }: { readonly limits: Limits; readonly platform: Platform },
): Shared {
  const kept = createKept(openOwn);
  const changes = createChanges();
  const keys =
    stateSecret === undefined
      ? keysIn(() => kept.now().keys, platform, limits)
      : givenKeys(readSecrets(stateSecret, 'stateSecret'), platform);
  return {
    kept,
    changes,
    sealer: createSealer(platform, limits, keys),
    stop: sharedBy(kept, changes, platform.clock, limits),
  };
}

/** What extensions get of the tools, which are made after them. */
function lend(tools: () => Tools): Pick<ExtensionHost, 'runTool' | 'refuseTool'> {
  return {
    runTool: (...args) => tools().run(...args),
    refuseTool: (...args) => tools().refuse(...args),
  };
}

function readOptions(options: ServerOptions): {
  limits: Limits;
  platform: Platform;
  info: Implementation;
} {
  for (const member of ['name', 'version'] as const) {
    if (typeof options[member] !== 'string' || options[member].length === 0) {
      throw new TypeError(`createServer needs a ${member}: { name: 'files', version: '1.0.0' }`);
    }
  }
  const { instructions, limits, cache, scopes, stateSecret, onError, platform, ...rest } = options;
  const { extensions, ...info } = rest;
  return {
    limits: resolveLimits(limits),
    platform: platform ?? systemPlatform,
    info: Object.freeze(info),
  };
}

function listHintsOf({ cache }: ServerOptions): ReturnType<ServerParts['listHints']> {
  return { ttlMs: cache?.ttlMs ?? 0, cacheScope: cache?.scope ?? 'private' };
}

function createReport(tell: NonNullable<ServerOptions['onError']>, { random }: Platform): Report {
  return (thrown, request) => {
    const reference = toBase64Url(random.bytes(9));
    quietly(() => tell(thrown, request, { reference }));
    return reference;
  };
}

function reportToConsole(thrown: unknown, request: Request, { reference }: ErrorDetails): void {
  const name = request.params?.['name'] ?? request.params?.['uri'];
  const what = typeof name === 'string' ? `${request.method} ${name}` : request.method;
  // An author who has set nothing must still find the stack; peers never see it.
  // oxlint-disable-next-line no-console
  console.error(`${what} failed (reference ${reference}):`, thrown);
}
