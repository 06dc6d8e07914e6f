import { expect, test } from 'vitest';
import { createPlaces } from '../../../src/engine/places.js';
import type { McpError } from '../../../src/errors.js';

const [alice, bob] = [{ id: 'alice' }, { id: 'bob' }];
const nobody = { id: 'anonymous', anonymous: true };

function kindOf(act: () => void): string {
  try {
    act();
    return 'taken';
  } catch (thrown) {
    return (thrown as McpError).kind;
  }
}

test('one principal takes so many places, and leaves the rest to others', () => {
  const places = createPlaces({ max: 4, perPrincipalMax: 2, what: 'calls' });
  const take = (who: typeof alice): string => kindOf(() => places.take(who));
  expect([take(alice), take(alice), take(alice), take(bob)]).toEqual([
    'taken',
    'taken',
    'tooManyRequests',
    'taken',
  ]);
  places.leave(alice);
  expect([take(alice), places.size]).toEqual(['taken', 3]);
});

test('those who cannot be told apart share all places, up to the last', () => {
  const places = createPlaces({
    max: 3,
    perPrincipalMax: 1,
    what: 'calls',
    whenFull: 'unavailable',
  });
  for (let count = 0; count < 3; count++) places.take(nobody);
  expect(kindOf(() => places.take(nobody))).toBe('unavailable');
  expect(() => places.take(alice)).toThrow('The server holds 3 calls; try again later');
});
