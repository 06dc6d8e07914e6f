/** What becomes of answers between the handler and its socket, in servers that are not ours. */
import { once } from 'node:events';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { defaultLimits } from '../../../../src/limits.js';
import { createServer, type Server as McpServer } from '../../../../src/server/index.js';
import {
  createEndpoint,
  type Endpoint,
  nodeHandler,
} from '../../../../src/transports/http/index.js';
import {
  sendNow,
  sendTogether as sendWith,
} from '../../../../src/transports/http/node-together.js';
import { modernCall, modernList } from '../../../hostile/attack.js';
import { wireBytes } from '../../../hostile/bytes.js';
import { type Heard, Line } from '../../../hostile/raw-http.js';

let mcp: McpServer;
let endpoint: Endpoint;
let app: Server;
let refused: unknown[];
/** What the app does with a request before it hands it over. */
let before: (request: IncomingMessage, response: ServerResponse) => void;
let after: () => void;

beforeEach(async () => {
  mcp = createServer({ name: 'answers', version: '1.0.0' });
  mcp.tool('echo', {}, () => 'ok');
  before = after = () => undefined;
  refused = [];
  endpoint = createEndpoint(mcp, { onRefusal: ({ cause }) => void refused.push(cause) });
  const handle = nodeHandler(endpoint);
  app = createHttpServer((request, response) => {
    before(request, response);
    handle(request, response);
    after();
  });
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
});

afterEach(async () => {
  vi.restoreAllMocks();
  await endpoint.close(0);
  app.close();
  app.closeAllConnections();
});

async function ask(bytes: Buffer): Promise<Heard | undefined> {
  const line = await Line.to((app.address() as AddressInfo).port);
  line.write(bytes);
  const heard = await line.answer();
  line.hangUp();
  return heard;
}

function call(
  tool: string,
  headers: { readonly [name: string]: string } = {},
  meta: object = {},
): Buffer {
  const { port } = app.address() as AddressInfo;
  const parts = modernCall(tool, {}, meta);
  return Buffer.from(wireBytes({ ...parts, headers: { ...parts.headers, ...headers } }, { port }));
}

function list(): Buffer {
  const { port } = app.address() as AddressInfo;
  return Buffer.from(wireBytes(modernList(1), { port }));
}

const sendTogether = (send: () => void): void => sendWith(send, defaultLimits);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a list that JSON cannot hold is answered as our own fault, each time', async () => {
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  mcp.tool('odd', { meta: circle }, () => 'ok');
  for (let count = 0; count < 2; count++) {
    const { body } = (await ask(list()))!;
    const error = { code: -32603, message: 'Internal error' };
    expect(JSON.parse(body)).toEqual({ jsonrpc: '2.0', id: 1, error });
  }
  expect((await ask(call('echo')))?.status).toBe(200);
});

test('who was answered by somebody else meanwhile is not answered again', async () => {
  before = (_request, response) => {
    // Its turn comes before that of our answer, and after it was given.
    setImmediate(() => void response.writeHead(503).end('too late'));
  };
  const heard = await ask(call('echo'));
  expect([heard?.status, heard?.body]).toEqual([503, 'too late']);
  await turn();
  expect(refused).toEqual([]);
});

test('an answer that fails on its way ends its own connection, and no other', async () => {
  const failure = new Error('of a hook');
  before = (request, response) => {
    if (request.headers['x-victim'] === undefined) return;
    response.writeHead = () => {
      throw failure;
    };
  };
  const [victim, other] = await Promise.all([
    ask(call('echo', { 'x-victim': '1' })),
    ask(call('echo')),
  ]);
  expect([victim, other?.status]).toEqual([undefined, 200]);
  expect(refused).toEqual([failure]);
});

test('one that throws does not take those with it that leave together with it', async () => {
  const sent: string[] = [];
  // However slow this machine is just now.
  const limits = { ...defaultLimits, answersTogetherMs: 60_000 };
  sendWith(() => sent.push('first'), limits);
  sendWith(() => {
    throw new Error('of the second');
  }, limits);
  sendWith(() => sent.push('third'), limits);
  expect(sendNow).toThrow('of the second');
  await turn();
  expect(sent).toEqual(['first', 'third']);
});

test('what is ready does not wait for long work of others in the same turn', async () => {
  let time = performance.now();
  vi.spyOn(performance, 'now').mockImplementation(() => time);
  const sent: string[] = [];
  sendTogether(() => sent.push('first'));
  sendTogether(() => sent.push('second'));
  expect(sent).toEqual([]);
  time += 2;
  sendTogether(() => sent.push('third'));
  expect(sent).toEqual(['first', 'second', 'third']);
  let seen: readonly string[] = [];
  before = () => {
    sendTogether(() => sent.push('fourth'));
    time += 2;
  };
  after = () => void (seen = [...sent]);
  await ask(call('echo'));
  expect(seen).toContain('fourth');
});

test('whoever changes headers on their way is handed them by name', async () => {
  const plain = (await ask(call('echo')))!;
  // As the package on-headers did before its version 1.1, and with it compression and sessions.
  before = (_request, response) => {
    const writeHead = response.writeHead.bind(response);
    response.writeHead = ((status: number, headers: { [name: string]: string }) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      response.setHeader('x-added', 'yes');
      return writeHead(status);
    }) as ServerResponse['writeHead'];
  };
  const changed = (await ask(call('echo')))!;
  const names = (heard: Heard): string[] => [...heard.headers.keys()].toSorted();
  expect(names(changed)).toEqual([...names(plain), 'x-added'].toSorted());
  for (const name of ['content-type', 'cache-control', 'content-length']) {
    expect(changed.headers.get(name)).toBe(plain.headers.get(name));
  }
});

test.each([
  ['is over as soon as it begins leaves in one piece', 0, { sized: true, chunked: false }],
  ['goes on leaves as it comes', 1, { sized: false, chunked: true }],
])('a stream that %s', async (_what, turns, expected) => {
  mcp.tool('work', {}, async (_args, work) => {
    await work.progress(1);
    for (let count = 0; count < turns; count++) await turn();
    return 'done';
  });
  const { headers, body } = (await ask(call('work', {}, { progressToken: 'p' })))!;
  expect(headers.get('content-type')).toBe('text/event-stream');
  expect(body).toMatch(/"progress":1.*"done"/s);
  const [sized, chunked] = [headers.has('content-length'), headers.has('transfer-encoding')];
  expect({ sized, chunked }).toEqual(expected);
});

test.each([
  ['answer', {}],
  ['stream that is over as soon as it begins', { progressToken: 'p' }],
])('an endpoint is closed when its last %s has left', async (_what, meta) => {
  const begun = new Promise<() => void>((begin) => {
    mcp.tool('late', {}, async (_args, work) => {
      await new Promise<void>((resolve) => begin(resolve));
      await work.progress(1);
      return 'ok';
    });
  });
  const answer = ask(call('late', {}, meta));
  const finish = await begun;
  const closing = endpoint.close();
  finish();
  await closing;
  app.closeAllConnections();
  expect((await answer)?.body).toContain('"ok"');
});

test('who was answered by somebody else before a stream began is left alone', async () => {
  mcp.tool('work', {}, async (_args, work) => {
    await work.progress(1);
    answered?.writeHead(503).end('sorry');
    await turn();
    return 'done';
  });
  let answered: ServerResponse | undefined;
  before = (_request, response) => void (answered = response);
  const heard = await ask(call('work', {}, { progressToken: 'p' }));
  expect([heard?.status, heard?.body, refused]).toEqual([503, 'sorry', []]);
});
