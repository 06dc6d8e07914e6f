/** What a reader must hold in mind at once stays small, and exports are named by hand. */
import { Visitor } from 'oxc-parser';
import { expect, test } from 'vitest';
import { lineOf, readSources, sourceOf, type Source } from './source.js';

const fileLinesMax = 350;
const functionLinesMax = 60;
const lineLengthMax = 100;

const rules = { longFiles, longFunctions, longLines, unnamedExports };

test.each(Object.entries(rules))('src has no %s', (_name, rule) => {
  expect(readSources('src').flatMap(rule)).toEqual([]);
});

test.each<[keyof typeof rules, string, string]>([
  ['longFiles', 'a.ts', 'const a = 1;\n'.repeat(351)],
  ['longFunctions', 'a.ts', `function a() {\n${'a();\n'.repeat(59)}}`],
  ['longFunctions', 'a.ts', `const a = () => {\n${'a();\n'.repeat(59)}};`],
  ['longFunctions', 'a.ts', `class A { a() {\n${'a();\n'.repeat(59)}} }`],
  ['longFunctions', 'a.ts', `function a() {\n${'a();\n'.repeat(58)}b(() => {\na();\n});\n}`],
  ['longLines', 'a.ts', `const a = '${'a'.repeat(88)}';`],
  ['unnamedExports', 'a.ts', 'export default 1;'],
  ['unnamedExports', 'a.ts', "export * from './b.js';"],
  ['unnamedExports', 'a.ts', "export * as b from './b.js';"],
  ['unnamedExports', 'a.ts', "export { b as default } from './b.js';"],
])('%s are noticed in %s: %.24s', (rule, path, text) => {
  expect(rules[rule](sourceOf(path, text))).toHaveLength(1);
});

test('what is just within the bounds passes', () => {
  const text = [
    'const a = 1;\n'.repeat(350),
    `function a() {\n${'a();\n'.repeat(40)}b(() => {\n${'a();\n'.repeat(40)}});\n}\n`,
    `const a = '${'a'.repeat(87)}';\n`,
  ];
  expect(longFiles(sourceOf('a.ts', text[0]!))).toEqual([]);
  expect(longFiles(sourceOf('a.types.ts', 'type A = 1;\n'.repeat(9000)))).toEqual([]);
  expect(longFunctions(sourceOf('a.ts', text[1]!))).toEqual([]);
  expect(longLines(sourceOf('a.ts', text[2]!))).toEqual([]);
});

/** Generated type files are read by compilers, not by people. */
function longFiles(source: Source): string[] {
  const lines = source.text.replace(/\n$/, '').split('\n').length;
  if (lines <= fileLinesMax || source.path.endsWith('.types.ts')) return [];
  return [`src/${source.path} has ${lines} lines, more than ${fileLinesMax}`];
}

/**
 * A function is as long as what it says itself: functions within it are measured apart, or every
 * factory whose closures share some state would be a long one.
 */
function longFunctions(source: Source): string[] {
  const spans: { start: number; end: number; nested: number }[] = [];
  const open: (typeof spans)[number][] = [];
  const enter = ({ start, end }: { start: number; end: number }): void => {
    const span = { start, end, nested: 0 };
    spans.push(span);
    open.push(span);
  };
  const leave = (): void => {
    const { start, end } = open.pop()!;
    const outer = open.at(-1);
    if (outer !== undefined) outer.nested += Math.max(0, linesBetween(source, start, end) - 1);
  };
  new Visitor({
    FunctionDeclaration: enter,
    'FunctionDeclaration:exit': leave,
    FunctionExpression: enter,
    'FunctionExpression:exit': leave,
    ArrowFunctionExpression: enter,
    'ArrowFunctionExpression:exit': leave,
  }).visit(source.tree.program);
  return spans.flatMap(({ start, end, nested }) => {
    const lines = linesBetween(source, start, end) - nested;
    if (lines <= functionLinesMax) return [];
    return [`src/${source.path}:${lineOf(source, start)} a function of ${lines} lines`];
  });
}

function linesBetween(source: Source, start: number, end: number): number {
  return lineOf(source, end) - lineOf(source, start) + 1;
}

/** A link cannot be broken, so a line that holds one may be longer. */
function longLines(source: Source): string[] {
  return source.text.split('\n').flatMap((line, at) => {
    if (line.length <= lineLengthMax || line.includes('https://')) return [];
    return [`src/${source.path}:${at + 1} has ${line.length} columns`];
  });
}

function unnamedExports(source: Source): string[] {
  return source.tree.module.staticExports.flatMap(({ start, entries }) => {
    const unnamed = entries.some(
      ({ importName, exportName }) =>
        importName.kind.startsWith('All') ||
        exportName.kind === 'Default' ||
        exportName.name === 'default',
    );
    return unnamed ? [`src/${source.path}:${lineOf(source, start)} exports without a name`] : [];
  });
}
