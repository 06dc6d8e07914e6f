import { describe, expect, test } from 'vitest';
import { McpError } from '../../../src/errors.js';
import {
  hasModernMeta,
  isMetaKey,
  isReservedMetaKey,
  metaKeys,
  progressTokenOf,
  readMeta,
  subscriptionIdOf,
  withSubscriptionId,
} from '../../../src/protocol/meta.js';
import { cites } from '../../requirements.js';

const least = {
  [metaKeys.protocolVersion]: '2026-07-28',
  [metaKeys.clientCapabilities]: {},
};

describe('readMeta', () => {
  test('reads what every modern request says', () => {
    expect(readMeta({ _meta: least })).toEqual({
      protocolVersion: '2026-07-28',
      clientCapabilities: {},
    });
  });

  test('reads what a request may say besides', () => {
    const clientInfo = { name: 'c', version: '1', unheardOf: true };
    const _meta = {
      ...least,
      [metaKeys.clientInfo]: clientInfo,
      [metaKeys.logLevel]: 'info',
      progressToken: 0,
    };
    const read = readMeta({ _meta });
    expect(read).toMatchObject({ clientInfo, logLevel: 'info', progressToken: 0 });
  });

  test.each([
    [undefined, 'params._meta must be an object'],
    [{}, 'params._meta must be an object'],
    [{ _meta: [] }, 'params._meta must be an object'],
    [{ _meta: { ...least, [metaKeys.protocolVersion]: 1 } }, 'must be a string'],
    [{ _meta: { [metaKeys.protocolVersion]: '2026-07-28' } }, 'clientCapabilities"] is missing'],
    [{ _meta: { ...least, [metaKeys.logLevel]: 'loud' } }, 'logLevel"] must be one of'],
    [{ _meta: { ...least, progressToken: 1.5 } }, 'progressToken must be a string or an integer'],
  ])('refuses %j as a broken envelope', (params, sentence) => {
    const read = (): unknown => readMeta(params);
    expect(read).toThrow(McpError);
    expect(read).toThrow(sentence);
    expect(read).toThrow(expect.objectContaining({ kind: 'invalidEnvelope', status: 400 }));
  });
});

test('a request is modern when it names a version, whatever the version is', () => {
  expect(hasModernMeta({ _meta: { [metaKeys.protocolVersion]: null } })).toBe(true);
  expect(hasModernMeta({ _meta: { progressToken: 1 } })).toBe(false);
  expect(hasModernMeta({ _meta: [] })).toBe(false);
  expect(hasModernMeta(undefined)).toBe(false);
});

test('progress tokens keep their type, and nothing else is one', () => {
  expect(progressTokenOf({ _meta: { progressToken: 0 } })).toBe(0);
  expect(progressTokenOf({ _meta: { progressToken: '' } })).toBe('');
  for (const progressToken of [null, true, 1.5, Number.NaN, {}, ['a']]) {
    expect(progressTokenOf({ _meta: { progressToken } })).toBeUndefined();
  }
  expect(progressTokenOf({ _meta: null })).toBeUndefined();
});

test('a notification is tagged with its subscription, and keeps what it had', () => {
  const plain = { method: 'notifications/tools/list_changed' };
  const tagged = withSubscriptionId(plain, 0);
  expect(tagged.params).toEqual({ _meta: { [metaKeys.subscriptionId]: 0 } });
  expect(subscriptionIdOf(tagged.params)).toBe(0);
  const full = { method: 'm', params: { uri: 'a:b', _meta: { other: 1 } } };
  expect(withSubscriptionId(full, 'x').params).toEqual({
    uri: 'a:b',
    _meta: { other: 1, [metaKeys.subscriptionId]: 'x' },
  });
  expect(full.params._meta).toEqual({ other: 1 });
});

describe('the syntax of keys', () => {
  const good = ['a', 'progressToken', 'com.example/x', 'a1.b-2/x.y_z-1', 'com.example/', 'x9'];
  test.each(good)('%j is well formed', (key) => expect(isMetaKey(key)).toBe(true));

  const bad = [
    '',
    '/x',
    'a..b/x',
    '1a/x',
    'a-/x',
    'a_b/x',
    '-x',
    'x-',
    'a/b/c',
    'é',
    'x y',
    'a/x\n',
  ];
  test.each(bad)('%j is not', (key) => expect(isMetaKey(key)).toBe(false));

  cites('meta/keys');
  test('all keys of the protocol are well formed, and its prefixes are reserved', () => {
    expect(Object.values(metaKeys).filter((key) => !isMetaKey(key))).toEqual([]);
    expect(isReservedMetaKey(metaKeys.protocolVersion)).toBe(true);
    expect(isReservedMetaKey('dev.mcp/x')).toBe(true);
    expect(isReservedMetaKey('com.example.mcp/x')).toBe(false);
    expect(isReservedMetaKey('progressToken')).toBe(false);
  });
});
