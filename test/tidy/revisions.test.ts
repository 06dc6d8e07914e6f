/** Only few files know that the protocol has revisions and eras. */
import { Visitor } from 'oxc-parser';
import { expect, test } from 'vitest';
import { lineOf, readSources, sourceOf, type Source } from './source.js';

const places = [
  'protocol/',
  'eras/',
  'transports/http/modern.ts',
  'transports/http/legacy.ts',
  'transports/http/http-sse.ts',
  'transports/http/mirrored-headers.ts',
  // The forks themselves: where a message, a connection or a user's choice is sent its way.
  'transports/http/endpoint.ts',
  'connect.ts',
  'connect/',
  'cli/',
  'testing/',
];
const eras = new Set(['modern', 'legacy']);
// A value is written without spaces; a sentence for people may mention a revision.
const revision = /^\S*\b20\d\d-\d\d-\d\d\b\S*$/;

test('revisions and eras are named only where they are handled', () => {
  expect(readSources('src').flatMap(namedRevisions)).toEqual([]);
});

test.each([
  "if (version >= '2026-07-28') a();",
  'const a = `${b}/specification/2025-11-25`;',
  "if (era === 'legacy') a();",
  "type Choice = 'auto' | 'modern';",
  'const a = `modern`;',
])('%s is noticed', (text) => {
  expect(namedRevisions(sourceOf('server/a.ts', text))).toHaveLength(1);
  expect(namedRevisions(sourceOf('eras/a.ts', text))).toEqual([]);
});

test('a comment, an import path or a sentence may say them', () => {
  const text = `/** See 2025-11-25. */ import '../eras/legacy/serve.js'; const a = 'since 2025-11-25 no modern one';`;
  expect(namedRevisions(sourceOf('transports/http/a.ts', text))).toEqual([]);
});

function namedRevisions(source: Source): string[] {
  if (places.some((place) => source.path.startsWith(place))) return [];
  const found: string[] = [];
  const judge = (text: string, offset: number): void => {
    if (!eras.has(text) && !revision.test(text)) return;
    found.push(`src/${source.path}:${lineOf(source, offset)} names ${JSON.stringify(text)}`);
  };
  new Visitor({
    Literal(node) {
      if (typeof node.value === 'string') judge(node.value, node.start);
    },
    TemplateElement(node) {
      judge(node.value.raw, node.start);
    },
  }).visit(source.tree.program);
  return found;
}
