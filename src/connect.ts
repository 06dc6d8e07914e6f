import { type Answers, capabilitiesOf, createAnswers } from './client/answers.js';
import type { LogMessage } from './client/call.js';
import { type Client, createClient, noticesTo } from './client/client.js';
import { createPatience, type Patience } from './client/patience.js';
import { type Link, pipeLink } from './engine/link.js';
import { abortError } from './engine/pending.js';
import type { Pipe } from './engine/pipe.js';
import type { Caller } from './eras/caller.js';
import { callLegacy } from './eras/legacy/call.js';
import { callModern } from './eras/modern/call.js';
import { mirrorParams } from './eras/modern/mirror-params.js';
import { judgeProbe, probe } from './eras/probe.js';
import { servePipe } from './eras/serve-pipe.js';
import { McpError } from './errors.js';
import { compose, type Exchange, type Io, type Middleware, type Served } from './exchange.js';
import type { JsonObject } from './json-rpc/message.js';
import { type Limits, resolveLimits } from './limits.js';
import { type Platform, systemPlatform } from './platform/platform.js';
import type { Implementation, LoggingLevel } from './protocol/modern.types.js';
import { type LegacyRevision, newestLegacy, newestModern } from './protocol/revisions.js';
import { httpLink } from './transports/http/connect.js';
import { fetchSend } from './transports/http/fetch-send.js';
import { httpSsePipe } from './transports/http/http-sse-connect.js';
import type { HttpSend } from './transports/http/send.js';
import { memoryPipes } from './transports/memory.js';

/** A server to start as a child process and to talk to over its standard input and output. */
export interface CommandTarget {
  /** A program, by name or path. Never goes through a shell. */
  readonly command: string;
  readonly args?: readonly string[];
  /** Variables over the few that a child inherits. */
  readonly env?: { readonly [name: string]: string };
  readonly cwd?: string;
  readonly stderr?: 'inherit' | 'capture' | ((line: string) => void);
}

/** A URL, a command, a server of this process, or a pipe of your own. */
export type Target = string | URL | CommandTarget | Served | Pipe;

/** `auto` speaks the newest era that the server knows; the others insist. */
export type EraChoice = 'auto' | 'modern' | 'legacy';

export interface ConnectOptions {
  /** Who this client is. Default: sallyport. */
  readonly client?: Implementation;
  readonly era?: EraChoice;
  /** The revision to open a session with, where the server has sessions. Default: the newest. */
  readonly revision?: LegacyRevision;
  /** How questions of the server are answered; what is missing is not offered. */
  readonly answers?: Answers;
  /** The least severe level of log messages that are wanted. Default: `info` with `onLog`. */
  readonly logLevel?: LoggingLevel;
  /** Log messages of all calls that have no listener of their own. */
  readonly onLog?: (message: LogMessage) => void;
  /** Told what a user should know, such as a tool that was left out. Default: nobody. */
  readonly onWarning?: (warning: string) => void;
  /** Headers of every HTTP request. */
  readonly headers?: { readonly [name: string]: string };
  /** A fetch of your own instead of the transport's HTTP client. */
  readonly fetch?: typeof globalThis.fetch;
  readonly middleware?: readonly Middleware[];
  readonly limits?: Partial<Limits>;
  readonly platform?: Platform;
  /** Gives up connecting when it aborts. */
  readonly signal?: AbortSignal;
}

/**
 * Connects to a server over any transport. Rejects with McpError when it cannot be reached, or does
 * not speak what was insisted on.
 */
export async function connect(target: Target, options: ConnectOptions = {}): Promise<Client> {
  const parts = readOptions(options);
  if (options.signal?.aborted === true) throw abortError(options.signal);
  const opener = closable(await openerFor(target, parts));
  try {
    return await speak(opener, parts);
  } catch (thrown) {
    await opener.close();
    throw McpError.from(thrown);
  }
}

interface Parts {
  readonly options: ConnectOptions;
  readonly limits: Limits;
  readonly platform: Platform;
  readonly caller: Caller;
  readonly answers: Exchange;
  readonly patience: Patience;
  readonly nextId: () => number;
}

/** How to connect to one target, again if need be. */
interface Opener {
  readonly open: () => Promise<Link>;
  /** How an old server is reached when the first way found nobody. */
  readonly openOld?: () => Promise<Link>;
  readonly isHttp: boolean;
}

interface ClosableOpener extends Opener {
  /** Closes all that was opened, whichever of it came to be used. */
  close(): Promise<void>;
}

function readOptions(options: ConnectOptions): Parts {
  const { answers = {}, logLevel, onLog } = options;
  const patience = createPatience();
  let lastId = 0;
  return {
    options,
    limits: resolveLimits(options.limits),
    platform: options.platform ?? systemPlatform,
    caller: {
      protocolVersion: newestModern,
      clientInfo: options.client ?? { name: 'sallyport', version: '0.1.0' },
      capabilities: capabilitiesOf(answers),
      logLevel: logLevel ?? (onLog === undefined ? undefined : 'info'),
    },
    answers: patience.during(createAnswers(answers)),
    patience,
    nextId: () => ++lastId,
  };
}

/** Finds out which era the server speaks and makes a client of the link. */
async function speak(opener: ClosableOpener, parts: Parts): Promise<Client> {
  const { era = 'auto' } = parts.options;
  const first = await opener.open();
  if (era === 'legacy') return legacyClient(first, opener, parts);
  const caller = { ...parts.caller };
  const found = await probe(first, caller, parts);
  const verdict = judgeProbe(found, { isHttp: opener.isHttp, mayFallBack: era === 'auto' });
  if (verdict.era === 'modern') return modernClient(first, verdict.discovered, opener, parts);
  if (verdict.era === 'refused') throw verdict.error;
  // A server that died of the question is asked the old way, from its start.
  const link = verdict.connectionEnded ? await opener.open() : first;
  return legacyClient(link, opener, parts);
}

function modernClient(
  link: Link,
  discovered: JsonObject,
  opener: ClosableOpener,
  parts: Parts,
): Client {
  const call = callModern(link.exchange, parts.caller);
  const exchange: Exchange = opener.isHttp
    ? mirrorParams(call, {
        refresh: async (io) => {
          await exchange({ id: parts.nextId(), method: 'tools/list' }, io);
        },
        onInvalidTool: (name, reason) =>
          parts.options.onWarning?.(`The tool "${name}" is left out: ${reason}`),
      })
    : call;
  link.accept({ ask: parts.answers, notice: noticesTo(parts.options.onLog) });
  return client(opener, exchange, () => parts.caller.protocolVersion, discovered, parts);
}

async function legacyClient(link: Link, opener: ClosableOpener, parts: Parts): Promise<Client> {
  const options = {
    caller: { ...parts.caller, protocolVersion: parts.options.revision ?? newestLegacy },
    nextId: parts.nextId,
    ask: parts.answers,
    notice: noticesTo(parts.options.onLog),
  };
  return handshake(parts, async (io) => {
    const session = await callLegacy({ ...options, link }, io).catch(async (thrown: unknown) => {
      if (opener.openOld === undefined || !isOldServer(thrown)) throw thrown;
      // Whoever takes no POST may be a server of 2024-11-05, with two endpoints.
      const old = await opener.openOld().catch(() => {
        throw thrown;
      });
      return callLegacy({ ...options, link: old }, io);
    });
    const discovered = await session.exchange({ id: 0, method: 'server/discover' }, io);
    return client(opener, session.exchange, () => session.protocolVersion, discovered, parts);
  });
}

/** Runs the handshake, which is under no timeout of a call. */
async function handshake<T>(parts: Parts, work: (io: Io) => Promise<T>): Promise<T> {
  const { options, limits, platform } = parts;
  const controller = new AbortController();
  const forward = (): void => controller.abort(options.signal?.reason);
  if (options.signal?.aborted === true) forward();
  options.signal?.addEventListener('abort', forward, { once: true });
  const ms = limits.clientCallMs;
  const stop = platform.clock.after(ms, () =>
    controller.abort(new McpError('timeout', `The server opened no session within ${ms} ms`)),
  );
  try {
    return await work({
      signal: controller.signal,
      peer: { principal: { id: 'server' }, protocolVersion: '', capabilities: {} },
      emit: () => undefined,
    });
  } finally {
    stop();
    options.signal?.removeEventListener('abort', forward);
  }
}

function client(
  opener: ClosableOpener,
  exchange: Exchange,
  protocolVersion: () => string,
  discovered: JsonObject,
  parts: Parts,
): Client {
  return createClient({
    exchange: compose(parts.options.middleware ?? [], exchange),
    protocolVersion,
    discovered,
    answers: parts.answers,
    limits: parts.limits,
    clock: parts.platform.clock,
    nextId: parts.nextId,
    patience: parts.patience,
    onLog: parts.options.onLog,
    close: () => opener.close(),
  });
}

function isOldServer(thrown: unknown): boolean {
  if (!(thrown instanceof McpError)) return false;
  return ['badRequest', 'notFound', 'methodNotAllowed', 'methodNotFound'].includes(thrown.kind);
}

function closable(opener: Opener): ClosableOpener {
  const links: Link[] = [];
  const keeping = (open: () => Promise<Link>) => async (): Promise<Link> => {
    const link = await open();
    links.push(link);
    return link;
  };
  const { openOld } = opener;
  return {
    isHttp: opener.isHttp,
    open: keeping(opener.open),
    ...(openOld === undefined ? {} : { openOld: keeping(openOld) }),
    async close() {
      await Promise.all(links.splice(0).map((link) => link.close()));
    },
  };
}

async function openerFor(target: Target, parts: Parts): Promise<Opener> {
  const { limits, platform } = parts;
  const { clock } = platform;
  const overPipe = (open: () => Promise<Pipe>): Opener => ({
    open: async () => pipeLink(await open(), limits, clock),
    isHttp: false,
  });
  if (typeof target === 'string' || target instanceof URL) return httpOpener(target, parts);
  if ('command' in target) {
    // Loaded when it is needed, so that browsers never see it.
    const { startChild } = await import('./transports/stdio/child-process.js');
    return overPipe(() => startChild({ ...target, limits, clock }));
  }
  if ('exchange' in target) {
    return overPipe(async () => {
      const [ours, theirs] = memoryPipes();
      servePipe(target, theirs, { limits, platform, principal: { id: 'memory' } });
      return ours;
    });
  }
  return overPipe(() => Promise.resolve(target));
}

function httpOpener(target: string | URL, parts: Parts): Opener {
  if (!URL.canParse(String(target))) {
    throw new McpError(
      'connectionFailed',
      `"${String(target)}" is no URL, like http://127.0.0.1:3000/mcp`,
    );
  }
  const { href: url, protocol } = new URL(target);
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new McpError('connectionFailed', `"${url}" must begin with http:// or https://`);
  }
  const { limits, platform, options } = parts;
  const { headers = {} } = options;
  return {
    async open() {
      return httpLink({ url, send: await httpSender(options), limits, platform, headers });
    },
    async openOld() {
      const { clock } = platform;
      const send = await httpSender(options);
      return pipeLink(await httpSsePipe({ url, send, limits, clock, headers }), limits, clock);
    },
    isHttp: true,
  };
}

async function httpSender({ fetch }: ConnectOptions): Promise<HttpSend> {
  if (fetch !== undefined) return fetchSend(fetch);
  const isNode = typeof process === 'object' && process.versions?.node !== undefined;
  if (!isNode) return fetchSend();
  const { nodeSend } = await import('./transports/http/node-send.js');
  return nodeSend();
}
