/** What the observer holds to be owed to those who listen. */
import { expect, test } from 'vitest';
import { createListeners, type Listeners } from './listeners.js';
import type { Oracle } from './oracle.js';

const uri = 'sim://a';

function listenedTo(): { listeners: Listeners; missed: () => number } {
  let violations = 0;
  const oracle = { violate: () => void violations++ } as unknown as Oracle;
  const listeners = createListeners(oracle);
  listeners.add('c1', [uri]).hears({ kind: 'listening', filter: {} });
  return {
    listeners,
    missed() {
      listeners.judge(() => true);
      return violations;
    },
  };
}

test('a change is owed, unless it died with who was told of it', () => {
  const { listeners, missed } = listenedTo();
  listeners.change(uri)();
  expect(missed()).toBe(0);
  listeners.change(uri);
  expect(missed()).toBe(1);
});

test('what was owed before is owed still', () => {
  const { listeners, missed } = listenedTo();
  listeners.change(uri);
  listeners.change(uri)();
  expect(missed()).toBe(1);
});
