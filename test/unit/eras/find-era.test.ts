import { beforeEach, describe, expect, test } from 'vitest';
import { type Client, connect, type ConnectOptions } from '../../../src/index.js';
import type { Pipe, PipeReceiver } from '../../../src/engine/pipe.js';
import { isResponse, type JsonObject, type Message } from '../../../src/json-rpc/message.js';
import { manualPlatform, type ManualPlatform } from '../../../src/testing/index.js';
import { cites } from '../../requirements.js';

type Said = { readonly result: JsonObject } | { readonly error: object } | undefined;
type Script = { readonly [method: string]: (params: JsonObject, times: number) => Said };

let platform: ManualPlatform;
let asked: string[];
let receiver: PipeReceiver;
let onAnswer: (message: Message) => void;

/** A server that says what a script has for each method, and nothing to the rest. */
function scripted(script: Script): Pipe {
  return {
    send(given) {
      const message = given as Message;
      if (isResponse(message)) return onAnswer(message);
      const {
        method,
        id,
        params = {},
      } = message as Message & {
        method: string;
        id?: number;
        params?: JsonObject;
      };
      asked.push(method);
      const times = asked.filter((one) => one === method).length;
      const said = id === undefined ? undefined : script[method]?.(params, times);
      if (said === undefined) return;
      queueMicrotask(() => receiver.receive({ jsonrpc: '2.0', id, ...said } as Message));
    },
    start: (given) => void (receiver = given),
    close: () => Promise.resolve(queueMicrotask(() => receiver.end())),
  };
}

const open = (script: Script, options: ConnectOptions = {}): Promise<Client> =>
  connect(scripted(script), { platform, ...options });

const discovered = {
  result: {
    resultType: 'complete',
    supportedVersions: ['2026-07-28'],
    capabilities: {},
    ttlMs: 0,
    cacheScope: 'private',
  },
};
const welcome = (protocolVersion: string): Said => ({
  result: { protocolVersion, capabilities: {}, serverInfo: { name: 's', version: '1' } },
});
const error = (code: number, data?: object): Said => ({ error: { code, message: 'no', data } });
const session: Script = { initialize: () => welcome('2025-11-25') };

beforeEach(() => {
  platform = manualPlatform();
  asked = [];
});

describe('a client that takes what there is', () => {
  cites('era/probe');
  test('stays modern with a modern server', async () => {
    const client = await open({ 'server/discover': () => discovered });
    expect([client.protocolVersion, asked]).toEqual(['2026-07-28', ['server/discover']]);
    await client.close();
    expect(platform.clock.waiting).toBe(0);
  });

  cites('era/any-error');
  test.each([-32601, -32602, -32600, -32000, 0])(
    'opens a session when the question is refused with %d',
    async (code) => {
      const client = await open({ ...session, 'server/discover': () => error(code) });
      expect(client.protocolVersion).toBe('2025-11-25');
      expect(asked).toEqual(['server/discover', 'initialize', 'notifications/initialized']);
      await client.close();
      expect(platform.clock.waiting).toBe(0);
    },
  );

  test('opens a session when the answer is none of that era', async () => {
    const client = await open({ ...session, 'server/discover': () => ({ result: {} }) });
    expect(client.protocolVersion).toBe('2025-11-25');
    await client.close();
  });

  cites('era/silence');
  test('opens a session when nothing is said for five seconds', async () => {
    const opening = open(session);
    await platform.clock.advance(4999);
    expect(asked).toEqual(['server/discover']);
    await platform.clock.advance(1);
    const client = await opening;
    expect(client.protocolVersion).toBe('2025-11-25');
    await client.close();
    expect(platform.clock.waiting).toBe(0);
  });

  cites('era/modern-error');
  test('does not fall back from a server that is modern and of another version', async () => {
    const data = { supported: ['2027-01-01'], requested: '2026-07-28' };
    const opening = open({ ...session, 'server/discover': () => error(-32022, data) });
    await expect(opening).rejects.toMatchObject({ kind: 'unsupportedVersion' });
    expect(asked).not.toContain('initialize');
  });

  test('takes an old version in the list of a refusal as leave to open a session', async () => {
    const data = { supported: ['2025-11-25'], requested: '2026-07-28' };
    const client = await open({ ...session, 'server/discover': () => error(-32022, data) });
    expect(client.protocolVersion).toBe('2025-11-25');
    await client.close();
  });
});

describe('a client that insists', () => {
  test('on the modern era fails where there is none', async () => {
    const opening = open({ ...session, 'server/discover': () => error(-32601) }, { era: 'modern' });
    await expect(opening).rejects.toMatchObject({ code: -32601 });
    expect(asked).toEqual(['server/discover']);
  });

  test('on a session asks no question first', async () => {
    const client = await open(session, { era: 'legacy' });
    expect(asked[0]).toBe('initialize');
    await client.close();
  });

  test('on a revision asks for it, and takes the one that is offered', async () => {
    const wanted: unknown[] = [];
    const client = await open(
      {
        initialize: ({ protocolVersion }) => {
          wanted.push(protocolVersion);
          return welcome('2024-11-05');
        },
      },
      { era: 'legacy', revision: '2025-03-26' },
    );
    expect([wanted, client.protocolVersion]).toEqual([['2025-03-26'], '2024-11-05']);
    await client.close();
  });

  cites('session/disconnects');
  test.each(['2026-07-28', '1999-01-01', 'nonsense'])(
    'ends when the server offers %s, which it cannot speak',
    async (version) => {
      const opening = open({ initialize: () => welcome(version) }, { era: 'legacy' });
      await expect(opening).rejects.toMatchObject({ kind: 'badResponse', fromPeer: false });
      expect(asked).toEqual(['initialize']);
    },
  );
});

describe('a server that does not keep to the protocol', () => {
  const bad = { kind: 'badResponse', fromPeer: false };
  const answering = async (result: JsonObject): Promise<Client> =>
    open({
      'server/discover': () => discovered,
      'tools/call': () => ({ result }),
      'tools/list': () => ({ result }),
    });

  test.each([
    ['no content', {}],
    ['content that is none', { content: [{ type: 'text' }] }],
    ['a kind of result that nobody knows', { resultType: 'task', content: [] }],
    ['questions that are none', { resultType: 'input_required', inputRequests: { a: 1 } }],
  ])('is found out: %s', async (_what, result) => {
    const client = await answering(result);
    await expect(client.callTool('t')).rejects.toMatchObject({
      kind: expect.stringMatching(/bad|invalid/),
    });
    await client.close();
  });

  test('is found out when it lists what are no tools', async () => {
    const client = await answering({ tools: [{ title: 'nameless' }] });
    await expect(client.listTools()).rejects.toMatchObject(bad);
    await client.close();
  });

  test('asks what was not offered, and is told', async () => {
    const client = await open(session, { era: 'legacy' });
    const answer = new Promise<Message>((resolve) => (onAnswer = resolve));
    receiver.receive({ jsonrpc: '2.0', id: 'q', method: 'roots/list' });
    expect(await answer).toMatchObject({ id: 'q', error: { code: -32601 } });
    await client.close();
  });
});
