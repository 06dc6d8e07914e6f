/** Rounds of one call: what a later one could not do, an earlier one may have done. */
import { expect, test } from 'vitest';
import { connect } from '../../../src/connect.js';
import { manualPlatform } from '../../../src/testing/index.js';
import { failureOf, isCall, loopback, sendResult } from '../transports/http-client/loopback.js';
import { discovered } from './scripted.js';

const inputRequests = {
  name: {
    method: 'elicitation/create',
    params: { mode: 'form', message: 'A?', requestedSchema: { type: 'object', properties: {} } },
  },
};
const wants = { resultType: 'input_required', inputRequests, requestState: 'state' };
const ways = ['connectionFailed', 'unavailable'] as const;

/** A server that is away (in one way or the other) from the call of this number on. */
async function awayFrom(first: number, kind: (typeof ways)[number]) {
  const server = await loopback((seen, response) => {
    if (!isCall(seen)) return sendResult(seen, response, { ...discovered, tools: [] });
    if (server.seen.filter(isCall).length < first) return sendResult(seen, response, wants);
    response.writeHead(503).end();
  });
  let calls = 0;
  const fetch: typeof globalThis.fetch = (input, init) => {
    const isCalled = typeof init?.body === 'string' && init.body.includes('"tools/call"');
    const isOurs = isCalled && ++calls >= first;
    if (!isOurs || kind !== 'connectionFailed') return globalThis.fetch(input, init);
    return Promise.reject(Object.assign(new TypeError('fetch failed'), { cause: refused }));
  };
  return connect(server.url, {
    ...{ fetch, platform: manualPlatform() },
    answers: { form: () => ({}) },
  });
}

const refused = { code: 'ECONNREFUSED', syscall: 'connect' };

test.each(ways)('nothing was done when the first round ends as %s', async (kind) => {
  await using client = await awayFrom(1, kind);
  expect(await failureOf(client.callTool('work'))).toMatchObject({ kind });
});

test.each(ways)('a later round that ends as %s leaves it open what was done', async (kind) => {
  await using client = await awayFrom(2, kind);
  expect(await failureOf(client.callTool('work'))).toMatchObject({
    kind: 'outcomeUnknown',
    cause: { kind },
  });
});
