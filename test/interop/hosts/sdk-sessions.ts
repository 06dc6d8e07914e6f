import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EventStore } from '@modelcontextprotocol/server';
import { eventLog } from './event-log.js';

/** The transport of one session, as both official SDKs have it. */
export interface SdkTransport {
  handleRequest(request: IncomingMessage, response: ServerResponse, body?: unknown): Promise<void>;
}

/** What a transport of either SDK is made with, so that it keeps a session. */
export interface SdkSessionOptions {
  readonly sessionIdGenerator: () => string;
  readonly eventStore: EventStore;
  readonly retryInterval: number;
  readonly onsessioninitialized: (id: string) => void;
  readonly onsessionclosed: (id: string) => void;
}

/** The sessions of a host, which both SDKs leave to whoever uses them. */
export interface SdkSessions {
  readonly serve: (
    request: IncomingMessage,
    response: ServerResponse,
    body?: unknown,
  ) => Promise<void>;
  /** Resolves when a client has ended its session. */
  readonly ended: Promise<void>;
  /** Forgets every session, as a server does that was started anew. */
  forget(): void;
}

/** `open` makes the server and the transport of one session, and connects them. */
export function createSdkSessions(
  open: (options: SdkSessionOptions) => Promise<SdkTransport>,
): SdkSessions {
  const sessions = new Map<string, SdkTransport>();
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));

  const begin = async (): Promise<SdkTransport> => {
    const transport = await open({
      sessionIdGenerator: randomUUID,
      eventStore: eventLog(),
      retryInterval: 20,
      onsessioninitialized: (id) => void sessions.set(id, transport),
      onsessionclosed(id) {
        sessions.delete(id);
        end();
      },
    });
    return transport;
  };
  return {
    ended,
    async serve(request, response, body) {
      const id = request.headers['mcp-session-id'];
      const found = sessions.get(String(id));
      if (id !== undefined && found === undefined) return void response.writeHead(404).end();
      await (found ?? (await begin())).handleRequest(request, response, body);
    },
    forget: () => sessions.clear(),
  };
}
