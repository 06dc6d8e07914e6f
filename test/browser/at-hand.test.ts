/** Where tests with a browser are wanted, it is no pass to have left them out. */
import { expect, test } from 'vitest';
import { isRequired, whyNoBrowser, whyNoNames } from './chromium.js';

if (whyNoBrowser !== undefined) {
  console.log(`All tests with a browser are skipped. ${whyNoBrowser}`);
} else if (whyNoNames !== undefined) {
  console.log(`The tests of DNS rebinding are skipped. ${whyNoNames}`);
}

test.skipIf(whyNoBrowser !== undefined && !isRequired)('a browser is at hand', () => {
  expect(whyNoBrowser).toBeUndefined();
});

test.skipIf(whyNoNames !== undefined && !isRequired)('names can be made to change address', () => {
  expect(whyNoNames).toBeUndefined();
});
