/** A bound that nothing enforces is a promise broken: each name of limits.ts is used in src. */
import { expect, test } from 'vitest';
import { limitTable } from '../../src/limits.js';
import { codeOf, readSources, sourceOf, type Source } from './source.js';

/** Bounds of parts that are still to be built. An entry that is used by now fails the test. */
const planned: readonly string[] = [];

const names = Object.keys(limitTable);

test('every limit is used, or planned and said so', () => {
  const unused = unusedNames(names, readSources('src'));
  if (planned.length > 0) console.log(`Limits whose parts are planned: ${planned.join(', ')}`);
  expect(unused.filter((name) => !planned.includes(name))).toEqual([]);
  expect(planned.filter((name) => !unused.includes(name))).toEqual([]);
});

test('a limit that is only declared, or only mentioned, is noticed', () => {
  const sources = [
    sourceOf('limits.ts', 'export const limitTable = { depthMax: 1, itemsMax: 1, sweepMs: 1 };'),
    sourceOf('a.ts', '/* depthMax */ const { itemsMax } = limits; call(limits.sweepMsMax);'),
  ];
  expect(unusedNames(['depthMax', 'itemsMax', 'sweepMs'], sources)).toEqual([
    'depthMax',
    'sweepMs',
  ]);
});

function unusedNames(all: readonly string[], sources: readonly Source[]): string[] {
  const words = new Set(
    sources
      .filter(({ path }) => path !== 'limits.ts')
      .flatMap((source) => codeOf(source).split(/[^\w$]+/)),
  );
  return all.filter((name) => !words.has(name));
}
