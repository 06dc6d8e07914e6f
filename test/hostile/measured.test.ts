/** What the bench measures is the default: it refuses what the default refuses, in each mode. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bodyOf,
  echo,
  type Era,
  headersOf,
  initialize,
  type Question,
} from '../../bench/load/messages.js';
import { defaultLimits } from '../../src/limits.js';

const fixture = fileURLToPath(new URL('../../fixtures/bench.mjs', import.meta.url));
const tooLarge = 'x'.repeat(defaultLimits.serverMessageBytesMax);
const depth = defaultLimits.messageDepthMax + 1;
const tooDeep = `${'['.repeat(depth)}${']'.repeat(depth)}`;

interface Parts {
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
  /** Said of the body, of which nothing is then sent: a refusal comes before it is read. */
  readonly saidBytes?: number;
}

interface Answer {
  readonly status: number;
  readonly session: string;
  readonly text: string;
}

let server: ChildProcess;
let port: number;

beforeAll(async () => {
  server = spawn(process.execPath, [fixture, '--port', '0'], { stdio: 'pipe' });
  const [line] = (await once(createInterface(server.stderr!), 'line')) as [string];
  port = Number(new URL(line.replace(/^\S+ at /, '')).port);
});

afterAll(async () => {
  server.kill();
  await once(server, 'exit');
});

function post(
  question: Question,
  era: Era,
  { headers, body, saidBytes }: Parts = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({
      port,
      path: '/mcp',
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headersOf(question, era),
        ...headers,
        ...(saidBytes === undefined ? {} : { 'content-length': saidBytes }),
      },
    });
    asked.on('error', reject).on('response', (answer) => {
      let text = '';
      const session = String(answer.headers['mcp-session-id']);
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.on('end', () => {
        asked.destroy();
        resolve({ status: answer.statusCode ?? 0, session, text });
      });
    });
    if (saidBytes === undefined) asked.end(body ?? bodyOf(question, 1, era));
    else asked.flushHeaders();
  });
}

const hello = echo('hello');
const withText = (text: unknown): string =>
  bodyOf({ ...hello, params: { name: 'echo', arguments: { text } } }, 1, 'modern');

const refusals: readonly (readonly [name: string, status: number, parts: Parts])[] = [
  ['a foreign Host', 403, { headers: { host: 'evil.example' } }],
  ['a foreign Origin', 403, { headers: { origin: 'https://evil.example' } }],
  ['a request of a page elsewhere', 403, { headers: { 'sec-fetch-site': 'cross-site' } }],
  ['what came through a proxy that nobody named', 403, { headers: { via: '1.1 evil' } }],
  ['another content type', 415, { headers: { 'content-type': 'text/plain' } }],
  ['a client that takes nothing we have', 406, { headers: { accept: 'image/png' } }],
  ['a name that is not the one of the body', 400, { headers: { 'mcp-name': 'work' } }],
  ['too large a body', 413, { saidBytes: defaultLimits.serverMessageBytesMax + 1 }],
  ['JSON nested too deep', 400, { body: withText(JSON.parse(tooDeep)) }],
  ['what is no JSON', 400, { body: '{"jsonrpc":' }],
];

describe('the measured server refuses', () => {
  test.each(refusals)('%s', async (_name, status, parts) => {
    expect((await post(hello, 'modern')).text).toContain(hello.expect);
    expect((await post(hello, 'modern', parts)).status).toBe(status);
  });

  test('a session that it did not make', async () => {
    const { session, status } = await post(initialize, 'legacy');
    expect(status).toBe(200);
    const headers = { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' };
    expect((await post(hello, 'legacy', { headers })).text).toContain(hello.expect);
    const other = { ...headers, 'mcp-session-id': `${session.slice(0, -1)}!` };
    expect((await post(hello, 'legacy', { headers: other })).status).toBe(404);
    const none = { 'mcp-protocol-version': '2025-11-25' };
    expect((await post(hello, 'legacy', { headers: none })).status).toBe(400);
  });

  test('arguments that its schema does not allow', async () => {
    const { text } = await post(hello, 'modern', { body: withText(5) });
    expect(text).toMatch(/"isError":true|"error"/);
  });
});

describe('the measured server over stdio', () => {
  async function answerTo(line: string, ...args: string[]): Promise<string> {
    const child = spawn(process.execPath, [fixture, '--stdio', ...args], { stdio: 'pipe' });
    try {
      child.stdin.end(`${line}\n`);
      const [answer] = (await once(createInterface(child.stdout), 'line')) as [string];
      return answer;
    } finally {
      child.kill();
    }
  }

  test('refuses too long a line, unless its bound is raised by name', async () => {
    const line = withText(tooLarge);
    expect(await answerTo(line)).not.toContain('"result"');
    const raised = String(2 * defaultLimits.serverMessageBytesMax);
    expect(await answerTo(line, '--message-bytes', raised)).toContain('"result"');
  });

  test('refuses JSON nested too deep, even then', async () => {
    expect(await answerTo(withText('hello'))).toContain('"result"');
    const deep = withText(JSON.parse(tooDeep));
    expect(await answerTo(deep, '--message-bytes', '50000000')).not.toContain('"result"');
  });
});
