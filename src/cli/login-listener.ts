import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { McpError } from '../errors.js';
import { defaultLimits } from '../limits.js';
import { type LoginPage, loginPage } from './login-page.js';

/** Where a browser comes back to after a login, on this machine: once for each of them. */
export interface LoginListener {
  readonly redirectUrl: string;
  /** Resolves with the address that the browser came to, once it names `state`. */
  answer(
    state: string,
    options: { readonly ms: number; readonly signal: AbortSignal },
  ): Promise<string>;
  close(): void;
}

type Waiters = Map<string, (url: string) => void>;

/** Listens on `port`, or on any one when that is taken. */
export async function listenForLogin(port: number): Promise<LoginListener> {
  // Nothing but headers is taken.
  const { headersMs } = defaultLimits;
  const server = createServer({ requestTimeout: headersMs, headersTimeout: headersMs });
  const waiters: Waiters = new Map();
  /** Logins that were answered, or that nobody waits for any more. */
  const over = new Set<string>();
  await listenOn(server, port).catch(() => listenOn(server, 0));
  const { port: own } = server.address() as AddressInfo;
  const host = `127.0.0.1:${own}`;
  server.on('request', (request, response) => {
    try {
      answerTo(request, response, { host, waiters, over });
    } catch {
      // Whatever it was that somebody sent here, a login goes on waiting.
      response.destroy();
    }
  });
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return {
    redirectUrl: `http://${host}/callback`,
    close,
    answer: (state, { ms, signal }) =>
      new Promise((resolve, reject) => {
        const end = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', abort);
          waiters.delete(state);
          over.add(state);
        };
        const late = new McpError('timeout', 'Nobody has logged in in time');
        const timer = setTimeout(() => (end(), reject(late)), ms);
        const abort = (): void => (end(), reject(new McpError('cancelled', 'Cancelled.')));
        signal.addEventListener('abort', abort, { once: true });
        waiters.set(state, (url) => (end(), resolve(url)));
        if (signal.aborted) abort();
      }),
  };
}

/** Looks at who asks before anything is read of what is asked for. */
function answerTo(
  request: IncomingMessage,
  response: ServerResponse,
  parts: { readonly host: string; readonly waiters: Waiters; readonly over: ReadonlySet<string> },
): void {
  const { host, waiters, over } = parts;
  const isOurs = request.headers.host === host && request.method === 'GET';
  const { url: target = '' } = request;
  if (!isOurs || target.split('?', 1)[0] !== '/callback') return say(response, 404, pages.unknown);
  const cameTo = `http://${host}${target}`;
  const params = URL.canParse(cameTo) ? new URL(cameTo).searchParams : new URLSearchParams();
  const state = params.get('state') ?? '';
  if (over.has(state)) return say(response, 410, pages.late);
  // A page that somebody else has sent here must not use up the one answer.
  const resolve = waiters.get(state);
  if (resolve === undefined) return say(response, 400, pages.foreign);
  waiters.delete(state);
  // The page is there before the program that shows it may end.
  response.once('close', () => resolve(new URL(cameTo).href));
  say(response, 200, params.has('error') ? pages.refused : pages.done);
}

function listenOn(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function say(response: ServerResponse, status: number, page: LoginPage): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  });
  response.end(loginPage(page));
}

const pages = {
  unknown: { isGood: false, title: 'Not found', text: 'There is no such page here.' },
  foreign: {
    isGood: false,
    title: 'Not this login',
    text: 'This is not the login that was begun. Go back to the terminal, and begin again there.',
  },
  late: {
    isGood: false,
    title: 'Too late',
    text: 'This login is over. Go back to the terminal: it says how it ended.',
  },
  refused: {
    isGood: false,
    title: 'Not logged in',
    text: 'You can close this page and go back to the terminal: it says why.',
  },
  done: {
    isGood: true,
    title: 'That was it',
    text: 'You can close this page and go back to the terminal.',
  },
} as const satisfies { readonly [name: string]: LoginPage };
