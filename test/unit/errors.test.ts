import { expect, test } from 'vitest';
import { errorTable, McpError } from '../../src/errors.js';
import { cites } from '../requirements.js';

test('an unknown throw is masked, an McpError is kept', () => {
  const error = new McpError('notFound', 'Gone');
  expect(McpError.from(error)).toBe(error);
  const masked = McpError.from(new Error('secret'));
  expect(masked).toMatchObject({ kind: 'internal', message: 'Internal error' });
  expect(masked.toWire()).toEqual({ code: -32603, message: 'Internal error' });
});

test('the error of another copy of this package is one of ours', () => {
  const foreign = Object.assign(new Error('Unknown tool'), { name: 'McpError' });
  const error = Object.assign(foreign, { kind: 'invalidParams', code: -32602 });
  expect(error instanceof McpError).toBe(true);
  expect(McpError.from(error)).toBe(error);
});

test('what only looks like one is none', () => {
  // A peer may send such a result, and other packages have errors of this name.
  const json: unknown = JSON.parse('{"name":"McpError","kind":"internal","message":"x"}');
  expect(json instanceof McpError).toBe(false);
  const named = Object.assign(new Error('x'), { name: 'McpError' });
  expect(named instanceof McpError).toBe(false);
  expect(Object.assign(named, { kind: 'toString' }) instanceof McpError).toBe(false);
});

cites('rpc/own-codes', 'rpc/reserved-codes', 'rpc/retired-codes');
test('codes are those of the protocol, or lie outside of what it reserves', () => {
  const known = [-32700, -32600, -32601, -32602, -32603, -32020, -32021, -32022];
  for (const [kind, { code }] of Object.entries(errorTable)) {
    const isReserved = code >= -32768 && code <= -32000;
    expect(isReserved, kind).toBe(known.includes(code));
  }
});
