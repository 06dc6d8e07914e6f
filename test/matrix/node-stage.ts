/** Nodes that share a store, in one process, and a client that may turn to any of them. */
import { createServer, type Server } from '../../src/index.js';
import { resolveLimits } from '../../src/limits.js';
import { memoryStore } from '../../src/stores/memory.js';
import type { ServerStore } from '../../src/stores/server-store.js';
import {
  manualPlatform,
  type ManualPlatform,
  memoryNodes,
  type MemoryNodes,
} from '../../src/testing/index.js';
import {
  createEndpoint,
  type Endpoint,
  type EndpointOptions,
  fetchHandler,
} from '../../src/transports/http/index.js';
import { jsonHeaders, type RawHeaders, type RawHttp, rawHttp, type RawStream } from './raw-http.js';

export interface Node {
  readonly server: Server;
  readonly endpoint: Endpoint;
}

export interface StartOptions extends EndpointOptions {
  /** What is another here than in the store that all share. */
  readonly own?: Partial<ServerStore>;
  /** Adds to the server before anybody can be told that it has changed. */
  readonly define?: (server: Server) => unknown;
}

export const sse: RawHeaders = { accept: 'text/event-stream' };

export const requestOf = (id: number, method: string, params: object = {}): never =>
  ({ jsonrpc: '2.0', id, method, params }) as never;

export const callOf = (id: number, name: string): never =>
  requestOf(id, 'tools/call', { name, arguments: {}, _meta: { progressToken: id } });

/** Sessions are shared by all nodes of a stage; the names of streams are, too. */
export class NodeStage {
  readonly platform: ManualPlatform = manualPlatform();
  nodes: MemoryNodes = memoryNodes();
  shared: ServerStore;
  /** How many calls of `work` run. */
  running = 0;
  /** Lets all calls that wait go on. */
  release: () => void = () => undefined;
  readonly released: Promise<void>;
  readonly #raw: RawHttp;
  #current: ((request: Request) => Promise<Response>) | undefined;

  constructor() {
    this.released = new Promise((resolve) => (this.release = resolve));
    const memory = memoryStore(resolveLimits(), this.platform);
    this.shared = { ...memory, sessions: { ...memory.sessions, isShared: true } };
    this.#raw = rawHttp('http://127.0.0.1:3000/mcp', (input, init) =>
      this.#current!(new Request(input, init)),
    );
  }

  start(name: string, { own, define, ...options }: StartOptions = {}): Node {
    const { platform = this.platform } = options;
    const server = createServer({ name: 's', version: '1', platform });
    server.tool('work', { scopes: [] }, async (_args, call) => {
      await call.progress(1);
      this.running++;
      call.signal.addEventListener('abort', () => this.running--);
      await this.released;
      await call.progress(2);
      this.running--;
      return `done by ${name}`;
    });
    define?.(server);
    const store: ServerStore = { ...this.shared, cluster: this.nodes.join(name), ...own };
    return { server, endpoint: createEndpoint(server, { platform, store, ...options }) };
  }

  /** Turns to the node that is spoken to; event ids keep their short names across nodes. */
  at({ endpoint }: Pick<Node, 'endpoint'>): RawHttp {
    this.#current = fetchHandler(endpoint, { clientAddress: 'unknown' });
    return this.#raw;
  }

  async begin(node: Node, session: RawHeaders, name = 'work'): Promise<RawStream> {
    return this.at(node).stream('POST', { ...jsonHeaders, ...session }, callOf(7, name));
  }

  async get(node: Node, session: RawHeaders, place?: string): Promise<RawStream> {
    const from = place === undefined ? {} : { 'last-event-id': place };
    return this.at(node).stream('GET', { ...sse, ...session, ...from });
  }

  async status(node: Node, session: RawHeaders): Promise<number> {
    return (await this.at(node).post(requestOf(99, 'ping'), session)).status;
  }

  /** A call that runs at `node`, whose reader has had its first notice and is gone; where it was. */
  async leave(node: Node, session: RawHeaders, name?: string): Promise<string> {
    const stream = await this.begin(node, session, name);
    await stream.next();
    const { id = '' } = (await stream.next())!;
    stream.cut();
    return id;
  }
}
