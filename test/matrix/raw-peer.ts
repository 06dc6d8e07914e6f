import type { Stage } from '../../src/testing/index.js';
import type { JsonObject } from '../../src/json-rpc/message.js';
import { type RawHeaders, rawHttp } from './raw-http.js';
import { initialized, legacy, modernMeta } from './raw-pipe.js';

/** A client of either era that says what a test likes, over pipes and Streamable HTTP alike. */
export interface RawPeer {
  /** The answer to a request: the message with its id. */
  ask(method: string, params?: JsonObject, meta?: JsonObject): Promise<JsonObject>;
  notify(message: JsonObject): Promise<void>;
}

/** The transports that it knows. */
export const raw = { transports: ['memory', 'stdio', 'http', 'web'] } as const;

export async function rawPeer(stage: Stage, capabilities: JsonObject = {}): Promise<RawPeer> {
  const { send, began } = stage.host.pipe === undefined ? overHttp(stage) : overPipe(stage);
  let lastId = 0;
  const peer: RawPeer = {
    ask(method, params = {}, meta = {}) {
      const own = stage.era === 'modern' ? { ...modernMeta, ...meta } : meta;
      const _meta = stage.era === 'modern' ? { ...own, ...capable(capabilities, meta) } : own;
      return send(legacy(++lastId, method, { ...params, _meta })) as Promise<JsonObject>;
    },
    notify: async (message) => void (await send(message)),
  };
  if (stage.era === 'modern') return peer;
  const clientInfo = { name: 'raw', version: '1' };
  const protocolVersion = stage.revision;
  const params = { protocolVersion, capabilities, clientInfo };
  await send(legacy('welcome', 'initialize', params));
  began();
  await peer.notify(initialized);
  return peer;
}

interface Way {
  readonly send: (message: JsonObject) => Promise<JsonObject | undefined>;
  /** Called when a session is open. */
  readonly began: () => void;
}

const capabilitiesKey = 'io.modelcontextprotocol/clientCapabilities';

function capable(capabilities: JsonObject, meta: JsonObject): JsonObject {
  return capabilitiesKey in meta ? {} : { [capabilitiesKey]: capabilities };
}

function overPipe({ host }: Stage): Way {
  const waiting = new Map<unknown, (answer: JsonObject) => void>();
  const pipe = host.pipe!();
  pipe.start({
    receive: (message) => waiting.get('id' in message ? message.id : undefined)?.(message as never),
    reject: () => undefined,
    end: () => undefined,
  });
  return {
    began: () => undefined,
    send(message) {
      const sent = pipe.send(message as never);
      if (message['id'] === undefined) return Promise.resolve(sent).then(() => undefined);
      return new Promise((resolve) => waiting.set(message['id'], resolve));
    },
  };
}

function overHttp({ host, era, revision }: Stage): Way {
  const http = rawHttp(host.url!, host.fetch!);
  const version = { 'mcp-protocol-version': revision };
  let id = '';
  let session: RawHeaders = {};
  // What names its version itself has its headers made of that.
  const headersOf = ({ method, params }: JsonObject): RawHeaders => {
    if (era === 'legacy') return session;
    const meta = (params as JsonObject | undefined)?.['_meta'] as JsonObject | undefined;
    if (meta?.['io.modelcontextprotocol/protocolVersion'] !== undefined) return {};
    return { ...version, 'mcp-method': String(method) };
  };
  return {
    began: () => (session = { 'mcp-session-id': id, ...version }),
    async send(message) {
      const { headers, messages } = await http.post(message, headersOf(message));
      id = headers.get('mcp-session-id') ?? id;
      return messages.find((one) => one['id'] === message['id']);
    },
  };
}
