/** Whatever a stranger sends, the time it takes grows with its length and not faster. */
import { describe, expect, test } from 'vitest';
import { sourceOf } from '../tidy/source.js';
import { growthMax, measure, row, type Row } from './complexity/measure.js';
import { messageRows } from './complexity/message-rows.js';
import { readersIn, withoutRow } from './complexity/named.js';
import { schemaRows } from './complexity/schema-rows.js';
import { textRows } from './complexity/text-rows.js';

const rows: readonly Row[] = [...messageRows, ...textRows, ...schemaRows];
const byFunction = new Map<string, Row[]>();
for (const one of rows) {
  const covers = one.covers.join(' ');
  byFunction.set(covers, [...(byFunction.get(covers) ?? []), one]);
}

describe('time grows with the input and not faster', () => {
  for (const [covers, own] of byFunction) {
    test(covers, { timeout: 120_000 }, () => {
      const tooMuch = own.flatMap((one) => {
        const { factor, ms } = measure(one);
        const said = `${one.name}: times ${factor.toFixed(2)} when doubled, ${ms.toFixed(2)} ms`;
        return factor > (one.growthMax ?? growthMax) ? [said] : [];
      });
      expect(tooMuch).toEqual([]);
    });
  }
});

test('every function that reads what strangers send has a row, or a reason for none', () => {
  const covered = new Set(rows.flatMap(({ covers }) => covers));
  const readers = readersIn();
  const named = (name: string): boolean => covered.has(name) || Object.hasOwn(withoutRow, name);
  expect(readers.filter((name) => !named(name))).toEqual([]);
  expect(Object.keys(withoutRow).filter((name) => !readers.includes(name))).toEqual([]);
});

test('a new one would be noticed', () => {
  const text =
    'export function parseThing() {}\nexport const readOther = () => 1;\nexport const a = 1;';
  expect(readersIn([sourceOf('protocol/new.ts', text)])).toEqual([
    'protocol/new.parseThing',
    'protocol/new.readOther',
  ]);
});

describe('what takes more than its share is noticed', () => {
  test.each([
    [
      'a quadratic search',
      131_072,
      // The sum is used, or the engine would leave the search out.
      (text: string) => {
        let sum = 0;
        for (let at = 0; at < text.length; at++) sum += text.indexOf('b', at);
        return sum;
      },
    ],
    ['an expression that goes back', 512, (text: string) => /a+a+$/.test(`${text}b`)],
  ])('%s', (name, most, run) => {
    const slow = row('', name, (size) => 'a'.repeat(size), run, most);
    // As often as it takes to believe it: each look at something this slow takes a while.
    expect(measure(slow, 8).factor).toBeGreaterThan(growthMax);
  });
});
