import { expect, test } from 'vitest';
import { readNodeMessage } from '../../../../src/stores/redis/message.js';

const tell = { kind: 'tell', from: 'a', topic: 't', body: {} };
const ask = { ...tell, kind: 'ask', id: 1 };
const answer = { kind: 'answer', from: 'a', id: 1, isOfUse: true };

test.each([tell, ask, answer, { kind: 'answer', from: 'a', id: 1 }])('%j is read', (message) => {
  expect(readNodeMessage(JSON.stringify(message))).toEqual(message);
});

test.each([
  'no JSON',
  '[]',
  'null',
  '"text"',
  '{}',
  ...[
    { ...tell, kind: 'shout' },
    { ...tell, from: 1 },
    { ...tell, topic: undefined },
    { ...tell, body: [] },
    { ...tell, body: null },
    { ...ask, id: undefined },
    { ...ask, id: '1' },
    { ...ask, id: 1.5 },
    { ...ask, body: 'text' },
    { ...answer, id: null },
    { ...answer, isOfUse: 1 },
  ].map((message) => JSON.stringify(message)),
])('%s is not', (text) => {
  expect(readNodeMessage(text)).toBeUndefined();
});
