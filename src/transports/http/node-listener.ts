import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { type ErrorKind, McpError } from '../../errors.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import { allowedMethods } from './guards/method.js';
import { endWithAnswer } from './node-reply.js';
import { sendNow } from './node-together.js';
import type { Certificate } from './node-tls.js';
import type { ErrorReply } from './reply-headers.js';

export interface ListenerOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  /** Serves https with it. */
  readonly certificate?: Certificate | undefined;
  /** Serves one request; `awaitsContinue`: its body is sent when it is asked for. */
  readonly serve: (
    request: IncomingMessage,
    response: ServerResponse,
    awaitsContinue: boolean,
  ) => void;
  /** What is answered to that which is no request. */
  readonly refuse: (error: McpError) => ErrorReply;
}

/** Either is the same to whoever listens by it. */
export type Listener = Server | TlsServer;

/**
 * The `node:http` server of an endpoint: what only the owner of the sockets can enforce. Whatever
 * Node's parser refuses is answered like any other refusal, and never in another's place.
 */
export function createListener(options: ListenerOptions): Listener {
  const { limits, serve, refuse, certificate } = options;
  const lines = new WeakMap<Duplex, Line>();
  const sayHttpsOnly = (request: IncomingMessage, response: ServerResponse): void => {
    if (certificate !== undefined && !isLocalhost(request)) response.setHeader(...httpsOnly);
  };
  const takeRequest = (
    request: IncomingMessage,
    response: ServerResponse,
    awaitsContinue: boolean,
  ): void => {
    if (!mayServe(lines, response, limits)) return;
    sayHttpsOnly(request, response);
    serve(request, response, awaitsContinue);
  };
  const server = create(options, (request, response) => takeRequest(request, response, false));
  // Bounded by their bytes here, and by number where they are read: Node would drop what exceeds.
  server.maxHeadersCount = 0;
  // A stream may be silent for as long as its keep-alives allow; the socket itself never times out.
  server.timeout = 0;
  server.on('checkContinue', (request, response) => takeRequest(request, response, true));
  server.on('checkExpectation', (request, response) => {
    sayHttpsOnly(request, response);
    endWithAnswer(request.socket);
    const { status, headers, body } = refuse(
      new McpError('expectationFailed', 'Expect may only be 100-continue'),
    );
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
  });
  server.on('connect', (_request, socket) => {
    const text = `Method not allowed; use ${allowedMethods}`;
    endWith(socket, refuse(new McpError('methodNotAllowed', text)), options);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // What was answered before is not lost with what broke.
    sendNow();
    if (error.code === 'ECONNRESET' || !socket.writable || !mayAnswer(lines.get(socket)?.owed)) {
      socket.destroy();
    } else {
      endWith(socket, refuse(errorOf(error)), options);
    }
  });
  return server;
}

/** HSTS (RFC 6797): who has come by https comes by https from now on. */
const httpsOnly = ['strict-transport-security', 'max-age=31536000'] as const;

/** A browser would hold it against everything else that is served at the name `localhost`. */
function isLocalhost({ headers }: IncomingMessage): boolean {
  return /^localhost(?::|$)/i.test(headers.host ?? '');
}

type OnRequest = (request: IncomingMessage, response: ServerResponse) => void;

function create({ limits, certificate, refuse }: ListenerOptions, onRequest: OnRequest): Listener {
  const options = serverOptions(limits);
  if (certificate === undefined) return createServer(options, onRequest);
  const handshakeTimeout = limits.tlsHandshakeMs;
  const server = certificate.createServer({ ...options, handshakeTimeout }, onRequest);
  // Node would take it for a broken request; before the handshake there is nobody to answer.
  server.removeAllListeners('tlsClientError');
  server.on('tlsClientError', (cause: NodeJS.ErrnoException, socket) => {
    if (cause.code !== 'ECONNRESET') {
      refuse(new McpError('badRequest', 'The TLS handshake failed', { cause }));
    }
    socket.destroy();
  });
  return server;
}

function serverOptions(limits: Limits): ServerOptions {
  return {
    maxHeaderSize: limits.headerBytesMax,
    headersTimeout: limits.headersMs,
    // Counts from the first byte, headers included.
    requestTimeout: Math.max(limits.headersMs, limits.bodyMs),
    keepAliveTimeout: limits.idleConnectionMs,
    connectionsCheckingInterval: limits.slowCheckMs,
    keepAlive: true,
    // Answers are whole messages: waiting to fill a packet only delays them.
    noDelay: true,
    insecureHTTPParser: false,
    requireHostHeader: false,
  };
}

/** What is known of one connection. */
interface Line {
  requests: number;
  /** The answers that are still to come, oldest first; at least the newest of all. */
  readonly owed: ServerResponse[];
}

/** Counts a request. False for what follows the last that a connection may bring. */
function mayServe(lines: WeakMap<Duplex, Line>, response: ServerResponse, limits: Limits): boolean {
  // The answer itself has no socket yet while it waits behind another.
  const { socket } = response.req;
  let line = lines.get(socket);
  if (line === undefined) lines.set(socket, (line = { requests: 0, owed: [response] }));
  else {
    while (line.owed[0]?.writableFinished === true) line.owed.shift();
    line.owed.push(response);
  }
  // Node has such a bound as well, and says `close` at it, but does not close.
  line.requests++;
  if (line.requests === limits.requestsPerConnectionMax) response.setHeader('connection', 'close');
  return line.requests <= limits.requestsPerConnectionMax;
}

/**
 * Whether words of ours would be taken for the answer to the broken request. While an earlier one
 * waits for its answer they would be taken for that.
 */
function mayAnswer(responses: readonly ServerResponse[] | undefined): boolean {
  const last = responses?.at(-1);
  if (responses === undefined || last === undefined) return true;
  const waiting = responses.filter((response) => !response.writableFinished);
  // The newest is answered: what broke is the next request, or the body that nobody read.
  if (waiting.length === 0) return last.req.complete;
  return waiting.length === 1 && waiting[0] === last && !last.headersSent && !last.req.complete;
}

/** Answers on a socket that `node:http` has let go of, and does not wait for its peer for ever. */
function endWith(
  socket: Duplex,
  { status, headers, body }: ErrorReply,
  { limits, clock, certificate }: ListenerOptions,
): void {
  const lines = Object.entries({
    ...headers,
    ...(certificate === undefined ? {} : Object.fromEntries([httpsOnly])),
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on('error', () => undefined);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
  socket.once(
    'close',
    clock.after(limits.lingerMs, () => socket.destroy()),
  );
}

const faults: { readonly [code: string]: readonly [ErrorKind, string] | undefined } = {
  HPE_HEADER_OVERFLOW: ['headersTooLarge', 'The headers are too large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['tooLarge', 'The chunk extensions are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: ['requestTooSlow', 'The request took too long'],
};

function errorOf(cause: NodeJS.ErrnoException): McpError {
  const [kind, text] = faults[cause.code ?? ''] ?? ['badRequest', 'This is not HTTP/1.1'];
  return new McpError(kind, text, { cause });
}
