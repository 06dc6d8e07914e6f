import { expect, test } from 'vitest';
import { callModern } from '../../../src/eras/modern/call.js';
import type { Request } from '../../../src/exchange.js';
import { encodeMessage } from '../../../src/json-rpc/encode.js';
import type { JsonObject } from '../../../src/json-rpc/message.js';
import { metaKeys } from '../../../src/protocol/meta.js';
import { ioFor } from '../engine/io.js';

const caller = {
  protocolVersion: '2026-07-28',
  clientInfo: { name: 'a "client"', version: '1' },
  capabilities: { elicitation: {} },
};
const base = {
  [metaKeys.protocolVersion]: caller.protocolVersion,
  [metaKeys.clientInfo]: caller.clientInfo,
  [metaKeys.clientCapabilities]: caller.capabilities,
};

async function sent(params: JsonObject | undefined, logLevel?: 'info'): Promise<Request> {
  let seen: Request | undefined;
  const exchange = callModern(
    (request) => {
      seen = request;
      return Promise.resolve({});
    },
    { ...caller, logLevel },
  );
  const request = { id: 7, method: 'tools/call' };
  await exchange(params === undefined ? request : { ...request, params }, ioFor());
  return seen as Request;
}

test.each<[name: string, params: JsonObject | undefined, meta: JsonObject]>([
  ['nothing', undefined, base],
  ['a token', { name: 'x', _meta: { progressToken: 7 } }, { ...base, progressToken: 7 }],
  ['a token of text', { _meta: { progressToken: '7' } }, { ...base, progressToken: '7' }],
  [
    'more than a token',
    { name: 'x', _meta: { progressToken: 7, traceparent: '00-1' } },
    { ...base, progressToken: 7, traceparent: '00-1' },
  ],
])(
  'given %s, a request says who is calling, alike as an object and as text',
  async (_, params, meta) => {
    const request = await sent(params);
    const want = { ...params, _meta: meta };
    expect({ ...request.params, _meta: { ...(request.params?.['_meta'] as JsonObject) } }).toEqual(
      want,
    );
    expect(JSON.parse(encodeMessage({ jsonrpc: '2.0', ...request }))).toEqual({
      jsonrpc: '2.0',
      id: 7,
      method: 'tools/call',
      params: want,
    });
    expect(JSON.parse(JSON.stringify(request.params))).toEqual(want);
  },
);

test('the wanted log level is said with each', async () => {
  const { params } = await sent({ _meta: { progressToken: 7 } }, 'info');
  expect(params?.['_meta']).toEqual({ ...base, [metaKeys.logLevel]: 'info', progressToken: 7 });
});
