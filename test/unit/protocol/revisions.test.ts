import { expect, test } from 'vitest';
import {
  assumedRevision,
  atLeast,
  eraOf,
  isLegacy,
  isModern,
  legacyRevisions,
  modernRevisions,
  newestLegacy,
  newestModern,
  revisions,
} from '../../../src/protocol/revisions.js';

test('all revisions are listed, newest first', () => {
  expect(revisions).toEqual([...modernRevisions, ...legacyRevisions]);
  expect([...revisions].sort().reverse()).toEqual(revisions);
  expect(newestModern).toBe(modernRevisions[0]);
  expect(newestLegacy).toBe(legacyRevisions[0]);
});

test('each revision has its era', () => {
  expect(modernRevisions.map(eraOf)).toEqual(['modern']);
  expect(new Set(legacyRevisions.map(eraOf))).toEqual(new Set(['legacy']));
  expect(isModern('2026-07-28')).toBe(true);
  expect(isLegacy('2026-07-28')).toBe(false);
  expect(isLegacy(assumedRevision)).toBe(true);
});

test.each(['', 'v999', '2026-06-30', '__proto__', 'constructor', '2026-07-28 '])(
  'nothing is known of %j',
  (revision) => {
    expect(eraOf(revision)).toBeUndefined();
    expect(atLeast(revision, '2024-11-05')).toBe(false);
  },
);

test('revisions are ordered by their dates', () => {
  expect(atLeast('2025-06-18', '2025-06-18')).toBe(true);
  expect(atLeast('2025-11-25', '2025-06-18')).toBe(true);
  expect(atLeast('2025-03-26', '2025-06-18')).toBe(false);
});
