import { expect, test } from 'vitest';
import { isAtLeast, isLoggingLevel, loggingLevels } from '../../../src/protocol/logging.js';
import type { LoggingLevel } from '../../../src/protocol/modern.types.js';

test('a message passes thresholds up to its own severity', () => {
  expect(loggingLevels.filter((level) => isAtLeast('warning', level))).toEqual([
    'debug',
    'info',
    'notice',
    'warning',
  ]);
  expect(isAtLeast('emergency', 'debug')).toBe(true);
  expect(isAtLeast('debug', 'emergency')).toBe(false);
});

test('levels are told from anything else', () => {
  expect(loggingLevels.every(isLoggingLevel)).toBe(true);
  for (const other of ['warn', 'DEBUG', '__proto__', null, 3, ['debug']]) {
    expect(isLoggingLevel(other)).toBe(false);
  }
});

test('what is no level passes nothing and lets nothing pass', () => {
  expect(isAtLeast('loud' as LoggingLevel, 'debug')).toBe(false);
  expect(isAtLeast('emergency', 'loud' as LoggingLevel)).toBe(false);
});
