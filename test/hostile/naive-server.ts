/**
 * A server as one writes it in an afternoon: everything works, nothing is checked. It is here to be
 * harmed: an attack that does it no harm shows nothing.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { serveSloppily, type SloppyRequest } from './sloppy-http.js';
import { secret, thrownBy } from './victim.js';

export interface NaiveServer {
  /** Served by `node:http`, made as lenient as it can be. */
  readonly port: number;
  /** Served by an HTTP parser of its own, for what `node:http` refuses however lenient it is. */
  readonly sloppyPort: number;
  /** How often a tool ran that should not have. */
  readonly runs: number;
  /** How often something was thrown that would have ended the process. */
  readonly crashes: number;
  close(): Promise<void>;
}

interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: { [name: string]: unknown };
}

interface State {
  runs: number;
  crashes: number;
  lastSession: number;
  /** All events of everybody, in one list. */
  readonly events: string[];
}

export async function openNaiveServer(host: string = '127.0.0.1'): Promise<NaiveServer> {
  const state: State = { runs: 0, crashes: 0, lastSession: 0, events: [] };
  const lenient = { insecureHTTPParser: true, requireHostHeader: false, maxHeaderSize: 1 << 20 };
  const server = createServer(lenient, (request, response) => {
    // Nobody catches this in such a server: the process would end here.
    serve(request, response, state).catch(() => state.crashes++);
  });
  server.maxHeadersCount = 0;
  server.headersTimeout = 0;
  server.requestTimeout = 0;
  server.keepAliveTimeout = 0;
  server.listen(0, host);
  await once(server, 'listening');
  const sloppy = await serveSloppily((request) => answerTo(request, state).body);
  return {
    port: (server.address() as AddressInfo).port,
    sloppyPort: sloppy.port,
    get runs() {
      return state.runs;
    },
    get crashes() {
      return state.crashes;
    },
    async close() {
      server.closeAllConnections();
      await Promise.all([new Promise((resolve) => server.close(resolve)), sloppy.close()]);
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  state: State,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = '', url = '', headers } = request;
  const asked = { method, url, headers: headers as {}, body: Buffer.concat(chunks) };
  const { status, type, session, body } = answerTo(asked, state);
  response.writeHead(status, {
    Server: 'naive/1.0',
    'Access-Control-Allow-Origin': headers.origin ?? '*',
    'Access-Control-Allow-Credentials': 'true',
    'Content-Type': type,
    'Mcp-Session-Id': session,
  });
  response.end(body);
}

interface NaiveAnswer {
  readonly status: number;
  readonly type: string;
  readonly session: string;
  readonly body: string;
}

function answerTo(request: SloppyRequest, state: State): NaiveAnswer {
  const session = sessionOf(request, state);
  try {
    const text = textOf(request);
    // A GET is told all that was ever said, to whom it may concern.
    if (text === '') return streamed(state.events.join(''), session);
    const answers = messagesIn(text).map((message) => answer(message, session, state));
    if (typeof answers[0] === 'string') return streamed(answers.map(String).join(''), session);
    const body = JSON.stringify(answers.length === 1 ? answers[0] : answers);
    return { status: 200, type: 'text/html', session, body };
  } catch (thrown) {
    state.crashes++;
    return { status: 500, type: 'text/html', session, body: whatHappened(thrown) };
  }
}

function streamed(body: string, session: string): NaiveAnswer {
  return { status: 200, type: 'text/event-stream', session, body };
}

/** The body, unpacked; friendly to old clients, the message may stand in the query as well. */
function textOf({ url, headers, body }: SloppyRequest): string {
  if (body.length === 0) {
    return new URLSearchParams(url.split('?', 2)[1] ?? '').get('message') ?? '';
  }
  const encoding = headers['content-encoding'] ?? '';
  if (encoding.includes('gzip')) return gunzipSync(body).toString();
  if (encoding.includes('deflate')) return inflateSync(body).toString();
  if (encoding.includes('br')) return brotliDecompressSync(body).toString();
  return body.toString();
}

/** Takes JSON wherever it stands: alone, in a form, behind a byte order mark. */
function messagesIn(text: string): Message[] {
  const decoded = text.includes('=%7B') ? decodeURIComponent(text) : text;
  const start = decoded.search(/[[{]/);
  const end = Math.max(decoded.lastIndexOf('}'), decoded.lastIndexOf(']')) + 1;
  const json = start === -1 ? decoded : decoded.slice(start, end);
  const parsed = JSON.parse(json) as Message | Message[];
  return (Array.isArray(parsed) ? parsed : [parsed]).map(copy);
}

/** Copies as many do: a member named `__proto__` becomes the prototype, names lose their case. */
function copy(message: Message): Message {
  const merged: { [name: string]: unknown } = {};
  for (const [name, value] of Object.entries(message)) merged[name.toLowerCase()] = value;
  return merged;
}

/** An event stream as text, or an object for JSON. */
function answer(message: Message, session: string, state: State): string | object {
  const { method, params = {} } = message;
  const name = method === 'tools/call' ? params['name'] : undefined;
  if (name === 'wipe' || name === 'query') state.runs++;
  // Deep copies are how state is kept apart.
  JSON.stringify(message);
  const args = (params['arguments'] ?? {}) as { text?: string; how?: string };
  const thrown: unknown = thrownBy[args.how ?? '']?.() ?? new Error(secret);
  if (name === 'boom') throw thrown;
  if (name === 'echo') {
    const event = `id: ${state.events.length + 1}\ndata: ${args.text ?? ''}\n\n`;
    state.events.push(event);
    return event;
  }
  return { jsonrpc: '2.0', id: message.id, result: { method, session } };
}

/** `file:///{a}{b}{c}{d}` as a regular expression. */
export function matchTemplate(uri: string): boolean {
  return /^file:\/\/\/([^/]+)([^/]+)([^/]+)([^/]+)$/.test(uri);
}

/** Whatever the client calls itself is its session, wherever it says so. */
function sessionOf({ headers }: SloppyRequest, state: State): string {
  const inCookie = /session=([^;]+)/.exec(headers['cookie'] ?? '')?.[1];
  return headers['mcp-session-id'] ?? inCookie ?? String(++state.lastSession);
}

function whatHappened(thrown: unknown): string {
  const text =
    thrown instanceof Error ? `${thrown.stack} ${String(thrown.cause)}` : inspect(thrown);
  return `<h1>Error</h1><pre>${text}</pre>`;
}
