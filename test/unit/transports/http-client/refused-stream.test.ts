/** What a client makes of a server that refuses the stream of notices. */
import { expect, test } from 'vitest';
import { connect } from '../../../../src/connect.js';
import { settle } from '../../../settle.js';
import { beginStream, loopback, type Loopback, sendResult } from './loopback.js';

interface Refusal {
  readonly status: number;
  readonly body?: object;
  readonly breaksOff?: true;
}

/** A server of 2025-11-25 that refuses the stream of notices so many times, then has it. */
async function refusing(times: number, refusal: Refusal): Promise<Loopback> {
  const { status, body, breaksOff = false } = refusal;
  let sessions = 0;
  return loopback((seen, response) => {
    const { method, message } = seen;
    if (message.method === 'initialize') {
      response.setHeader('mcp-session-id', `session ${++sessions}`.replace(' ', '-'));
      sendResult(seen, response, {
        protocolVersion: '2025-11-25',
        capabilities: { tools: { listChanged: true } },
        serverInfo: { name: 'refusing', version: '1' },
      });
    } else if (method === 'GET' && times-- > 0) {
      response.writeHead(status, body === undefined ? {} : { 'content-type': 'application/json' });
      if (breaksOff) response.write('{', () => response.destroy());
      else response.end(body === undefined ? undefined : JSON.stringify(body));
    } else if (method === 'GET') {
      const notice = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' };
      beginStream(response, `data: ${JSON.stringify(notice)}\n\n`);
    } else response.writeHead(method === 'DELETE' ? 200 : 202).end();
  });
}

async function heardOf(server: Loopback): Promise<readonly string[]> {
  await using client = await connect(server.url, { era: 'legacy', limits: { retryMs: 20 } });
  const heard: string[] = [];
  for await (const { kind } of client.listen({ tools: true })) {
    heard.push(kind);
    if (kind === 'tools') break;
  }
  return heard;
}

const sessions = ({ seen }: Loopback): number =>
  seen.filter(({ message }) => message.method === 'initialize').length;

test('a session of which it says that it is not there is opened anew', async () => {
  const error = { code: 404, message: 'Session not found: send initialize again' };
  const server = await refusing(1, { status: 404, body: { jsonrpc: '2.0', error } });
  expect(await heardOf(server)).toContain('tools');
  expect(sessions(server)).toBe(2);
});

test('a refusal that breaks off is asked for again', async () => {
  const server = await refusing(1, { status: 404, body: {}, breaksOff: true });
  expect(await heardOf(server)).toEqual(['listening', 'tools']);
  expect(sessions(server)).toBe(1);
});

test('a stream that another connection of ours seems to have is asked for again', async () => {
  const server = await refusing(2, { status: 409 });
  expect(await heardOf(server)).toEqual(['listening', 'tools']);
  expect(sessions(server)).toBe(1);
});

test.each([409, 429, 503])(
  'who listens learns that it is refused with %d for good',
  async (status) => {
    const server = await refusing(Infinity, { status });
    const limits = { retryMs: 1, reconnectMsMin: 1, reconnectMsMax: 2, reconnectsMax: 3 };
    await using client = await connect(server.url, { era: 'legacy', limits });
    await expect(
      client.listen({ tools: true })[Symbol.asyncIterator]().next(),
    ).rejects.toMatchObject({
      kind: 'outcomeUnknown',
    });
    expect(sessions(server)).toBe(1);
  },
);

test('a server that never opens it does not have sessions opened for ever', async () => {
  const error = { code: 404, message: 'Session not found: send initialize again' };
  const server = await refusing(Infinity, { status: 404, body: { jsonrpc: '2.0', error } });
  const limits = { retryMs: 1, reconnectMsMin: 1, reconnectMsMax: 2, reconnectsMax: 3 };
  await using client = await connect(server.url, { era: 'legacy', limits });
  const listening = async (): Promise<void> => {
    for await (const _change of client.listen({ tools: true })) continue;
  };
  await expect(listening()).rejects.toMatchObject({ kind: 'outcomeUnknown' });
  const opened = sessions(server);
  expect(opened).toBeLessThan(40);
  await settle();
  expect(sessions(server)).toBe(opened);
});
