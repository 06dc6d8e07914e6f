import { expect, test } from 'vitest';
import { countKeys } from '../../../src/json-rpc/count-keys.js';
import { boundsForClient } from '../../../src/json-rpc/parse.js';
import { endOfString, scanJson } from '../../../src/json-rpc/scan.js';
import { defaultLimits } from '../../../src/limits.js';
import { fc } from '../properties.js';

const utf8 = new TextEncoder();
const bounds = boundsForClient(defaultLimits);

function nodesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, item) => sum + nodesIn(item), 1);
}

test('members and values are counted exactly', () => {
  fc.assert(
    fc.property(fc.jsonValue({ depthSize: 'medium', stringUnit: 'binary' }), (value) => {
      const json = JSON.stringify(value);
      // Such a key is refused, not counted; a test of its own shows that.
      fc.pre(!json.includes('__proto__'));
      const bytes = utf8.encode(json);
      expect(scanJson(bytes, bounds)).toBe(countKeys(JSON.parse(json)));
      const nodesMax = nodesIn(value);
      expect(scanJson(bytes, { ...bounds, nodesMax })).toBeGreaterThanOrEqual(0);
      expect(scanJson(bytes, { ...bounds, nodesMax: nodesMax - 1 })).toBeLessThan(0);
    }),
  );
});

test('the end of a string is found whatever its length and escapes', () => {
  const piece = fc.constantFrom('x'.repeat(70), 'ab', '\\\\', '\\"', '\\n', '\\\\\\"', '\u00e9');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const content = utf8.encode(`"${pieces.join('')}"`);
      const bytes = new Uint8Array([...content, ...utf8.encode(',"next"')]);
      expect(endOfString(bytes, 1)).toBe(content.length);
    }),
    { numRuns: 1000 },
  );
});
