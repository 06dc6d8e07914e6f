import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { McpError } from '../errors.js';
import { type LoginPage, loginPage } from './login-page.js';

/** Where a browser comes back to after a login: once, on this machine. */
export interface LoginListener {
  readonly redirectUrl: string;
  /** Resolves with the address that the browser came to, once it names `state`. */
  answer(
    state: string,
    options: { readonly ms: number; readonly signal: AbortSignal },
  ): Promise<string>;
  close(): void;
}

/** Listens on `port`, or on any one when that is taken. */
export async function listenForLogin(port: number): Promise<LoginListener> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 });
  await listenOn(server, port).catch(() => listenOn(server, 0));
  const { port: own } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${own}`;
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return {
    redirectUrl: `${origin}/callback`,
    close,
    answer: (state, { ms, signal }) =>
      new Promise((resolve, reject) => {
        const late = new McpError('timeout', 'Nobody has logged in in time');
        const timer = setTimeout(() => reject(late), ms);
        const abort = (): void => reject(new McpError('cancelled', 'Cancelled.'));
        if (signal.aborted) abort();
        signal.addEventListener('abort', abort, { once: true });
        server.on('request', (request, response) => {
          const url = new URL(request.url ?? '/', origin);
          const isOurs = request.headers.host === `127.0.0.1:${own}` && request.method === 'GET';
          if (!isOurs || url.pathname !== '/callback') return say(response, 404, pages.unknown);
          // A page that somebody else has sent here must not use up the one answer.
          if (url.searchParams.get('state') !== state) {
            return say(response, 400, pages.foreign);
          }
          clearTimeout(timer);
          signal.removeEventListener('abort', abort);
          response.once('close', () => resolve(url.href));
          say(response, 200, url.searchParams.has('error') ? pages.refused : pages.done);
        });
      }),
  };
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
