import { expect, test } from 'vitest';
import { readSurface } from '../../../src/cli/terminal/surface.js';

const color = (isTty: boolean, env: object, flags: object = {}): boolean =>
  readSurface({ isTty, env: { ...env }, ...flags }).hasColor;
const bar = (isTty: boolean, env: object, flags: object = {}): boolean =>
  readSurface({ isTty, env: { ...env }, ...flags }).canRedraw;

test('a terminal has colour and a bar, anything else has not', () => {
  expect([color(true, {}), bar(true, {})]).toEqual([true, true]);
  expect([color(false, {}), bar(false, {})]).toEqual([false, false]);
  expect([color(true, { TERM: 'dumb' }), bar(true, { TERM: 'dumb' })]).toEqual([false, false]);
});

test('NO_COLOR takes colour away and FORCE_COLOR gives it', () => {
  expect(color(true, { NO_COLOR: '1' })).toBe(false);
  // An empty value is as good as none (no-color.org).
  expect(color(true, { NO_COLOR: '' })).toBe(true);
  expect(color(false, { FORCE_COLOR: '1' })).toBe(true);
  expect(color(true, { FORCE_COLOR: '0' })).toBe(false);
  expect(color(false, { NO_COLOR: '1', FORCE_COLOR: '1' })).toBe(true);
});

test('options win over the environment', () => {
  expect(color(true, { FORCE_COLOR: '1' }, { color: false })).toBe(false);
  expect(color(true, { FORCE_COLOR: '1' }, { plain: true })).toBe(false);
  expect(bar(true, {}, { plain: true })).toBe(false);
});

test('no bar in CI, whatever it pretends to be', () => {
  expect(bar(true, { CI: 'true' })).toBe(false);
  expect(bar(true, { CI: 'false' })).toBe(true);
});

test('characters beyond ASCII only where the locale has them', () => {
  const unicode = (env: object): boolean =>
    readSurface({ isTty: true, env: { ...env } }).hasUnicode;
  expect(unicode({ LANG: 'en_US.UTF-8' })).toBe(true);
  expect(unicode({ LANG: 'en_US.UTF-8', LC_ALL: 'C' })).toBe(false);
});
