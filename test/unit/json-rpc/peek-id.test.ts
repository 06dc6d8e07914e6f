import { expect, test } from 'vitest';
import { peekEnvelope, peekId } from '../../../src/json-rpc/peek-id.js';
import { fc } from '../properties.js';

const peek = (text: string): unknown => peekId(new TextEncoder().encode(text));

test.each([
  ['{"jsonrpc":"2.0","id":12,"method":"m","params":{"id":3', 12],
  ['{"params":{"id":3},"id" : "a\\u0062" ,', 'ab'],
  ['{"text":"{\\"id\\":5}","id":-6}', -6],
  ['{"id":1,"id":1,', undefined],
  ['{"id":12', undefined],
  ['{"id":"abc', undefined],
  ['{"id":"abc"', undefined],
  ['{"id":1.5,', undefined],
  ['{"id":1e3,', undefined],
  ['{"id":99999999999999999999,', undefined],
  ['{"id":null,', undefined],
  ['{"id":--1,', undefined],
  [`{"id":"${'x'.repeat(257)}",`, undefined],
  ['[{"id":1,"method":"m"}', undefined],
  ['{"ID":1,', undefined],
  ['{"a":["id",4],', undefined],
  [`{"pad":"${' '.repeat(5000)}","id":1}`, undefined],
  ['no JSON "id":1,', undefined],
  ['{""id":""id":1,', 1],
  ['', undefined],
])('%j shows the id %j', (text, id) => expect(peek(text)).toBe(id));

test('an answer is told from a request', () => {
  const isAnswer = (text: string): boolean => peekEnvelope(new TextEncoder().encode(text)).response;
  expect(isAnswer('{"id":1,"result":{')).toBe(true);
  expect(isAnswer('{"id":1,"error" :{')).toBe(true);
  expect(isAnswer('{"id":1,"method":"result","params":{"result":1')).toBe(false);
});

test('no bytes make it throw', () => {
  const token = fc.constantFrom('{', '}', '"', ':', ',', '"id"', '1', '\\', ' ', '-', '"x"');
  const text = fc.oneof(
    fc.array(token).map((tokens) => tokens.join('')),
    fc.string(),
  );
  fc.assert(
    fc.property(text, (t) => {
      expect(() => peek(t)).not.toThrow();
    }),
  );
});
