/** Every row of the specification is shown by a test, or says why not. */
import { describe, expect, test } from 'vitest';
import { type Era, eraOf } from '../../src/protocol/revisions.js';
import { pages, requirements } from '../requirements.js';
import type { Requirement } from '../requirements/requirement.js';
import { type Citation, citationsIn, isWithin, readCitations } from './citations.js';
import { sourceOf } from './source.js';

const citations = new Map<string, Citation[]>();
for (const one of readCitations()) {
  citations.set(one.row, [...(citations.get(one.row) ?? []), one]);
}
const open = [...requirements].filter(([, { refused, later }]) => !(refused ?? later));

test('no two rows have one name', () => {
  const names = pages.flatMap((page) => Object.keys(page));
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});

test('every citation names a row', () => {
  const unknown = [...citations].filter(([row]) => !requirements.has(row));
  expect(unknown.flatMap(([row, those]) => those.map(({ at }) => `${at} ${row}`))).toEqual([]);
});

test('every row is cited, refused with a reason, or waits for named work', () => {
  print();
  expect(open.filter(([id]) => !citations.has(id)).map(([id]) => id)).toEqual([]);
});

test('a row that waits or is refused is not cited as if it were done', () => {
  const closed = [...requirements].filter(([, { refused, later }]) => refused ?? later);
  expect(closed.filter(([id]) => citations.has(id)).map(([id]) => id)).toEqual([]);
});

test('a row is shown on every transport and in every era where it applies', () => {
  const missing = open.flatMap(([id, row]) => {
    const where = missingPlaces(row, citations.get(id) ?? []);
    return where.length === 0 ? [] : [`${id}: ${where.join(', ')}`];
  });
  expect(missing).toEqual([]);
});

describe('the reader of citations', () => {
  test('finds cells by the words of a matrix test', () => {
    const text = `
      const old = { eras: ['legacy'], transports: ['stdio', 'memory'] } as const;
      cites('a/b', 'c/d');
      matrix('a', { ...old, host: make() }, async () => {});
      describe('b', () => {
        cites('e/f');
        test.each([1])('c', () => {});
      });`;
    const found = citationsIn(sourceOf('test/unit/x.test.ts', text));
    const place = { on: 'stdio', era: 'legacy', revision: '2025-11-25' };
    expect(found).toMatchObject([
      { row: 'a/b', known: 'by cells', places: [place] },
      { row: 'c/d', known: 'by cells', places: [place] },
      { row: 'e/f', known: 'not', places: [] },
    ]);
  });

  test('knows the place of a file', () => {
    const found = citationsIn(sourceOf('test/hostile/x.ts', "const a = { cites: ['a/b'] };"));
    expect(found).toMatchObject([{ known: 'by file', places: [{ on: 'http' }, { on: 'http' }] }]);
  });

  test('takes nothing that it cannot read', () => {
    const text = "cites(row); test('a', () => {});";
    expect(() => citationsIn(sourceOf('test/x.test.ts', text))).toThrow('plain strings');
  });

  test('takes nothing that stands above no test', () => {
    const text = "cites('a/b'); const a = 1; test('a', () => {});";
    expect(() => citationsIn(sourceOf('test/x.test.ts', text))).toThrow('above a test');
  });

  test('misses the transport or era where nothing was shown', () => {
    const row: Requirement = {
      source: 'S1',
      clause: 'x',
      level: 'MUST',
      from: '2024-11-05',
      to: '2026-07-28',
      on: 'all',
      role: 'both',
      rule: 'x',
    };
    const text = "cites('a/b'); matrix('a', { transports: ['http'] }, async () => {});";
    const found = citationsIn(sourceOf('test/x.test.ts', text));
    expect(missingPlaces(row, found)).toEqual(['stdio modern', 'stdio legacy']);
    expect(missingPlaces({ ...row, on: 'http' }, found)).toEqual([]);
    expect(missingPlaces({ ...row, on: 'http', to: '2025-06-18' }, found)).toEqual(['http legacy']);
  });
});

/** Where a row applies and no citation runs. Code that all places share counts for all. */
function missingPlaces(row: Requirement, cited: readonly Citation[]): string[] {
  if (cited.some(({ known }) => known === 'not')) return [];
  const shown = cited
    .flatMap(({ places }) => places)
    .filter((one) => isWithin(one, row.from, row.to));
  const ons = row.on === 'all' ? (['stdio', 'http'] as const) : [row.on];
  return ons.flatMap((on) =>
    erasOf(row)
      .filter((era) => !shown.some((one) => one.on === on && one.era === era))
      .map((era) => `${on} ${era}`),
  );
}

function erasOf({ from, to }: Requirement): readonly Era[] {
  const [first, last] = [eraOf(from), eraOf(to)];
  return first === last && last !== undefined ? [last] : ['modern', 'legacy'];
}

function print(): void {
  const rows = [...requirements];
  const count = (of: (row: Requirement, id: string) => boolean, level?: string): number =>
    rows.filter(([id, row]) => (level ?? row.level) === row.level && of(row, id)).length;
  for (const level of ['MUST', 'MUST NOT', 'SHOULD', 'SHOULD NOT']) {
    const numbers = [
      `${count(() => true, level)} rows`,
      `${count((_row, id) => citations.has(id), level)} cited`,
      `${count(({ refused }) => refused !== undefined, level)} refused`,
      `${count(({ later }) => later !== undefined, level)} later`,
    ];
    console.log(`${level.padEnd(10)} ${numbers.map((one) => one.padStart(11)).join('')}`);
  }
  const waiting = new Map<string, number>();
  for (const [, { later }] of rows) {
    if (later !== undefined) waiting.set(later, (waiting.get(later) ?? 0) + 1);
  }
  for (const [work, number] of waiting) console.log(`Later: ${number} by ${work}`);
  const known = (how: Citation['known'], id: string): boolean =>
    citations.get(id)?.some((one) => one.known === how) === true;
  const cells = open.filter(([id]) => known('by cells', id));
  const shared = open.filter(([id]) => known('not', id) && !known('by cells', id));
  const files = open.length - cells.length - shared.length;
  console.log(
    `Where: ${cells.length} rows by cells of the matrix, ${files} by what is known of a file, ` +
      `${shared.length} in code that all transports share, where no place was checked.`,
  );
}
