import { expect, test } from 'vitest';
import { hideInText, hideInWords, hideValue } from '../../../src/cli/hide-secrets.js';

const key = 'abcdefghijklmnop1234';

test.each([
  ['https://user:pass@h.example/mcp?x=1', 'https://[secret]@h.example/mcp?x=1'],
  ['https://token@h/', 'https://[secret]@h/'],
  ['https://a@b@h/', 'https://[secret]@h/'],
  ['https://h/?a=b&api_key=k&c=d#token=e', 'https://h/?a=b&api_key=[secret]&c=d#token=[secret]'],
  ['https://h/?api_key=${KEY}', 'https://h/?api_key=${KEY}'],
  ['https://h/?api_key=${KEY:-real}', 'https://h/?api_key=[secret]'],
  ['https://h/?X-Amz-Signature=abc', 'https://h/?X-Amz-Signature=[secret]'],
  ['postgres://u:p@db/x and ftp://v:w@y', 'postgres://[secret]@db/x and ftp://[secret]@y'],
  ['https://h/@scope/name', 'https://h/@scope/name'],
  [`a ghp_${key} b`, 'a [secret] b'],
  [`gho_${key}`, '[secret]'],
  [`sk-live-${key}`, '[secret]'],
  [`xoxb-${key}`, '[secret]'],
  ['AKIAIOSFODNN7EXAMPLE', '[secret]'],
  ['eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln', '[secret]'],
  ['@scope/sk-toolkit my-task-list', '@scope/sk-toolkit my-task-list'],
])('in %s what is secret is hidden', (text, shown) => {
  expect(hideInText(text)).toBe(shown);
});

test.each([
  [
    ['--api-key', 'hunter2', 'x'],
    ['--api-key', '[secret]', 'x'],
  ],
  [['--token=hunter2'], ['--token=[secret]']],
  [
    ['--token', '--verbose'],
    ['--token', '--verbose'],
  ],
  [
    ['--token', '${TOKEN}'],
    ['--token', '${TOKEN}'],
  ],
  [
    ['-e', 'API_KEY=k', 'MODE=x'],
    ['-e', 'API_KEY=[secret]', 'MODE=x'],
  ],
  [['Authorization: Bearer abc'], ['Authorization: [secret]']],
  [['https://u:p@h'], ['https://[secret]@h']],
  [
    ['key', 'x', 'y=z'],
    ['key', 'x', 'y=z'],
  ],
])('of the words %j are left %j', (words, shown) => {
  expect(hideInWords(words)).toEqual(shown);
});

test.each([
  ['API_KEY', 'k', '[secret]'],
  ['API_KEY', '${KEY}', '${KEY}'],
  ['authorization', 'Bearer abc', 'Bearer [secret]'],
  ['Authorization', 'Bearer ${TOKEN}', 'Bearer ${TOKEN}'],
  ['HOME', '/evil', '/evil'],
  ['TOKEN', '', ''],
])('%s with the value %j is shown as %j', (name, value, shown) => {
  expect(hideValue(name, value)).toBe(shown);
});

test('a long text takes no longer than its length', () => {
  for (const piece of ['a.', '?a', 'sk-', 'eyJ-', '--token ', 'http://']) {
    expect(hideInText(piece.repeat(200_000)).length).toBeGreaterThan(0);
  }
});
