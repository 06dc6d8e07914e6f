/** The eight severities of a log message (RFC 5424), and their order. */
import type { LoggingLevel } from './modern.types.js';

/** From the least to the most severe. */
export const loggingLevels: readonly LoggingLevel[] = Object.freeze([
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
] as const);

export function isLoggingLevel(value: unknown): value is LoggingLevel {
  return severities.has(value);
}

/** True when a message of `level` is severe enough for a peer that asked for `threshold`. */
export function isAtLeast(level: LoggingLevel, threshold: LoggingLevel): boolean {
  return (severities.get(level) ?? -1) >= (severities.get(threshold) ?? Infinity);
}

const severities: ReadonlyMap<unknown, number> = new Map(
  loggingLevels.map((level, severity) => [level, severity]),
);
