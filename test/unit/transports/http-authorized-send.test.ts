import { expect, test } from 'vitest';
import type { Presenter, RefusedRequest } from '../../../src/credentials.js';
import { resolveLimits } from '../../../src/limits.js';
import { authorizedSend } from '../../../src/transports/http/authorized-send.js';
import type { HttpAnswer, HttpRequest } from '../../../src/transports/http/send.js';

const url = 'https://mcp.example/mcp';
const request: HttpRequest = { method: 'POST', url, headers: { accept: 'x' }, body: '{}' };
const limits = resolveLimits();

function answer(status: number): HttpAnswer {
  return { status, header: () => undefined, read: () => Promise.resolve() };
}

/** Refuses the first `refusals` requests. */
function world(refusals: number): {
  readonly sent: HttpRequest[];
  readonly refused: RefusedRequest[];
  readonly send: (request: HttpRequest) => Promise<HttpAnswer>;
} {
  const sent: HttpRequest[] = [];
  const refused: RefusedRequest[] = [];
  const presenter: Presenter = {
    headers: () => Promise.resolve({ authorization: `Bearer ${sent.length}` }),
    refused: (refusal) => Promise.resolve(refused.push(refusal) > 0),
    accepted: () => undefined,
  };
  const bare = (one: HttpRequest): Promise<HttpAnswer> =>
    Promise.resolve(answer(sent.push(one) > refusals ? 200 : 401));
  return { sent, refused, send: authorizedSend(bare, presenter, { url, limits }) };
}

test.each([
  [0, 200, 1],
  [limits.authorizationsMax, 200, limits.authorizationsMax + 1],
  [limits.authorizationsMax + 1, 401, limits.authorizationsMax + 1],
])('after %i refusals the answer is %i', async (refusals, status, requests) => {
  const { send, sent } = world(refusals);
  expect((await send(request)).status).toBe(status);
  expect(sent).toHaveLength(requests);
  expect(sent.map(({ headers }) => headers['authorization'])).toEqual(
    sent.map((_one, at) => `Bearer ${at}`),
  );
});

test.each(['https://other.example/mcp', 'http://mcp.example/mcp', 'https://mcp.example:8443/mcp'])(
  'another origin is not told who calls: %s',
  async (elsewhere) => {
    const { send, sent } = world(9);
    expect((await send({ ...request, url: elsewhere })).status).toBe(401);
    expect(sent).toEqual([{ ...request, url: elsewhere }]);
  },
);

test('whoever loses patience stops waiting for a login', async () => {
  const controller = new AbortController();
  const presenter: Presenter = {
    headers: () => Promise.resolve({}),
    refused() {
      controller.abort();
      return new Promise(() => undefined);
    },
    accepted: () => undefined,
  };
  const send = authorizedSend(() => Promise.resolve(answer(401)), presenter, { url, limits });
  await expect(send({ ...request, signal: controller.signal })).rejects.toMatchObject({
    kind: 'cancelled',
  });
});

test.each([
  [{}, undefined],
  [{ 'mcp-method': 'tools/list' }, 'tools/list'],
  [{ 'mcp-method': 'tools/call', 'mcp-name': 'greet' }, 'tools/call greet'],
])('a refusal tells what was to be done: %j', async (headers, operation) => {
  const { send, refused } = world(1);
  await send({ ...request, headers: { ...request.headers, ...headers } });
  expect(refused[0]?.operation).toBe(operation);
});
