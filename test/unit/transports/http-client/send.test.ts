import { expect, test } from 'vitest';
import { unanswered } from '../../../../src/transports/http/send.js';

const url = 'https://example.com/mcp?key=secret';
const system = (code: string, syscall?: string) =>
  Object.assign(new Error(code), { code, syscall });
const ofFetch = (cause?: unknown) => new TypeError('fetch failed', { cause });

test.each([
  system('ECONNREFUSED', 'connect'),
  system('ETIMEDOUT', 'connect'),
  system('ENOTFOUND', 'getaddrinfo'),
  system('CERT_HAS_EXPIRED'),
  ofFetch(system('ECONNREFUSED', 'connect')),
  ofFetch(system('UND_ERR_CONNECT_TIMEOUT')),
])('a request that never left has failed: %s', (thrown) => {
  expect(unanswered(url, thrown)).toMatchObject({ kind: 'connectionFailed', cause: thrown });
});

test.each([
  system('ECONNRESET', 'read'),
  system('EPIPE', 'write'),
  system('ETIMEDOUT', 'read'),
  system('HPE_INVALID_CONSTANT'),
  ofFetch(system('UND_ERR_SOCKET')),
  // All that a web page is told.
  ofFetch(),
  undefined,
])('of a request that may have arrived nobody knows: %s', (thrown) => {
  const error = unanswered(url, thrown);
  expect(error.kind).toBe('outcomeUnknown');
  expect(error.message).not.toContain('secret');
});
