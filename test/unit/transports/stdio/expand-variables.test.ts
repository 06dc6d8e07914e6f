import { expect, test } from 'vitest';
import { expandVariables } from '../../../../src/transports/stdio/expand-variables.js';
import { fc } from '../../properties.js';

const variables = { HOME: '/h', SPACES: 'a b "c" $(d)', EMPTY: '', NESTED: '${HOME}' };

test.each([
  ['${HOME}/x', '/h/x'],
  ['${env:HOME}${HOME}', '/h/h'],
  ['${SPACES}', 'a b "c" $(d)'],
  ['${NESTED}', '${HOME}'],
  ['${NO:-d e}', 'd e'],
  ['${NO:-}', ''],
  ['${EMPTY:-d}', 'd'],
  ['${EMPTY}', ''],
  ['${HOME:-d}', '/h'],
  ['$HOME $ {HOME} ${', '$HOME $ {HOME} ${'],
  ['${input:token} ${a.b} ${}', '${input:token} ${a.b} ${}'],
])('%j becomes %j, one element still', (text, expanded) => {
  expect(expandVariables([text, 'next'], variables)).toEqual([expanded, 'next']);
  expect(expandVariables({ key: text }, variables)).toEqual({ key: expanded });
});

test('all variables without a value are named in one error', () => {
  const expand = (): unknown => expandVariables(['${A}${B}', '${A}', '${toString}'], variables);
  expect(expand).toThrow('These variables are not set: A, B, toString. Set them');
  expect(() => expandVariables(['${A}'], {})).toThrow(
    'The variable A is not set: set it, or write',
  );
});

test('whatever a variable holds stays in its element as it is', () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ unit: fc.constantFrom('a', ' ') }), (value, around) => {
      const [expanded, ...more] = expandVariables([`${around}\${V}${around}`], { V: value });
      expect([expanded, more]).toEqual([around + value + around, []]);
    }),
  );
});
