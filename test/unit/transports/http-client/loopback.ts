import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** One request that the server got. */
export interface Seen {
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  /** The message in the body. */
  readonly message: { readonly id?: number; readonly method?: string };
  /** The client's port: the same for requests that shared a connection. */
  readonly port: number | undefined;
  /** Resolves when the response is over, in full or cut. */
  readonly over: Promise<{ readonly isCut: boolean }>;
}

export interface Loopback {
  readonly url: string;
  readonly seen: readonly Seen[];
  /** Resolves with the first request, past or future, that fits. */
  until(fits: (seen: Seen) => boolean): Promise<Seen>;
}

export type Answer = (seen: Seen, response: ServerResponse) => void;

/** A server whose every answer the test writes itself. */
export async function loopback(answer: Answer): Promise<Loopback> {
  const seen: Seen[] = [];
  const waiters = new Set<() => void>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const one: Seen = {
        method: request.method ?? '',
        headers: request.headers,
        message: body === '' ? {} : JSON.parse(body),
        port: request.socket.remotePort,
        over: new Promise((resolve) => {
          response.on('close', () => resolve({ isCut: !response.writableFinished }));
        }),
      };
      seen.push(one);
      answer(one, response);
      for (const wake of waiters) wake();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => void server.close(() => resolve()));
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    seen,
    until: (fits) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = seen.find(fits);
          if (found === undefined) return;
          waiters.delete(look);
          resolve(found);
        };
        waiters.add(look);
        look();
      }),
  };
}

/** A server of 2025-11-25 with a session; `answer` gets what is no matter of the session itself. */
export function sessionLoopback(answer: Answer): Promise<Loopback> {
  return loopback((seen, response) => {
    const { method, message } = seen;
    if (message.method === 'initialize') {
      response.setHeader('mcp-session-id', 'one');
      sendResult(seen, response, {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'loopback', version: '1' },
      });
    } else if (message.method === 'notifications/initialized') response.writeHead(202).end();
    // The standing stream, which this server does not have unless a test says so.
    else if (method === 'GET' && seen.headers['last-event-id'] === undefined) {
      response.writeHead(405).end();
    } else answer(seen, response);
  });
}

export function sendResult(seen: Seen, response: ServerResponse, result: object): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ jsonrpc: '2.0', id: seen.message.id, result }));
}

/** Begins an event stream with what stands in `text`. */
export function beginStream(response: ServerResponse, text: string): void {
  response.setHeader('content-type', 'text/event-stream');
  response.write(text);
}

/** An event with the answer to a tools/call. */
export function answerEvent(id: number | undefined): string {
  const result = { content: [{ type: 'text', text: 'done' }] };
  return `data: ${JSON.stringify({ jsonrpc: '2.0', id, result })}\n\n`;
}

export function isCall({ message }: Seen): boolean {
  return message.method === 'tools/call';
}

export function isResumption({ method, headers }: Seen): boolean {
  return method === 'GET' && headers['last-event-id'] !== undefined;
}

/** What a promise rejects with, once somebody asks: it may reject before. */
export function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
}
