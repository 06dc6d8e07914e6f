import { describe, expect, test } from 'vitest';
import { McpError } from '../../../src/errors.js';
import { parseUriTemplate } from '../../../src/protocol/uri-template.js';
import { cites } from '../../requirements.js';
import { examples, variables } from './uri-template-examples.js';
import { fc } from '../properties.js';

cites('resources/rfc6570');
describe.each(Object.entries(examples))('RFC 6570, section %s', (_, rows) => {
  test.each(rows)('%s expands to %s', (template, ...allowed) => {
    expect(allowed).toContain(parseUriTemplate(template).expand(variables));
  });
});

describe('expansion', () => {
  test.each([
    ['{a}', { a: 6 }, '6'],
    ['{?a,b}', { a: true, b: null }, '?a=true'],
    ['{toString}', {}, ''],
    ['{a}', { a: '\ud800' }, '%EF%BF%BD'],
    ['{a:1}', { a: '𝄞stave' }, '%F0%9D%84%9E'],
    ['{+a}', { a: '%2F%foo' }, '%2F%25foo'],
    ['{/a*}', { a: [null, 'x'] }, '/x'],
    ['{?a*}', { a: { é: 'ü', none: undefined } }, '?%C3%A9=%C3%BC'],
    ['é {a}', { a: "!'" }, '%C3%A9%20%21%27'],
  ])('%s of %j is %s', (template, values, expected) => {
    expect(parseUriTemplate(template).expand(values)).toBe(expected);
  });

  test('a prefix of a list or map is an error', () => {
    for (const value of [['a'], { a: 'b' }]) {
      expect(() => parseUriTemplate('{v:3}').expand({ v: value })).toThrow(McpError);
    }
  });
});

test.each([
  '{',
  '}',
  '{a',
  'a}',
  '{}',
  '{a}}',
  '{{a}}',
  '{a b}',
  '{=a}',
  '{!a}',
  '{|a}',
  '{@a}',
  '{,a}',
  '{a,}',
  '{a:0}',
  '{a:01}',
  '{a:10000}',
  '{a:x}',
  '{a:}',
  '{a*:2}',
  '{a:2*}',
  '{a.}',
  '{.}',
  '{a..b}',
  '{%2x}',
  '{a-b}',
  '{??a}',
  '{é}',
  '{a=1}',
])('%s is malformed', (template) => {
  expect(() => parseUriTemplate(template)).toThrow(
    expect.objectContaining({
      kind: 'invalidParams',
      message: expect.stringContaining('malformed'),
    }),
  );
});

test('variables are named once, in order', () => {
  const { variables: names } = parseUriTemplate('/{b}{?a,b}{&a.c,d%20e}{+x:3}{y*}');
  expect(names).toEqual(['b', 'a', 'a.c', 'd%20e', 'x', 'y']);
});

describe('matching', () => {
  test.each([
    ['note://all', 'note://all', {}],
    ['note://all', 'note://al', undefined],
    ['note://{id}', 'note://a%20b', { id: 'a b' }],
    ['note://{id}', 'note://', undefined],
    ['note://{id}', 'note://a/b', undefined],
    ['note://{id}', 'note://a?b', undefined],
    ['note://{id}', 'note://a#b', undefined],
    ['note://{id}', 'note://a,b', undefined],
    ['note://{id}', 'note://me@example.com', { id: 'me@example.com' }],
    ['note://{id}', 'note://São Paulo', { id: 'São Paulo' }],
    ['note://{id}', 'note://%C3%28', undefined],
    ['note://{id}', 'note://50%', { id: '50%' }],
    ['é/{id}', 'é/1', { id: '1' }],
    ['é/{id}', '%C3%A9/1', { id: '1' }],
    ['{__proto__}', 'x', JSON.parse('{"__proto__": "x"}')],
    // Reserved characters, and what follows them.
    ['file:///{+path}', 'file:///a/b.txt', { path: 'a/b.txt' }],
    ['file:///{+path}/{name}', 'file:///a/b/c', { path: 'a/b', name: 'c' }],
    ['{+path}.txt', 'a.txt.txt', { path: 'a.txt' }],
    ['{+path}{?q}', 'a/b?q=1', { path: 'a/b', q: '1' }],
    ['{+path}{#part}', 'a/b#c', { path: 'a/b', part: 'c' }],
    ['{+x,y}', '1/2,3', { x: '1/2', y: '3' }],
    // Adjacent values: the first takes what it can.
    ['{a}{b}', 'xyz', { a: 'xy', b: 'z' }],
    ['{a}{b}', 'x', undefined],
    ['{a}-{b}', '1-2-3', { a: '1-2', b: '3' }],
    ['{a}{b}', '%41%42', { a: 'A', b: 'B' }],
    ['{a}{b}', 'é', undefined],
    ['{a}41{b}', 'x41%41y', { a: 'x', b: 'Ay' }],
    ['{x,y}', '1,2', { x: '1', y: '2' }],
    ['{x,y}', '1', { x: '1' }],
    // What has a mark may be missing.
    ['/a{/b,c}', '/a', {}],
    ['/a{/b,c}', '/a/1', { b: '1' }],
    ['/a{/b,c}', '/a/1/2', { b: '1', c: '2' }],
    ['/a{/b,c}', '/a/1/2/3', undefined],
    ['{name}{.ext}', 'a.tar.gz', { name: 'a.tar', ext: 'gz' }],
    ['{name}{.ext}', 'a', { name: 'a' }],
    ['a{#f}', 'a#x/y', { f: 'x/y' }],
    // Names come in any order.
    ['/s{?q,page}', '/s?q=a&page=2', { q: 'a', page: '2' }],
    ['/s{?q,page}', '/s?page=2&q=a', { q: 'a', page: '2' }],
    ['/s{?q,page}', '/s?page=2', { page: '2' }],
    ['/s{?q,page}', '/s', {}],
    ['/s{?q,page}', '/s?q=', { q: '' }],
    ['/s{?q,page}', '/s?q=http://x/?y=z', { q: 'http://x/?y=z' }],
    ['/s{?q,page}', '/s?q=a%26b%3D%2B+', { q: 'a&b=++' }],
    ['/s{?q,page}', '/s?other=1', undefined],
    ['/s{?q,page}', '/s?q=1&q=2', undefined],
    ['/s{?q,page}', '/s?q=1#f', undefined],
    ['/s{?q}{&page}', '/s?page=2&q=1', { q: '1', page: '2' }],
    ['/s?fixed=1{&page}', '/s?fixed=1&page=2', { page: '2' }],
    ['/s{;x,y}', '/s;y;x=1', { x: '1', y: '' }],
    // Lists.
    ['{list*}', 'a,b', { list: ['a', 'b'] }],
    ['{list*}', 'a', { list: ['a'] }],
    ['{/list*}', '/a/b%2Fc', { list: ['a', 'b/c'] }],
    ['{/list*,x}', '/a/b/c', { list: ['a', 'b'], x: 'c' }],
    ['x{.list*}', 'x.a.b', { list: ['a', 'b'] }],
    ['{?list*}', '?list=a&list=b', { list: ['a', 'b'] }],
    ['{?list}', '?list=a,b', { list: 'a,b' }],
    // Prefixes and repetition.
    ['/{v:1}/{v}', '/v/value', { v: 'value' }],
    ['/{v:1}/{v}', '/x/value', undefined],
    ['/{v:2}', '/va', { v: 'va' }],
    ['/{v:2}', '/val', undefined],
    ['{v:2}{w}', 'value', { v: 'va', w: 'lue' }],
    ['{v:2}{w}', 'éàçx', { v: 'éà', w: 'çx' }],
    ['{?v:2}', '?v=val', undefined],
    ['/{v}/{v}', '/a/a', { v: 'a' }],
    ['/{v}/{v}', '/a/b', undefined],
  ])('%s against %s', (template, uri, expected) => {
    expect(parseUriTemplate(template).match(uri)).toEqual(expected);
  });

  test('what was expanded is matched again', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 });
    const list = fc.array(text, { minLength: 1, maxLength: 3 });
    const { expand, match } = parseUriTemplate('x://{a}/{b}{/list*}{?q,r*}{#f}');
    fc.assert(
      fc.property(
        fc.record({ a: text, b: text }),
        fc.record(
          { list, q: fc.oneof(text, fc.constant('')), r: list, f: text },
          { requiredKeys: [] },
        ),
        (required, optional) => {
          const values = { ...required, ...optional };
          // The fragment keeps what looks encoded as it is, so it cannot be told apart.
          fc.pre(!/%/.test(values.f ?? ''));
          expect(match(expand(values))).toEqual(values);
        },
      ),
    );
  });

  test('is exact: what matches is what the variables expand to', () => {
    const { expand, match } = parseUriTemplate('{a}-{b}{.c}{/d*}{?e,f}');
    const uri = fc.string({ unit: fc.constantFrom(...'ab-./?&=ef%2'), maxLength: 14 });
    fc.assert(
      fc.property(uri, (one) => {
        // An escaped dot comes back as a plain one, which then begins {.c}: that is no round trip.
        fc.pre(!one.includes('%2e'));
        const found = match(one);
        if (found === undefined) return;
        const again = match(expand(found));
        expect(again).toEqual(found);
      }),
      { numRuns: 2000 },
    );
  });

  test('a URI or template beyond the bound is refused', () => {
    const template = parseUriTemplate('x:{a}', 10);
    expect(template.match('x:12345678')).toEqual({ a: '12345678' });
    expect(template.match('x:123456789')).toBeUndefined();
    expect(template.match('x:ééé')).toBeUndefined();
    expect(() => parseUriTemplate('x'.repeat(11), 10)).toThrow(McpError);
    expect(() => parseUriTemplate('{a}'.repeat(64))).not.toThrow();
    expect(() => parseUriTemplate('{a}'.repeat(65))).toThrow('more than 64 variables');
  });
});

describe('matching takes linear time', () => {
  /** The fastest of several rounds, so that a busy machine does not count. */
  function fastestMs(run: () => void): number {
    let fastest = Infinity;
    for (let round = 0; round < 7; round += 1) {
      // Not by the clock: others use this machine as well.
      const before = process.cpuUsage();
      run();
      const { user, system } = process.cpuUsage(before);
      fastest = Math.min(fastest, (user + system) / 1000);
    }
    return fastest;
  }

  test.each(['{a}{b}{c}{d}', '{+a}x{+b}x{+c}x{+d}y', '{a*}{/b*}{?c,d*}', '{a:9}{b:9}{+c}{d}'])(
    '%s',
    (text) => {
      const { match } = parseUriTemplate(text, 1_000_000);
      const uri = (length: number) => `${'x'.repeat(length)}/!`;
      const time = (length: number) => fastestMs(() => void match(uri(length)));
      time(20_000);
      // Twice the work in the best case; four times and more if it were quadratic.
      expect(time(160_000) / time(20_000)).toBeLessThan(8 * 3);
    },
  );

  test('800 characters against four adjacent variables are nothing', () => {
    const { match } = parseUriTemplate('x://{a}{b}{c}{d}');
    expect(fastestMs(() => void match(`x://${'a'.repeat(800)}/`))).toBeLessThan(50);
  });
});

test('a list of any length expands', () => {
  const template = parseUriTemplate('x:{a*}');
  const list = Array.from({ length: 300_000 }, () => 'a');
  expect(template.expand({ a: list })).toHaveLength('x:'.length + 2 * list.length - 1);
});
