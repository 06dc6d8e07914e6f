/** The text of progress is what JSON.stringify makes of it, however little is asked of that. */
import { expect, test } from 'vitest';
import { encodeNotification } from '../../../src/json-rpc/encode.js';
import type { JsonObject } from '../../../src/json-rpc/message.js';

const method = 'notifications/progress';
const token = { progressToken: 7 };

const encoded = (params: JsonObject): unknown => JSON.parse(encodeNotification({ method, params }));

test('calls that take steps in turn keep their tokens apart', () => {
  const tokens = [
    7,
    71,
    -7,
    7.5,
    '7',
    'k',
    'ak',
    'bak',
    '',
    'x'.repeat(300),
    `y${'x'.repeat(299)}`,
  ];
  for (const progress of [1, 2]) {
    for (const progressToken of tokens) {
      const params = { progressToken, progress };
      expect(encoded(params)).toEqual({ jsonrpc: '2.0', method, params });
    }
  }
});

test.each([
  [{ ...token, progress: 1 }],
  [{ ...token, progress: 0.1, total: 1e21, message: 'half "way"\n\u2028' }],
  [{ progressToken: 'a"b', progress: -0, total: 2 }],
  [{ progressToken: '7', progress: 1, message: '' }],
  [{ total: 2, progress: 1, ...token }],
  [{ ...token, progress: 1, total: undefined }],
  [{ ...token, progress: Infinity }],
  [{ ...token, progress: 1, total: Number.NaN }],
  [{ ...token, progress: '1' }],
  [{ ...token, progress: 1, message: { text: 'x' } }],
  [{ ...token, progress: 1, _meta: { a: 1 } }],
  [{ progressToken: undefined, progress: 1 }],
  [{ progress: 1 }],
  [{ ...token }],
])('%j', (params) => {
  const text = encodeNotification({ method, params });
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify({ jsonrpc: '2.0', method, params })));
  expect(text).not.toContain('\n');
});
