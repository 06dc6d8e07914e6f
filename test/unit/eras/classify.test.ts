import { describe, expect, test } from 'vitest';
import { classify, classifyOnPipe, type Evidence } from '../../../src/eras/classify.js';
import { McpError } from '../../../src/errors.js';
import type { Message } from '../../../src/json-rpc/message.js';

const request = (method: string, version?: string): Message => ({
  jsonrpc: '2.0',
  id: 1,
  method,
  ...(version === undefined
    ? {}
    : { params: { _meta: { 'io.modelcontextprotocol/protocolVersion': version } } }),
});
const response: Message = { jsonrpc: '2.0', id: 1, result: {} };

type Row = readonly [
  what: string,
  message: Message,
  version: string | undefined,
  session: string | undefined,
  verdict: unknown,
];

const rows: readonly Row[] = [
  ['an envelope', request('tools/list', '2026-07-28'), '2026-07-28', undefined, 'modern'],
  [
    'an envelope without a header',
    request('tools/list', '2026-07-28'),
    undefined,
    undefined,
    'modern',
  ],
  ['an envelope in a session', request('tools/list', '2026-07-28'), '2025-11-25', 's', 'modern'],
  [
    'an unknown version in the envelope',
    request('tools/list', '2099'),
    '2099',
    undefined,
    'modern',
  ],
  [
    'initialize in an envelope',
    request('initialize', '2026-07-28'),
    '2026-07-28',
    undefined,
    'modern',
  ],
  ['a modern header alone', request('tools/list'), '2026-07-28', undefined, 'modern'],
  ['an unknown header alone', request('tools/list'), '2099-01-01', undefined, 'modern'],
  ['an unknown header in a session', request('tools/list'), '2099-01-01', 's', 'badRequest'],
  ['initialize', request('initialize'), undefined, undefined, 'initialize'],
  ['initialize with an old header', request('initialize'), '2025-06-18', undefined, 'initialize'],
  ['a session', request('tools/list'), '2025-11-25', 's', 'legacy'],
  ['a session without a version', request('tools/list'), undefined, 's', 'legacy'],
  ['a response in a session', response, '2025-11-25', 's', 'legacy'],
  ['a response under a modern header', response, '2026-07-28', undefined, 'modern'],
  ['no evidence at all', request('tools/list'), undefined, undefined, 'badRequest'],
  ['an old header alone', request('tools/list'), '2025-11-25', undefined, 'badRequest'],
  ['a response of nobody', response, undefined, undefined, 'badRequest'],
];

const verdictOf = (verdict: unknown): unknown =>
  verdict instanceof McpError ? verdict.kind : verdict;

test.each(rows)('over HTTP: %s', (_what, message, versionHeader, sessionHeader, verdict) => {
  const evidence: Evidence = { message, versionHeader, sessionHeader };
  expect(verdictOf(classify(evidence))).toBe(verdict);
});

describe('on a pipe', () => {
  test.each([
    ['an envelope', request('tools/list', '2026-07-28'), 'modern', 'modern'],
    ['initialize', request('initialize'), 'initialize', 'legacy'],
    ['ping', request('ping'), 'legacy', 'legacy'],
    ['anything else', request('tools/list'), 'invalidEnvelope', 'legacy'],
  ] as const)('%s', (_what, message, before, within) => {
    expect(verdictOf(classifyOnPipe(message, false))).toBe(before);
    expect(verdictOf(classifyOnPipe(message, true))).toBe(within);
  });
});
