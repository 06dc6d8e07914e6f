import { expect, test } from 'vitest';
import { createPlaces } from '../../../src/engine/places.js';
import type { McpError } from '../../../src/errors.js';
import type { Principal } from '../../../src/exchange.js';

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

test('who was not verified is told apart by what they are counted as', () => {
  const places = createPlaces({ max: 9, perPrincipalMax: 1, what: 'calls' });
  const at = (countedAs: string): Principal => ({ ...nobody, countedAs });
  const take = (who: Principal): string => kindOf(() => places.take(who));
  const [here, there] = [at('192.0.2.1'), at('192.0.2.2')];
  expect([take(here), take(here), take(there)]).toEqual(['taken', 'tooManyRequests', 'taken']);
  expect([take(nobody), take(nobody)]).toEqual(['taken', 'taken']);
  places.leave(here);
  expect(take(at('192.0.2.1'))).toBe('taken');
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
