/** A client as one writes it in an afternoon: it works, and it trusts its server with everything. */
import { request as send, type IncomingMessage } from 'node:http';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { systemClock } from '../../../src/platform/clock.js';
import { type Era, secret } from './attack.js';
import type { Ledger } from './ledger.js';

interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: { readonly [name: string]: unknown };
  readonly result?: { readonly [name: string]: unknown };
  readonly error?: { readonly message?: string };
}

interface Offered {
  readonly outputSchema?: {
    readonly properties?: { readonly [name: string]: { pattern?: string; $ref?: string } };
  };
}

type Result = NonNullable<Message['result']>;

export interface NaiveClient {
  connect(): Promise<void>;
  call(): Promise<unknown>;
  list(): Promise<unknown>;
  listen(): Promise<unknown>;
}

export function naiveClient(url: string, era: Era, ledger: Ledger): NaiveClient {
  let lastId = 0;
  let session: string | undefined;
  const tools = new Map<string, Offered>();

  const headers = (): { [name: string]: string } => ({
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'accept-encoding': 'gzip, deflate, br',
    authorization: `Bearer ${secret}`,
    'x-key': secret,
    ...(session === undefined ? {} : { 'mcp-session-id': session }),
  });
  const http = (
    method: string,
    to: string,
    body?: string,
    more: object = {},
  ): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const sent = send(to, { method, headers: { ...headers(), ...more } }, (response) => {
        const { location } = response.headers;
        if (location === undefined || response.statusCode! < 300) return resolve(response);
        response.resume();
        try {
          http(method, new URL(location, to).href, body, more).then(resolve, reject);
        } catch (thrown) {
          reject(thrown);
        }
      });
      sent.on('error', reject);
      sent.end(body);
    });
  const post = (message: object): Promise<IncomingMessage> =>
    http('POST', url, JSON.stringify({ jsonrpc: '2.0', ...message }));

  const onMessage = (message: Message): Result | undefined => {
    if (message.method !== undefined && 'id' in message) {
      if (message.params?.['url'] !== undefined) ledger.add('opens');
      post({ id: message.id, result: { action: 'accept', content: {} } }).then(
        (response) => response.resume(),
        () => undefined,
      );
      return undefined;
    }
    if (message.method === 'notifications/progress') {
      (message.params!['progress'] as number).toFixed(1);
    } else if (message.method === 'notifications/message') {
      (message.params!['level'] as string).toUpperCase();
    }
    if ('result' in message) return message.result;
    if (message.error !== undefined) throw new Refused(message.error.message);
    return undefined;
  };
  const readStream = (response: IncomingMessage, place: Place): Promise<Result | undefined> =>
    new Promise((resolve, reject) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        ledger.took(chunk.length);
        try {
          for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
            const event = text.slice(0, end);
            text = text.slice(end + 2);
            const result = readEvent(event, place, onMessage);
            if (result !== undefined) resolve(result);
          }
        } catch (thrown) {
          reject(thrown);
        }
      });
      response.on('close', () => resolve(undefined));
    });
  const readAnswer = async (response: IncomingMessage): Promise<Result> => {
    if (response.headers['content-type'] !== 'text/event-stream') {
      const text = decoded(await readAll(response, ledger), response, ledger);
      const result = onMessage(JSON.parse(text) as Message);
      // To have them for later, as caches do.
      JSON.stringify(result);
      return result!;
    }
    const place: Place = { id: '', retryMs: 0 };
    let found = await readStream(response, place);
    while (found === undefined) {
      await new Promise<void>((resolve) => void systemClock.after(place.retryMs, resolve));
      const again = await http('GET', url, undefined, { 'last-event-id': place.id });
      if (again.statusCode === 410) throw new Refused();
      if (again.statusCode !== 200) {
        again.resume();
        continue;
      }
      found = await readStream(again, place);
    }
    return found;
  };
  const ask = async (method: string, params: object = {}): Promise<Result> => {
    const response = await post({ id: ++lastId, method, params });
    if (response.statusCode === 405) return askOldWay(method, params);
    const given = response.headers['mcp-session-id'];
    if (typeof given === 'string') session = given;
    return readAnswer(response);
  };
  /** The two endpoints of 2024-11-05. */
  const askOldWay = async (method: string, params: object): Promise<Result> => {
    const events = await http('GET', url);
    const text = await new Promise<string>((resolve) => {
      events.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    });
    const endpoint = /data: (.*)/.exec(text)?.[1] ?? '';
    const message = JSON.stringify({ jsonrpc: '2.0', id: lastId, method, params });
    return readAnswer(await http('POST', new URL(endpoint, url).href, message));
  };
  const rounds = async (method: string, params: object): Promise<Result> => {
    let result = await ask(method, params);
    while (result['resultType'] === 'input_required') {
      const { inputRequests = {}, requestState } = result;
      for (const one of Object.values(inputRequests as { [key: string]: Message }))
        onMessage({ id: 0, ...one });
      result = await ask(method, { ...params, requestState, inputResponses: {} });
    }
    const { structuredContent } = result as { structuredContent?: { [name: string]: string } };
    for (const [name, { pattern, $ref }] of Object.entries(
      tools.get('work')?.outputSchema?.properties ?? {},
    )) {
      if ($ref !== undefined) await http('GET', $ref);
      if (pattern !== undefined) new RegExp(pattern).test(structuredContent?.[name] ?? '');
    }
    return result;
  };

  return {
    async connect() {
      if (era === 'legacy') {
        const { protocolVersion } = await ask('initialize', {});
        if (protocolVersion === undefined) throw new Refused();
        (await post({ method: 'notifications/initialized' })).resume();
      } else await ask('server/discover');
    },
    call: () => rounds('tools/call', { name: 'work', arguments: {} }),
    async list() {
      const found: unknown[] = [];
      let cursor: unknown;
      do {
        const page = await ask('tools/list', { cursor });
        found.push(...(page['tools'] as unknown[]));
        for (const tool of page['tools'] as ({ name: string } & Offered)[])
          tools.set(tool.name, tool);
        cursor = page['nextCursor'];
      } while (cursor !== undefined);
      return found;
    },
    listen: async () => readStream(await http('GET', url), { id: '', retryMs: 0 }),
  };
}

/** The server said no, which is its right. */
export class Refused extends Error {}

interface Place {
  id: string;
  retryMs: number;
}

function readEvent(
  event: string,
  place: Place,
  onMessage: (message: Message) => Result | undefined,
): Result | undefined {
  let data = '';
  for (const line of event.split('\n')) {
    if (line.startsWith('id: ')) place.id = line.slice(4);
    else if (line.startsWith('retry: ')) place.retryMs = Number(line.slice(7));
    else if (line.startsWith('data: ')) data += line.slice(6);
  }
  return data === '' ? undefined : onMessage(JSON.parse(data) as Message);
}

async function readAll(response: IncomingMessage, ledger: Ledger): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    ledger.took((chunk as Buffer).length);
  }
  return Buffer.concat(chunks);
}

function decoded(bytes: Buffer, { headers }: IncomingMessage, ledger: Ledger): string {
  const coding = headers['content-encoding'];
  const decode =
    coding === 'gzip'
      ? gunzipSync
      : coding === 'deflate'
        ? inflateSync
        : coding === 'br'
          ? brotliDecompressSync
          : undefined;
  if (decode === undefined) return bytes.toString();
  const whole = decode(bytes);
  ledger.took(whole.length);
  return whole.toString();
}
