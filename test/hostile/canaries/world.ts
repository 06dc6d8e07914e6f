/** A server, another one behind it, and the command line, with an ear at every place that talks. */
import { once } from 'node:events';
import { createServer as createHttp, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { vi } from 'vitest';
import type { Auth } from '../../../src/authorization.js';
import { McpError } from '../../../src/errors.js';
import { defaultLimits } from '../../../src/limits.js';
import { systemClock } from '../../../src/platform/clock.js';
import { memoryEvents } from '../../../src/stores/memory-events.js';
import { memorySessions } from '../../../src/stores/memory.js';
import { createWireTap, tapEndpoint } from '../../../src/testing/wire.js';
import { createEndpoint, nodeHandler } from '../../../src/transports/http/index.js';
import { type Ran, run, type RunOptions } from '../../unit/cli/run.js';
import type { Parts } from '../attack.js';
import { createTalker } from './talker.js';

/** Where a secret may turn up that is none of anybody's business. */
export const sinkNames = ['log', 'answers', 'upstream', 'stores', 'tape', 'output'] as const;
export type SinkName = (typeof sinkNames)[number];

export interface WorldOptions {
  readonly auth?: Auth;
  /** A hook of the server tells on purpose what it is shown, there. */
  readonly leak?: SinkName;
  /** Bodies carry the secret, and a tape has what the client says: then it is not looked at. */
  readonly inBody?: boolean;
}

export interface Heard {
  readonly status: number;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly body: string;
}

export interface World extends AsyncDisposable {
  readonly url: string;
  readonly upstream: string;
  /** All that was brought in, as it came. */
  readonly came: string[];
  /** All that was said, by place. */
  said(): { readonly [sink in SinkName]: string };
  /** Sends one request to the server; lets go of an answer that is a stream once it has begun. */
  ask(parts: Parts): Promise<Heard>;
  sallyport(words: readonly string[], options?: RunOptions): Promise<Ran>;
}

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const heard: { readonly [sink in SinkName]: string[] } = {
    ...{ log: [], answers: [], upstream: [], stores: [], tape: [], output: [] },
  };
  const hear = (sink: SinkName, ...said: readonly unknown[]): void => {
    for (const one of said) heard[sink].push(typeof one === 'string' ? one : deep(one));
  };
  const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((...said) => hear('log', ...said)),
  );
  const behind = await openUpstream((said) => hear('upstream', said));
  const wire = createWireTap();
  const came: string[] = [];
  const front = createHttp();
  const url = `${await open(front)}/mcp`;
  const endpoint = createEndpoint(createTalker(behind.url), {
    publicUrl: url,
    auth: options.auth ?? doorkeeper(options.leak, hear, behind.url),
    onError: (error) => hear('log', error),
    onRefusal: (error, details) => hear('log', error, details),
    store: {
      sessions: watched(memorySessions(), (said) => hear('stores', said)),
      events: watched(memoryEvents(defaultLimits, systemClock), (said) => hear('stores', said)),
    },
  });
  const handle = nodeHandler(tapEndpoint(endpoint, wire));
  front.on('request', (request, response) => {
    came.push(request.url ?? '', ...request.rawHeaders);
    handle(request, response);
  });

  return {
    url,
    upstream: behind.url,
    came,
    said() {
      for (const { from, text } of wire.frames) {
        if (from === 'client') came.push(text);
        if (from === 'server' || options.inBody !== true) hear('tape', text);
      }
      const texts = sinkNames.map((name) => [name, heard[name].join('\n')] as const);
      return Object.fromEntries(texts) as { [sink in SinkName]: string };
    },
    async ask(parts) {
      const answer = await send(url, parts);
      hear('answers', answer);
      return answer;
    },
    async sallyport(words, about = {}) {
      came.push(...words, ...Object.values(about.env ?? {}));
      const ran = await run(words, about);
      hear('output', ran.stdout, ran.stderr);
      return ran;
    },
    async [Symbol.asyncDispose]() {
      for (const spy of spies) spy.mockRestore();
      await endpoint.close(0);
      for (const server of [front, behind.server]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

const deep = (value: unknown): string => inspect(value, { depth: 12, maxStringLength: null });

/** Lets in whoever shows a token that begins with `good-`. Leaks where it is told to. */
function doorkeeper(
  leak: SinkName | undefined,
  hear: (sink: SinkName, said: string) => void,
  upstream: string,
): Auth {
  return {
    issuers: ['https://login.example'],
    async verify(token, { resource }) {
      if (leak === 'log') console.error(`Somebody shows ${token}`);
      if (leak === 'answers') throw new McpError('forbidden', `Who else has ${token}?`);
      if (leak === 'upstream') await fetch(upstream, { headers: { authorization: token } });
      if (!token.startsWith('good-')) throw new McpError('unauthorized', 'Who is it?');
      const isTold = leak === 'stores' || leak === 'tape' || leak === 'output';
      return { id: isTold ? token : 'ann', audience: resource, expiresAt: Infinity };
    },
  };
}

/** The same store, with all that is put into it and asked of it told. */
function watched<Store extends object>(store: Store, hear: (said: string) => void): Store {
  return new Proxy(store, {
    get(target, name) {
      const member = Reflect.get(target, name) as unknown;
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        hear(deep(args));
        return Reflect.apply(member, target, args);
      };
    },
  });
}

async function openUpstream(
  hear: (said: string) => void,
): Promise<{ url: string; server: Server }> {
  const server = createHttp((request, response) => {
    hear(`${request.url} ${request.rawHeaders.join('\n')}`);
    request.setEncoding('utf8').on('data', hear);
    request.once('end', () => response.writeHead(404).end());
  });
  return { url: await open(server), server };
}

async function open(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function send(url: string, { method, target, headers, body }: Parts): Promise<Heard> {
  const given = Object.entries(headers).flatMap(([name, value]) =>
    value === null || name === 'host' ? [] : [[name, value] as const],
  );
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      new URL(target, url),
      { method, headers: Object.fromEntries(given) as { [name: string]: string }, agent: false },
      (incoming) => {
        let text = '';
        const { statusCode: status = 0, headers: said } = incoming;
        const done = (): void => resolve({ status, headers: said, body: text });
        incoming.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
          if (method !== 'GET' || said['content-type'] !== 'text/event-stream') return;
          done();
          incoming.destroy();
        });
        incoming.once('close', done);
      },
    );
    outgoing.once('error', reject);
    if (body !== undefined) outgoing.write(typeof body === 'string' ? body : JSON.stringify(body));
    outgoing.end();
  });
}
