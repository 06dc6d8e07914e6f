/**
 * How each kind of target is reached, again if need be, and what tells one from another. What only
 * one kind needs is loaded with the first of its kind, so that no program waits for the others.
 */
import { type ClientExtension, rowsOf } from '../client/extension.js';
import type { Patience } from '../client/patience.js';
import type { Credentials } from '../credentials.js';
import { type Link, pipeLink } from '../engine/link.js';
import type { Pipe } from '../engine/pipe.js';
import { McpError } from '../errors.js';
import type { Served } from '../exchange.js';
import type { Limits } from '../limits.js';
import type { Platform } from '../platform/platform.js';
import { fetchSend } from '../transports/http/fetch-send.js';
import type { HttpSend } from '../transports/http/send.js';
import type { IsolationChoice } from '../transports/stdio/isolation.js';
import type { StderrChoice } from '../transports/stdio/read-stderr.js';
import type { Sandbox } from '../transports/stdio/sandbox.js';
import { saidOnce } from './said-once.js';
import type { Supervision } from './supervise.js';

/** A server to start as a child process and to talk to over its standard input and output. */
export interface CommandTarget extends Supervision {
  /** A program, by name or path. Never goes through a shell. */
  readonly command: string;
  readonly args?: readonly string[];
  /** Variables over the few that a child inherits. */
  readonly env?: { readonly [name: string]: string };
  /** Names of further variables that it inherits. */
  readonly inheritEnv?: readonly string[];
  readonly cwd?: string;
  /**
   * Its standard error: `capture` keeps the newest of it for errors (the default), `inherit` lets
   * it through as it is, a function also gets each line as plain text without secrets, and with a
   * prefix these lines go to the standard error of this process.
   */
  readonly stderr?: StderrChoice;
  /**
   * What the server may do and see: `none`, `limits`, `bwrap`, `docker` or `node`, or one of them
   * with options. One that this machine does not have is an error. Default: `none`.
   */
  readonly sandbox?: Sandbox;
  /**
   * How what the server starts is ended with it. `auto` takes the surest way there is and says so
   * through `onWarning` when that is not a pid namespace, on which `pid-namespace` insists.
   */
  readonly isolation?: IsolationChoice;
  /** The SHA-256 of the program, links followed, in hex. Another one is refused. */
  readonly sha256?: string;
  /** Names or absolute paths of all that may be started. Default: anything. */
  readonly allowedCommands?: readonly string[];
}

/** A URL, a command, a server of this process, or a pipe of your own. */
export type Target = string | URL | CommandTarget | Served | Pipe;

export interface OpenParts {
  readonly options: {
    readonly headers?: { readonly [name: string]: string };
    readonly fetch?: typeof globalThis.fetch;
    readonly auth?: Credentials;
    readonly signal?: AbortSignal;
    readonly extensions?: readonly ClientExtension[];
    readonly onWarning?: (warning: string) => void;
  };
  readonly limits: Limits;
  readonly platform: Platform;
  readonly patience: Pick<Patience, 'waiting'>;
  readonly nextId: () => number;
}

/** How to connect to one target, again if need be. */
export interface Opener {
  open(): Promise<Link>;
  /** How an old server is reached when the first way found nobody. */
  openOld?(): Promise<Link>;
  readonly isHttp: boolean;
  /** Tells the target from all others; absent where there is no second way to it. */
  readonly identity?: TargetIdentity;
}

/** May hold secrets: nothing but a digest of it is kept. */
export interface TargetIdentity {
  /** The command line, or the address. */
  readonly server: string;
  /** What the caller shows of itself. */
  readonly caller: string;
}

export interface ClosableOpener extends Opener {
  /** Closes all that was opened, whichever of it came to be used. */
  close(): Promise<void>;
}

/** An opener that remembers what it has opened. */
export async function openTarget(target: Target, parts: OpenParts): Promise<ClosableOpener> {
  const opener = await openerFor(target, parts);
  const links: Link[] = [];
  const keeping = (open: () => Promise<Link>) => async (): Promise<Link> => {
    const link = await open();
    links.push(link);
    return link;
  };
  const { openOld } = opener;
  return {
    ...opener,
    open: keeping(opener.open),
    ...(openOld === undefined ? {} : { openOld: keeping(openOld) }),
    async close() {
      await Promise.all(links.splice(0).map((link) => link.close()));
    },
  };
}

async function openerFor(target: Target, parts: OpenParts): Promise<Opener> {
  const { limits, platform } = parts;
  const { clock } = platform;
  const overPipe = (open: () => Promise<Pipe>): Opener => ({
    open: async () => pipeLink(await open(), limits, clock),
    isHttp: false,
  });
  if (typeof target === 'string' || target instanceof URL) return httpOpener(target, parts);
  if ('command' in target) {
    return commandOpener(target, parts);
  }
  if ('exchange' in target) {
    return overPipe(async () => {
      const { memoryPipes } = await import('../transports/memory.js');
      const { servePipe } = await import('../eras/serve-pipe.js');
      const [ours, theirs] = memoryPipes();
      servePipe(target, theirs, { limits, platform, principal: { id: 'memory' } });
      return ours;
    });
  }
  let given: Pipe | undefined = target;
  return overPipe(() => {
    const pipe = given;
    given = undefined;
    return pipe === undefined ? Promise.reject(pipeGone()) : Promise.resolve(pipe);
  });
}

async function commandOpener(target: CommandTarget, parts: OpenParts): Promise<Opener> {
  // Browsers never see it.
  const { supervise } = await import('./supervise.js');
  const { startChild } = await import('../transports/stdio/child-process.js');
  const { limits, platform, options } = parts;
  const { clock } = platform;
  const { stderr = 'capture' } = target;
  const { onWarning } = options;
  const listener =
    typeof stderr === 'function' ? saidOnce(stderr, limits.stderrBytesMax) : () => stderr;
  return {
    open() {
      const child = { ...target, stderr: listener(), limits, clock, onWarning };
      const start = async (): Promise<Link> => pipeLink(await startChild(child), limits, clock);
      return supervise({ ...target, ...parts, start, onWarning });
    },
    isHttp: false,
    identity: identityOfCommand(target),
  };
}

function httpOpener(target: string | URL, parts: OpenParts): Opener {
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
  const { headers = {}, extensions = [] } = options;
  const methods = rowsOf(extensions);
  const presenter = options.auth?.openFor({
    url,
    limits,
    platform,
    signal: options.signal,
    waiting: parts.patience.waiting,
  });
  const sender = async (): Promise<HttpSend> => {
    const send = await httpSender(options);
    if (presenter === undefined) return send;
    const { authorizedSend } = await import('../transports/http/authorized-send.js');
    return authorizedSend(send, presenter, { url, limits });
  };
  return {
    async open() {
      const send = await sender();
      const { httpLink } = await import('../transports/http/connect.js');
      return httpLink({ url, send, limits, platform, headers, methods });
    },
    async openOld() {
      const { clock } = platform;
      const send = await sender();
      const { httpSsePipe } = await import('../transports/http/http-sse-connect.js');
      return pipeLink(await httpSsePipe({ url, send, limits, clock, headers }), limits, clock);
    },
    isHttp: true,
    identity: { server: `${url} ${numberOf(options.fetch)}`, caller: JSON.stringify(headers) },
  };
}

async function httpSender({ fetch }: OpenParts['options']): Promise<HttpSend> {
  if (fetch !== undefined) return fetchSend(fetch);
  const isNode = typeof process === 'object' && process.versions?.node !== undefined;
  if (!isNode) return fetchSend();
  const { nodeSend } = await import('../transports/http/node-send.js');
  return nodeSend();
}

function identityOfCommand({ command, args = [], env = {}, cwd = '' }: CommandTarget) {
  return { server: JSON.stringify([command, args, cwd]), caller: JSON.stringify(env) };
}

// A fetch of one's own may lead anywhere, whatever the address says.
const fetches = new WeakMap<typeof globalThis.fetch, number>();
let lastFetch = 0;

function numberOf(fetch: typeof globalThis.fetch | undefined): number {
  if (fetch === undefined || fetch === globalThis.fetch) return 0;
  const number = fetches.get(fetch) ?? ++lastFetch;
  fetches.set(fetch, number);
  return number;
}

function pipeGone(): McpError {
  return new McpError('connectionClosed', 'The pipe has ended, and there is no second one');
}
