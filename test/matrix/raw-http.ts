import type { JsonObject } from '../../src/json-rpc/message.js';
import { initialize, initialized } from './raw-pipe.js';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The one message of a JSON body, or all of an event stream. */
  readonly messages: readonly JsonObject[];
}

export interface RawEvent {
  readonly id?: string;
  readonly retry?: number;
  readonly message?: JsonObject;
}

export interface RawStream {
  readonly status: number;
  header(name: string): string | undefined;
  readonly text: () => Promise<string>;
  /** The next event, comments left out; undefined at the end of the stream. */
  next(): Promise<RawEvent | undefined>;
  /** Goes without a word, as a connection that is cut. */
  cut(): void;
}

export type RawHeaders = { readonly [name: string]: string };

/** The client's end of Streamable HTTP as bare requests. */
export interface RawHttp {
  send(method: string, headers?: RawHeaders, body?: string | JsonObject): Promise<RawAnswer>;
  /** One POST of a message, with the headers that it needs and these. */
  post(message: string | JsonObject, headers?: RawHeaders): Promise<RawAnswer>;
  /** The same for an answer that is read event by event. */
  stream(method: string, headers: RawHeaders, body?: JsonObject): Promise<RawStream>;
  /** Opens a session and returns the headers of its requests. */
  open(protocolVersion?: string, headers?: RawHeaders): Promise<RawHeaders>;
}

export function rawHttp(url: string, fetch: typeof globalThis.fetch): RawHttp {
  const names = createStreamNames();
  const send: RawHttp['send'] = async (method, headers = {}, body) => {
    const init: RequestInit = { method, headers: names.spelled(headers) };
    if (body !== undefined) init.body = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(url, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, messages: read(text) };
  };
  const post: RawHttp['post'] = (message, headers = {}) =>
    send('POST', { ...jsonHeaders, ...mirrored(message), ...headers }, message);
  const stream: RawHttp['stream'] = async (method, headers, body) => {
    const cutter = new AbortController();
    const init: RequestInit = { method, headers: names.spelled(headers), signal: cutter.signal };
    if (body !== undefined) init.body = JSON.stringify(body);
    const response = await fetch(url, init);
    return readStream(response, names, () => cutter.abort());
  };
  return {
    send,
    post,
    stream,
    async open(protocolVersion = '2025-11-25', more = {}) {
      const { headers } = await post(initialize(0, protocolVersion), more);
      const session = {
        'mcp-session-id': headers.get('mcp-session-id') ?? '',
        'mcp-protocol-version': protocolVersion,
      };
      await post(initialized, { ...session, ...more });
      return session;
    },
  };
}

export const jsonHeaders: RawHeaders = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
};

/** Streams have names that nobody guesses; tests call them s1, s2, … as they come to see them. */
interface StreamNames {
  shortened(event: RawEvent): RawEvent;
  spelled(headers: RawHeaders): Record<string, string>;
}

function createStreamNames(): StreamNames {
  const seen: string[] = [];
  return {
    shortened(event) {
      const [, stream, seq] = /^([\w-]{22})\.(\d+)$/.exec(event.id ?? '') ?? [];
      if (stream === undefined) return event;
      if (!seen.includes(stream)) seen.push(stream);
      return { ...event, id: `s${seen.indexOf(stream) + 1}-${seq}` };
    },
    spelled: (headers) =>
      Object.fromEntries(
        Object.entries(headers).map(([name, value]) => {
          const [, number, seq] = /^s(\d+)-(\d+)$/.exec(value) ?? [];
          const stream = seen[Number(number) - 1];
          const isPlace = name.toLowerCase() === 'last-event-id' && stream !== undefined;
          return [name, isPlace ? `${stream}.${seq}` : value];
        }),
      ),
  };
}

function readStream(response: Response, names: StreamNames, cut: () => void): RawStream {
  let buffered = '';
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const block = async (): Promise<string | undefined> => {
    while (!buffered.includes('\n\n')) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) return undefined;
      buffered += value;
    }
    const end = buffered.indexOf('\n\n');
    const found = buffered.slice(0, end);
    buffered = buffered.slice(end + 2);
    return found;
  };
  return {
    status: response.status,
    header: (name) => response.headers.get(name) ?? undefined,
    text: async () => (await block()) ?? buffered,
    async next() {
      for (;;) {
        const found = await block();
        if (found === undefined) return undefined;
        if (!found.startsWith(':')) return names.shortened(readEvent(found));
      }
    },
    cut,
  };
}

function readEvent(block: string): RawEvent {
  const fields = new Map(
    block.split('\n').map((line) => [line.split(': ', 1)[0]!, line.slice(line.indexOf(': ') + 2)]),
  );
  const [id, retry, data] = ['id', 'retry', 'data'].map((name) => fields.get(name));
  return {
    ...(id === undefined ? {} : { id }),
    ...(retry === undefined ? {} : { retry: Number(retry) }),
    ...(data === undefined || data === '' || data === 'data:'
      ? {}
      : { message: JSON.parse(data) as JsonObject }),
  };
}

function mirrored(message: string | JsonObject): RawHeaders {
  if (typeof message === 'string') return {};
  const params = message['params'] as { readonly [name: string]: unknown } | undefined;
  const meta = params?.['_meta'] as { readonly [name: string]: unknown } | undefined;
  const version = meta?.['io.modelcontextprotocol/protocolVersion'];
  if (typeof version !== 'string') return {};
  const name = params?.['name'] ?? params?.['uri'];
  return {
    'mcp-protocol-version': version,
    'mcp-method': String(message['method']),
    ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
  };
}

function read(text: string): JsonObject[] {
  if (text === '') return [];
  if (text.startsWith('{')) return [JSON.parse(text) as JsonObject];
  return text
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice('data: '.length)) as JsonObject);
}
