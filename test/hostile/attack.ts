/** What an attack is, as data. */
import type { EndpointOptions } from '../../src/transports/http/index.js';
import type { RequirementId } from '../requirements.js';
import type { AdvisoryClass } from './advisories.js';
import type { SceneName } from './scenes.js';

/** Names of headers and their values: several lines as a list, `null` takes a header away. */
export type Headers = { readonly [name: string]: string | readonly string[] | null };

/** A request in its parts. `{port}` and what a scene provides is filled in where it stands. */
export interface Parts {
  readonly method: string;
  readonly target: string;
  /** `1.1` unless said otherwise. */
  readonly version?: string;
  readonly headers: Headers;
  /** JSON, or text or bytes as they are. Its length is stated unless a header states another. */
  readonly body?: unknown;
  /** Sends the body in chunks of this many bytes instead. */
  readonly chunked?: number;
  /** The bytes on the wire, in place of all that. */
  readonly raw?: string;
}

/** What must come back from a server that is guarded. */
export interface Answer {
  readonly status: number;
  /**
   * The JSON-RPC code of the error; by default the status, which codes of our own equal. `result`:
   * the request is harmless and was answered. `none`: there is no body.
   */
  readonly code?: number | 'result' | 'none';
  /** What becomes of the connection; `kept` means that it still serves a good request. */
  readonly connection?: 'closed' | 'kept';
  /** Web requests cannot carry every difference, so they may be refused on other grounds. */
  readonly onWeb?: { readonly status: number; readonly code?: number | 'none' };
  /** The listed origin whose pages may read it. Default: none. */
  readonly readableBy?: string;
  /** A header that must come with it. */
  readonly header?: readonly [name: string, value: string];
}

/**
 * How the naive server suffers: the tool runs, it answers as if all were well, it tells what nobody
 * should know, it lets the attacker write events of its own, it throws where nobody catches.
 */
export type Harm = 'runs' | 'answers' | 'leaks' | 'injects' | 'crashes';

/**
 * `request`: by the request path, through every adapter. `node`: as well, but a web `Request` cannot
 * even express it. `listener`: only where the socket is ours. `web`: for web requests; elsewhere the
 * parser of Node has done it.
 */
export type EnforcedBy = 'request' | 'node' | 'listener' | 'web';

export interface Attack {
  readonly name: string;
  readonly class?: AdvisoryClass;
  /** The well-formed request that the attack changes. Default: a modern call of the tool `wipe`. */
  readonly of?: Parts;
  readonly method?: string;
  readonly target?: string;
  readonly version?: string;
  readonly headers?: Headers;
  readonly body?: unknown;
  readonly chunked?: number;
  readonly raw?: string;
  /** How the server is set up. Default: as it comes. */
  readonly setup?: EndpointOptions;
  /** What happened before. */
  readonly given?: SceneName;
  readonly enforcedBy?: EnforcedBy;
  readonly answer?: Answer;
  readonly naive?: Harm;
}

/** The attacks that one guard stops. What the rows have in common is said once. */
export interface AttackGroup {
  readonly guard: string;
  /** The file of the guard. */
  readonly stoppedBy: string;
  readonly each: Required<Pick<Attack, 'enforcedBy' | 'answer' | 'naive'>> &
    Pick<Attack, 'class' | 'of' | 'setup' | 'given'>;
  readonly attacks: readonly Attack[];
  /** Rows of the specification that its attacks show. */
  readonly cites?: readonly RequirementId[];
}

const metadata = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'attacker', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** A modern request; `more` goes into its params. */
export function modern(method: string, more: object = {}, meta: object = {}): object {
  const params = { ...more, _meta: { ...metadata, ...meta } };
  return { jsonrpc: '2.0', id: 'attack', method, params };
}

export function callOf(name: string, args: object = {}, meta: object = {}): object {
  return modern('tools/call', { name, arguments: args }, meta);
}

const jsonHeaders = {
  host: '127.0.0.1:{port}',
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
};

/** A well-formed modern call of the tool `name`. */
export function modernCall(name: string, args: object = {}, meta: object = {}): Parts {
  return {
    method: 'POST',
    target: '/mcp',
    headers: {
      ...jsonHeaders,
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': name,
    },
    body: callOf(name, args, meta),
  };
}

/** A well-formed modern request for all tools. */
export function modernList(id: number): Parts {
  const call = modernCall('');
  return {
    ...call,
    headers: { ...call.headers, 'mcp-method': 'tools/list', 'mcp-name': null },
    body: { ...modern('tools/list'), id },
  };
}

export const wipe: Parts = modernCall('wipe');

export const initialize: Parts = {
  method: 'POST',
  target: '/mcp',
  headers: jsonHeaders,
  body: {
    jsonrpc: '2.0',
    id: 'attack',
    method: 'initialize',
    params: {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'attacker', version: '1' },
    },
  },
};

/** A well-formed message in a legacy session. */
export function inSession(message: object, session: string = '{session}'): Parts {
  return {
    method: 'POST',
    target: '/mcp',
    headers: { ...jsonHeaders, 'mcp-protocol-version': '2025-11-25', 'mcp-session-id': session },
    body: { jsonrpc: '2.0', ...message },
  };
}

/** A call of the tool `name` in a legacy session. */
export function legacyCall(name: string, session?: string): Parts {
  const params = { name, arguments: {} };
  return inSession({ id: 'attack', method: 'tools/call', params }, session);
}

/** GET of a session's stream, DELETE of the session. */
export function onSession(method: 'GET' | 'DELETE', session: string = '{session}'): Parts {
  return {
    method,
    target: '/mcp',
    headers: {
      host: '127.0.0.1:{port}',
      accept: 'text/event-stream',
      'mcp-protocol-version': '2025-11-25',
      'mcp-session-id': session,
    },
  };
}

/** What an image, a frame or a link of a page sends: a GET without any header of MCP. */
export const plainGet: Parts = {
  method: 'GET',
  target: '/mcp',
  headers: { host: '127.0.0.1:{port}', accept: '*/*' },
};

/** The whole request of an attack. */
export function partsOf(attack: Attack, of: Parts = wipe): Parts {
  const { method, target, version, headers, body, chunked, raw } = attack;
  return {
    ...of,
    ...(method === undefined ? {} : { method }),
    ...(target === undefined ? {} : { target }),
    ...(version === undefined ? {} : { version }),
    ...(chunked === undefined ? {} : { chunked }),
    ...(raw === undefined ? {} : { raw }),
    ...('body' in attack ? { body } : {}),
    headers: { ...of.headers, ...headers },
  };
}
