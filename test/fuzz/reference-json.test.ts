/** What the fuzzer's own reading of a text expects of ours. */
import { expect, test } from 'vitest';
import { expectedOf } from './reference-json.js';

test('in what is no JSON, an id may begin within another', () => {
  // Found by `npm run fuzz -- --seed 562624354 --only messages --from 17535 --count 1`.
  const text = '{""id":""id":1,';
  expect(expectedOf(new TextEncoder().encode(text))).toMatchObject({ ids: ['', 1] });
});
