/**
 * A server as one writes it in an afternoon: everything works, nothing is checked. It is here to be
 * harmed: an attack that does it no harm shows nothing.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { secret, thrownBy } from './victim.js';

export interface NaiveServer {
  readonly port: number;
  /** How often a tool ran that should not have. */
  readonly runs: number;
  /** How often something was thrown that would have ended the process. */
  readonly crashes: number;
  close(): Promise<void>;
}

interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly result?: unknown;
  readonly params?: { [name: string]: unknown };
}

interface State {
  runs: number;
  lastSession: number;
  /** All events of everybody, in one list. */
  readonly events: string[];
}

export async function openNaiveServer(host: string = '127.0.0.1'): Promise<NaiveServer> {
  const state: State = { runs: 0, lastSession: 0, events: [] };
  let crashes = 0;
  const lenient = { insecureHTTPParser: true, requireHostHeader: false, maxHeaderSize: 1 << 20 };
  const server = createServer(lenient, (request, response) => {
    serve(request, response, state).catch((thrown: unknown) => {
      crashes++;
      sayWhatHappened(response, thrown);
    });
  });
  server.maxHeadersCount = 0;
  server.headersTimeout = 0;
  server.requestTimeout = 0;
  server.keepAliveTimeout = 0;
  server.listen(0, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get runs() {
      return state.runs;
    },
    get crashes() {
      return crashes;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  state: State,
): Promise<void> {
  const { origin = '*' } = request.headers;
  response.setHeader('Server', 'naive/1.0');
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Allow-Credentials', 'true');
  const body = await readAll(request);
  if (request.method === 'OPTIONS' && body.length === 0) return void response.end();
  // Friendly to old clients: the message may stand in the query as well.
  const query = new URL(request.url ?? '/', 'http://x').searchParams.get('message') ?? '';
  const text = body.length > 0 ? body.toString('utf8') : query;
  if (text === '') return stream(response, state);
  const answers = messagesIn(text).map((message) => {
    state.runs += countRuns(message);
    return answer(message, request, state);
  });
  response.setHeader('Mcp-Session-Id', sessionOf(request, state));
  const [first] = answers;
  if (first !== undefined && 'raw' in first) {
    response.setHeader('Content-Type', 'text/event-stream');
    response.end(first.raw);
  } else {
    response.setHeader('Content-Type', 'text/html');
    response.end(JSON.stringify(answers.length > 1 ? answers : first));
  }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const encoding = request.headers['content-encoding'] ?? '';
  if (encoding.includes('gzip')) return gunzipSync(bytes);
  if (encoding.includes('deflate')) return inflateSync(bytes);
  if (encoding.includes('br')) return brotliDecompressSync(bytes);
  return bytes;
}

/** Takes JSON wherever it stands: alone, in a form, behind a byte order mark. */
function messagesIn(text: string): Message[] {
  const decoded = text.startsWith('%') || text.includes('=%7B') ? decodeURIComponent(text) : text;
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

function nameOf(message: Message): unknown {
  return message.method === 'tools/call' ? message.params?.['name'] : undefined;
}

function countRuns(message: Message): number {
  const name = nameOf(message);
  return name === 'wipe' || name === 'query' ? 1 : 0;
}

function answer(message: Message, request: IncomingMessage, state: State): object {
  const params = message.params ?? {};
  const args = (params['arguments'] ?? {}) as { text?: string; how?: string };
  // Deep copies are how state is kept apart.
  JSON.stringify(message);
  if (nameOf(message) === 'boom') throw thrownBy[args.how ?? '']?.() ?? new Error(secret);
  if (nameOf(message) === 'echo') {
    const event = `id: ${state.events.length + 1}\nevent: message\ndata: ${args.text ?? ''}\n\n`;
    state.events.push(event);
    return { raw: event };
  }
  if (message.method === 'resources/read') matchTemplate(String(params['uri']));
  const { method } = message;
  return { jsonrpc: '2.0', id: message.id, result: { method, session: sessionOf(request, state) } };
}

/** `file:///{a}{b}{c}{d}` as a regular expression. */
export function matchTemplate(uri: string): boolean {
  return /^file:\/\/\/([^/]+)([^/]+)([^/]+)([^/]+)$/.test(uri);
}

/** Whatever the client calls itself is its session, wherever it says so. */
function sessionOf(request: IncomingMessage, state: State): string {
  const given =
    request.headers['mcp-session-id'] ?? /session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
  return String(given ?? ++state.lastSession);
}

/** GET: all that was ever said, to whom it may concern. */
function stream(response: ServerResponse, state: State): void {
  response.setHeader('Content-Type', 'text/event-stream');
  response.end(state.events.join(''));
}

function sayWhatHappened(response: ServerResponse, thrown: unknown): void {
  const isError = thrown instanceof Error;
  const text = isError ? `${thrown.stack} ${String(thrown.cause)}` : inspect(thrown);
  response.statusCode = 500;
  response.setHeader('Content-Type', 'text/html');
  response.end(`<h1>Error</h1><pre>${text}</pre>`);
}
