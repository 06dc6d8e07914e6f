/** The ways into a server: our listener, our handlers in the servers of others, web requests. */
import {
  createEndpoint,
  type EndpointOptions,
  fetchHandler,
  listen,
} from '../../src/transports/http/index.js';
import { modern, type Parts } from './attack.js';
import { bodyBytes, headerLines, type Words, wireBytes } from './bytes.js';
import { openNaiveServer } from './naive-server.js';
import { type HostName, hostNames, openHost } from './hosts.js';
import { type Heard, Line } from './raw-http.js';
import { createVictim, type Victim } from './victim.js';

export type DoorName = 'listen' | 'web' | HostName;
/** Where the request is seen as it came, each header by itself. */
export const rawDoorNames: readonly DoorName[] = ['listen', ...hostNames];
export const doorNames: readonly DoorName[] = [...rawDoorNames, 'web'];

/** What came of a request: the answer, and whether its connection still serves a good request. */
export interface Outcome {
  /** Undefined: the connection was closed without a word. */
  readonly heard: Heard | undefined;
  readonly connection: 'closed' | 'kept' | 'none';
}

export interface Door {
  /** Where there is a socket. */
  readonly port?: number;
  readonly victim: Pick<Victim, 'runs' | 'release' | 'held' | 'holding'>;
  readonly crashes: number;
  send(parts: Parts, words?: Words): Promise<Outcome>;
  /** Sends and does not wait for the answer. */
  begin(parts: Parts, words?: Words): Promise<void>;
  /** Lets what is held go on, and waits until it is answered. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

/** Opens one of the ways into a server of ours. */
export async function openDoor(
  name: DoorName,
  options: EndpointOptions,
  victim: Victim = createVictim(),
): Promise<Door> {
  if (name === 'listen') {
    const { port, close } = await listen(victim.served, options);
    return socketDoor(port, victim, () => close({ drainMs: 0 }));
  }
  const named = options.auth === undefined ? {} : { publicUrl: 'https://mcp.example/mcp' };
  const endpoint = createEndpoint(victim.served, { ...named, ...options });
  if (name === 'web') {
    const handle = fetchHandler(endpoint, { clientAddress: 'unknown' });
    return webDoor(handle, victim, () => endpoint.close(0));
  }
  const host = await openHost(name, endpoint);
  return socketDoor(host.port, victim, async () => {
    await endpoint.close(0);
    await host.close();
  });
}

/** The naive server; `sloppy`: by the parser of its own. */
export interface NaiveDoors {
  readonly plain: Door;
  readonly sloppy: Door;
}

export async function openNaiveDoors(): Promise<NaiveDoors> {
  const naive = await openNaiveServer();
  const victim = {
    get runs() {
      return naive.runs;
    },
    release: () => undefined,
    held: 0,
    holding: () => Promise.resolve(),
  };
  const doorAt = (port: number): Door => {
    const door: Door = {
      victim,
      get crashes() {
        return naive.crashes;
      },
      async send(parts, words = {}) {
        const line = await Line.to(port);
        line.write(wireBytes(parts, { port, ...words }));
        line.end();
        const heard = await line.answer(parts.method);
        // A second answer belongs to what was smuggled.
        await line.closed;
        return { heard, connection: 'none' };
      },
      async begin(parts, words) {
        await door.send(parts, words);
      },
      finish: () => Promise.resolve(),
      close: () => naive.close(),
    };
    return door;
  };
  return { plain: doorAt(naive.port), sloppy: doorAt(naive.sloppyPort) };
}

/** The way into whatever listens on `port`. */
export function socketDoor(port: number, victim: Victim, close: () => Promise<void>): Door {
  const started: Line[] = [];
  const calls: Promise<unknown>[] = [];
  return {
    port,
    victim,
    crashes: 0,
    async send(parts, words = {}) {
      const line = await Line.to(port);
      line.write(wireBytes(parts, { port, ...words }));
      const heard = await line.answer(parts.method);
      const connection = heard === undefined ? 'closed' : await stateOf(line, heard, port);
      line.hangUp();
      return { heard, connection };
    },
    async begin(parts, words = {}) {
      const line = await Line.to(port);
      started.push(line);
      const { held } = victim;
      line.write(wireBytes(parts, { port, ...words }));
      if (isStream(parts)) return expectOpen((await line.head())?.status);
      await victim.holding(held + 1);
      calls.push(line.answer());
    },
    async finish() {
      victim.release();
      await Promise.all(calls.splice(0));
    },
    async close() {
      victim.release();
      for (const line of started) line.hangUp();
      await close();
    },
  };
}

/** Puts a good request behind the attack: it must be answered, or the connection be closed. */
async function stateOf(line: Line, heard: Heard, port: number): Promise<'closed' | 'kept'> {
  if (heard.headers.get('connection') === 'close') {
    await line.closed;
    return 'closed';
  }
  line.write(wireBytes(good, { port }));
  const second = await line.answer();
  if (second === undefined) return 'closed';
  if (!second.body.includes('"id":"good"')) {
    throw new Error(`The connection is out of step: ${second.status} ${second.body}`);
  }
  return 'kept';
}

const good: Parts = {
  method: 'POST',
  target: '/mcp',
  headers: {
    host: 'localhost:{port}',
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    authorization: 'Bearer bob',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'server/discover',
  },
  body: { ...modern('server/discover'), id: 'good' },
};

function expectOpen(status: number | undefined): void {
  if (status !== 200) throw new Error(`The stream was not opened: ${status}`);
}

function isStream({ method, headers }: Parts): boolean {
  return method === 'GET' || headers['mcp-method'] === 'subscriptions/listen';
}

function webDoor(
  handle: (request: Request) => Promise<Response>,
  victim: Victim,
  close: () => Promise<void>,
): Door {
  const readers: ReadableStream[] = [];
  const calls: Promise<unknown>[] = [];
  return {
    victim,
    crashes: 0,
    async send(parts, words = {}) {
      const response = await handle(webRequest(parts, { port: 3000, ...words }));
      const { status } = response;
      const headers = new Map(response.headers);
      const heard = { status, headers, body: await response.text(), interim: [] };
      return { heard, connection: 'none' };
    },
    async begin(parts, words = {}) {
      const { held } = victim;
      const answering = handle(webRequest(parts, { port: 3000, ...words }));
      if (isStream(parts)) {
        const { body, status } = await answering;
        expectOpen(status);
        if (body !== null) readers.push(body);
      } else {
        calls.push(answering.then((response) => response.text()));
        await victim.holding(held + 1);
      }
    },
    async finish() {
      victim.release();
      await Promise.all(calls.splice(0));
    },
    async close() {
      victim.release();
      await Promise.all(readers.map((reader) => reader.cancel()));
      await close();
    },
  };
}

function webRequest(parts: Parts, words: Words): Request {
  if (parts.raw !== undefined) throw new Error('Raw bytes are no web request');
  const { method, target, chunked } = parts;
  const headers = headerLines(parts.headers, words);
  const url = `http://127.0.0.1:${words['port']}${target}`;
  if (parts.body === undefined) return new Request(url, { method, headers });
  const body = bodyBytes(parts.body, words);
  if (chunked !== undefined) {
    const init = { method, headers, body: pieces(body, chunked), duplex: 'half' } as const;
    return new Request(url, init);
  }
  const stated = 'content-length' in parts.headers;
  if (!stated) headers.push(['content-length', String(body.length)]);
  return new Request(url, { method, headers, body: new Uint8Array(body) });
}

function pieces(body: Uint8Array, size: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= body.length) return controller.close();
      controller.enqueue(body.subarray(at, (at += size)));
    },
  });
}
