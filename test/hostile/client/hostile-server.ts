import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Asked, type ClientAttack, json, type Reply, secret, sse } from './attack.js';
import { answersEnough, type Ledger, requestsEnough } from './ledger.js';

export interface HostileServer {
  readonly url: string;
  /** Resolves once the server has said all that it ever will in answer to the attacked request. */
  readonly given: Promise<void>;
  /** How many of the attacked requests have come. */
  readonly requests: () => number;
  close(): Promise<void>;
}

/** A server with good manners up to the request at which its attack begins. */
export async function openHostile(attack: ClientAttack, ledger: Ledger): Promise<HostileServer> {
  const { at = 'tools/call', reply } = attack;
  const attacked: ReadonlySet<string> = new Set([at].flat());
  let requests = 0;
  const counts = new Map<string, number>();
  let give = (): void => undefined;
  const given = new Promise<void>((resolve) => (give = resolve));
  const other = await listenOn(
    createServer((request, response) => {
      if (JSON.stringify(request.headers).includes(secret)) ledger.add('leaks');
      request.resume();
      response.writeHead(200, json).end('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
    }),
  );
  const elsewhere = originOf(other);

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const message = await readMessage(request, ledger);
    lookForInjection(request, ledger);
    const method = message.method ?? (request.method === 'POST' ? 'answer' : request.method!);
    const isResumed = method === 'GET' && request.headers['last-event-id'] !== undefined;
    const counted = isResumed ? 'tools/call' : method;
    const nth = (counts.get(counted) ?? 0) + 1;
    counts.set(counted, nth);
    if (method === 'answer' && nth > answersEnough) ledger.add('answers');
    if (!attacked.has(counted)) return behave(method, message.id, response);
    requests++;
    if (nth > requestsEnough) {
      ledger.add('storms');
      return void response.writeHead(410).end();
    }
    const asked: Asked = { method, id: message.id, params: message.params ?? {}, nth, elsewhere };
    await play(typeof reply === 'function' ? reply(asked) : reply, response, ledger);
    give();
  };
  const server = await listenOn(
    createServer((request, response) => {
      serve(request, response).catch(() => response.destroy());
    }),
  );
  return {
    url: `${originOf(server)}/mcp`,
    given,
    requests: () => requests,
    async close() {
      await Promise.all(
        [server, other].map((one) => {
          one.closeAllConnections();
          return new Promise<void>((resolve) => void one.close(() => resolve()));
        }),
      );
    },
  };
}

interface Sent {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: { readonly [name: string]: unknown };
}

const echoEnough = 4 * 1024 * 1024;

async function readMessage(request: IncomingMessage, ledger: Ledger): Promise<Sent> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  if (text.length > echoEnough) ledger.add('echoes');
  return text === '' ? {} : (JSON.parse(text) as Sent);
}

/** Nothing of what a server names may change what its own requests look like. */
function lookForInjection({ headers }: IncomingMessage, ledger: Ledger): void {
  for (const name of ['mcp-session-id', 'last-event-id']) {
    const value = headers[name];
    if (typeof value === 'string' && !/^[\x21-\x7e]{0,4096}$/.test(value)) ledger.add('injects');
  }
}

const manners: { readonly [method: string]: object } = {
  'server/discover': {
    resultType: 'complete',
    supportedVersions: ['2026-07-28'],
    capabilities: { tools: { listChanged: true }, resources: {} },
    ttlMs: 0,
    cacheScope: 'private',
  },
  initialize: {
    protocolVersion: '2025-11-25',
    capabilities: { tools: { listChanged: true }, resources: {} },
    serverInfo: { name: 'hostile', version: '1' },
  },
  'tools/list': {
    resultType: 'complete',
    tools: [{ name: 'work', inputSchema: { type: 'object' } }],
    ttlMs: 0,
    cacheScope: 'private',
  },
};

function behave(method: string, id: unknown, response: ServerResponse): void {
  if (method === 'GET') return void response.writeHead(405).end();
  const result = manners[method];
  if (result === undefined) return void response.writeHead(202).end();
  if (method === 'initialize') response.setHeader('mcp-session-id', 'one');
  response.writeHead(200, json).end(JSON.stringify({ jsonrpc: '2.0', id, result }));
}

async function play(reply: Reply, response: ServerResponse, ledger: Ledger): Promise<void> {
  const { status = 200, headers = json, body, messages, events, raw, forever } = reply;
  if (raw === undefined) {
    const isStream = messages !== undefined || events !== undefined;
    response.writeHead(status, {
      ...(isStream ? sse : {}),
      ...(reply.headers ?? (isStream ? {} : headers)),
    });
  }
  const write = raw === undefined ? response : response.socket!;
  const first =
    raw ?? body ?? events ?? messages?.map((one) => `data: ${JSON.stringify(one)}\n\n`).join('');
  if (first !== undefined) write.write(first);
  if (raw === undefined && first === undefined) response.flushHeaders();
  if (forever !== undefined) {
    let isGone = false;
    response.once('close', () => (isGone = true));
    while (!isGone && !ledger.isFull) {
      if (!write.write(forever))
        await Promise.race([once(write, 'drain'), once(response, 'close')]);
      else await new Promise(setImmediate);
      ledger.took(forever.length);
    }
    return void response.destroy();
  }
  if (reply.then === 'stay') return;
  if (reply.then === 'cut' || raw !== undefined) return void response.socket?.end();
  response.end();
}

async function listenOn(server: Server): Promise<Server> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
