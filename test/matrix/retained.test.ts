import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createServer } from '../../src/index.js';
import type { JsonObject } from '../../src/json-rpc/message.js';
import { manualPlatform, type ManualPlatform } from '../../src/testing/index.js';
import { createEndpoint, type Endpoint } from '../../src/transports/http/index.js';
import type { WireReply, WireRequest } from '../../src/transports/http/wire.js';
import { jsonHeaders } from './raw-http.js';
import { initialize, initialized, legacy, modern } from './raw-pipe.js';

const calls = 16_000;
const atOnce = 50;

describe(`${calls} calls over HTTP leave nothing behind`, () => {
  let platform: ManualPlatform;
  let endpoint: Endpoint;
  let watched: ReturnType<typeof watchCollections>;

  beforeEach(() => {
    watched = watchCollections();
    platform = manualPlatform();
    const server = createServer({ name: 'retained', version: '1.0.0', platform });
    server.tool('echo', { input: { type: 'object' } }, (args) => JSON.stringify(args));
    server.tool('work', {}, async (_args, call) => {
      await call.progress(1);
      return 'done';
    });
    endpoint = createEndpoint(server, { platform });
  });

  afterEach(async () => {
    watched.restore();
    await endpoint.close(0);
    expect(platform.clock.waiting).toBe(0);
  });

  /** What is left of so many calls, in entries of what lives longer than one. */
  async function leftOf(call: (id: number) => Promise<Answer>): Promise<number> {
    await call(0);
    watched.restore();
    const [before, waiting] = [watched.size(), platform.clock.waiting];
    for (let id = 1; id <= calls; id += atOnce) {
      const answers = await Promise.all(Array.from({ length: atOnce }, (_, at) => call(id + at)));
      for (const { status } of answers) if (status !== 200) throw new Error(`HTTP ${status}`);
    }
    expect(platform.clock.waiting).toBe(waiting);
    return watched.size() - before;
  }

  test.each(['echo', 'work'])('modern: %s', { timeout: 60_000 }, async (name) => {
    const left = await leftOf((id) => {
      const message = modern(id, 'tools/call', { name });
      const params = message['params'] as { _meta: object };
      const _meta = { ...params._meta, progressToken: id };
      const headers = {
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'tools/call',
        'mcp-name': name,
      };
      return send(endpoint, headers, { ...message, params: { ...params, _meta } });
    });
    expect(left).toBe(0);
  });

  test.each(['echo', 'work'])('in one session: %s', { timeout: 60_000 }, async (name) => {
    const { headers } = await send(endpoint, {}, initialize(0));
    const session = { 'mcp-session-id': headers['mcp-session-id'] ?? '' };
    await send(endpoint, session, initialized);
    const left = await leftOf((id) => {
      const params = { name, _meta: { progressToken: id } };
      return send(endpoint, session, legacy(id, 'tools/call', params));
    });
    // So many streams that are over may still be come back to, and are known at three places.
    expect(left).toBeLessThanOrEqual(name === 'echo' ? 0 : 3 * 16 * 8);
  });
});

interface Answer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
}

/** One request without a network; the answer is there when all of it was written. */
async function send(
  endpoint: Endpoint,
  headers: { readonly [name: string]: string },
  message: JsonObject,
): Promise<Answer> {
  const body = new TextEncoder().encode(JSON.stringify(message));
  const request: WireRequest = {
    method: 'POST',
    target: '/mcp',
    rawHeaders: Object.entries({ host: 'localhost', ...jsonHeaders, ...headers }).flat(),
    httpVersion: '1.1',
    remoteAddress: undefined,
    body: async () => body,
  };
  return new Promise((resolve) => {
    let answer: Answer = { status: 0, headers: {} };
    const reply: WireReply = {
      send: (status, sent) => resolve({ status, headers: sent }),
      open: (status, sent) => (answer = { status, headers: sent }),
      write: () => true,
      end: () => resolve(answer),
      cut: () => resolve(answer),
      onDrain: () => undefined,
      onVanish: () => undefined,
      vanished: false,
    };
    void endpoint.handle(request, reply);
  });
}

/** All Maps and Sets that are made until `restore`, and how much they hold together. */
function watchCollections(): { size: () => number; restore: () => void } {
  const made: { readonly size: number }[] = [];
  const real = { Map: globalThis.Map, Set: globalThis.Set };
  const watching = <C extends MapConstructor | SetConstructor>(Collection: C): C =>
    new Proxy(Collection, {
      construct(target, args, newTarget: never) {
        const one = Reflect.construct(target, args, newTarget) as { readonly size: number };
        made.push(one);
        return one;
      },
    });
  Object.assign(globalThis, { Map: watching(real.Map), Set: watching(real.Set) });
  return {
    size: () => made.reduce((sum, one) => sum + one.size, 0),
    restore: () => void Object.assign(globalThis, real),
  };
}
