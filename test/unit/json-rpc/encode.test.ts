import { expect, test } from 'vitest';
import { McpError } from '../../../src/errors.js';
import {
  encodeAnswer,
  encodeError,
  encodeMessage,
  encodeNotification,
  encodeResult,
  encodeShared,
  rememberJson,
  textOfShared,
} from '../../../src/json-rpc/encode.js';
import type { Message } from '../../../src/json-rpc/message.js';
import { cites } from '../../requirements.js';

test.each<Message>([
  { jsonrpc: '2.0', id: 1, method: 'm', params: { text: 'a\nb\u2028' } },
  { jsonrpc: '2.0', method: 'm' },
  { jsonrpc: '2.0', id: 'a"b\n', result: { a: [1, null] } },
  { jsonrpc: '2.0', id: -5, result: {} },
  { jsonrpc: '2.0', id: 1, error: { code: 1, message: 'no' } },
])('%j is written on one line and reads back', (message) => {
  const text = encodeMessage(message);
  expect(JSON.parse(text)).toEqual(message);
  expect(text).not.toContain('\n');
});

test('a remembered result is written once', () => {
  let writes = 0;
  const result = { tools: [{ toJSON: () => ++writes }] };
  rememberJson(result);
  expect(encodeResult(1, result)).toBe('{"jsonrpc":"2.0","id":1,"result":{"tools":[1]}}');
  rememberJson(result);
  expect(encodeResult('b', result)).toBe('{"jsonrpc":"2.0","id":"b","result":{"tools":[1]}}');
  expect(encodeMessage({ jsonrpc: '2.0', id: 3, result })).toContain('"result":{"tools":[1]}');
  expect(writes).toBe(1);
});

test('a result that is not remembered is written anew each time', () => {
  const result = { n: 1 };
  expect(encodeResult(1, result)).toContain('"n":1');
  result.n = 2;
  expect(encodeResult(1, result)).toContain('"n":2');
});

cites('guards/errors-masked');
test('a result that JSON cannot hold is an internal error that tells the peer nothing', () => {
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  for (const result of [{ n: 1n }, circle, { toJSON: () => undefined }]) {
    let thrown: unknown;
    try {
      encodeResult(1, result);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ kind: 'internal', message: 'Internal error' });
    expect((thrown as McpError).cause).toBeDefined();
  }
});

test('errors are written with or without id and data', () => {
  const error = new McpError('invalidParams', 'No such tool', { data: { name: 'x' } });
  expect(JSON.parse(encodeError(1, error))).toEqual({
    jsonrpc: '2.0',
    id: 1,
    error: { code: -32602, message: 'No such tool', data: { name: 'x' } },
  });
  expect(JSON.parse(encodeError(undefined, error))).not.toHaveProperty('id');
  const odd = new McpError('invalidParams', 'No', { data: 1n });
  expect(JSON.parse(encodeError('a', odd)).error).toEqual({ code: -32602, message: 'No' });
});

test('a notification is written as JSON.stringify would', () => {
  const params = { progressToken: 'a"b', progress: 1 };
  for (const method of ['notifications/progress', 'notifications/"odd"', '']) {
    for (const message of [{ method, params }, { method }]) {
      expect(JSON.parse(encodeNotification(message))).toEqual({ jsonrpc: '2.0', ...message });
    }
  }
});

test('a long result that is remembered is shared by its bytes, and a short one is not', () => {
  const long = Object.freeze({ text: 'ü'.repeat(5000) });
  expect(encodeShared(1, long)).toBeUndefined();
  rememberJson(long);
  const [one, other] = [encodeShared(1, long)!, encodeShared('b', long)!];
  expect(one.shared).toBe(other.shared);
  const text = other.before + new TextDecoder().decode(other.shared);
  expect(text).toBe(encodeResult('b', long));
  const short = { text: 'short' };
  rememberJson(short);
  expect(encodeShared(1, short)).toBeUndefined();
});

test('a remembered result that JSON cannot hold is answered like any other of the kind', () => {
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  for (const result of [{ n: 1n }, circle, { toJSON: () => undefined }]) {
    rememberJson(result);
    expect(encodeShared(1, result)).toBeUndefined();
    expect(JSON.parse(encodeAnswer(1, result))).toEqual({
      jsonrpc: '2.0',
      id: 1,
      error: { code: -32603, message: 'Internal error' },
    });
  }
});

test('a shared answer has the same text as one that is not', () => {
  const result = { text: 'ü'.repeat(5000) };
  rememberJson(result);
  const shared = encodeShared('a', result)!;
  expect(textOfShared(shared)).toBe(encodeResult('a', result));
  expect(shared.before + new TextDecoder().decode(shared.shared)).toBe(encodeResult('a', result));
});
