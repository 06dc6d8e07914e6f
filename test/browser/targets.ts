/** The servers that pages attack: one without any check, ours, and one that answers 421. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from '../../src/transports/http/index.js';
import { initialize, inSession } from '../hostile/attack.js';
import { createVictim, secret } from '../hostile/victim.js';
import { observe, type Observer } from './observer.js';
import { pageRequest, type PageRequest } from './requests.js';

export const targetNames = ['naive', 'ours', 'misdirecting'] as const;
export type TargetName = (typeof targetNames)[number];

/** Which guard of ours refused: by the name that was asked for, by the page, or by how it asks. */
export type Refusal = 'host' | 'origin' | 'metadata' | 'other';

export interface Target {
  readonly port: number;
  readonly observer: Observer;
  /** A session that a good client has opened. */
  readonly session: string;
  /** Why it refused what was asked since the last `forget`. */
  readonly refusals: readonly Refusal[];
  /** How often it did what nobody but a page asked for. */
  harm(): Promise<number>;
  /** Forgets what came so far. */
  forget(): void;
  close(): Promise<void>;
}

/** Opens a server at a port of 127.0.0.1. */
export const openTarget: {
  readonly [Name in TargetName]: (port: number) => Promise<Target>;
} = {
  naive: (port) => openPlain(port, serveAnybody),
  misdirecting: (port) => openPlain(port, refuseAsMisdirected),
  ours: openOurs,
};

async function openOurs(port: number): Promise<Target> {
  const victim = createVictim();
  let refusals: Refusal[] = [];
  const listening = await listen(victim.served, {
    port,
    host: '127.0.0.1',
    onRefusal: ({ message }) => refusals.push(...refusalsIn(message)),
  });
  const say = async (request: PageRequest): Promise<Response> => {
    const response = await fetch(listening.url, request);
    await response.arrayBuffer();
    return response;
  };
  const opened = await say(pageRequest(initialize));
  const session = opened.headers.get('mcp-session-id') ?? '';
  await say(pageRequest(inSession({ method: 'notifications/initialized' }, session)));
  const observer = observe(port);
  return {
    port,
    observer,
    session,
    get refusals() {
      return refusals;
    },
    async harm() {
      const ping = await say(pageRequest(inSession({ id: 1, method: 'ping' }, session)));
      // Whatever was not refused was obeyed.
      const obeyed = observer.seen.filter(({ status }) => status < 400).length;
      return victim.runs + obeyed + (ping.ok ? 0 : 1);
    },
    forget() {
      observer.forget();
      refusals = [];
    },
    async close() {
      observer.stop();
      await listening.close({ drainMs: 0 });
    },
  };
}

/** Nothing for connections that the browser opened in advance and did not use. */
function refusalsIn(message: string): readonly Refusal[] {
  if (message.includes('this Host')) return ['host'];
  if (message.includes('pages of this origin')) return ['origin'];
  if (message.includes('of a browser')) return ['metadata'];
  return message.includes('took too long') ? [] : ['other'];
}

interface Harm {
  count: number;
}

type Serve = (request: IncomingMessage, response: ServerResponse, harm: Harm) => Promise<void>;

async function openPlain(port: number, serve: Serve): Promise<Target> {
  const harm: Harm = { count: 0 };
  const server = createServer((request, response) => void serve(request, response, harm));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const observer = observe(port);
  return {
    port,
    observer,
    session: 'session',
    refusals: [],
    harm: () => Promise.resolve(harm.count),
    forget: () => observer.forget(),
    async close() {
      observer.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Does what it is told, by whatever body can be read as JSON. */
const serveAnybody: Serve = async (request, response, harm) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = '', url = '' } = request;
  if (method === 'OPTIONS') return void response.writeHead(200).end();
  if (url !== '/mcp') return void response.writeHead(404).end('Nothing is here');
  harm.count++;
  if (method === 'GET') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).end(`data: ${secret}\n\n`);
  } else if (method === 'DELETE') {
    response.writeHead(200).end(secret);
  } else {
    const { id } = JSON.parse(Buffer.concat(chunks).toString()) as { id?: unknown };
    const answer = JSON.stringify({ jsonrpc: '2.0', id, result: { secret } });
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(answer);
  }
};

/** Knows its name, and says of any other that the request was sent to the wrong server. */
const refuseAsMisdirected: Serve = async (request, response, harm) => {
  const isOurs = request.headers.host?.startsWith('127.0.0.1:') === true;
  if (isOurs) return serveAnybody(request, response, harm);
  request.resume();
  response.writeHead(421).end('This is the wrong server');
};
