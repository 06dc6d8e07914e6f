/** Which classes of advisories are attacked, which wait; and that the page of threats is complete. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type AdvisoryClass, advisoryClasses, awaited } from './advisories.js';
import { groups } from './rows/index.js';

/** Classes whose attacks are no rows. Each of these files says `attacks('X')` where they begin. */
const elsewhere: readonly (readonly [AdvisoryClass, file: string])[] = [
  ['B', 'edge.test.ts'],
  ['O', 'edge.test.ts'],
  ['J', 'config.test.ts'],
  ['R', 'client/attacks.test.ts'],
  ['S', 'tokens.test.ts'],
  ['S', 'tokens.test.ts'],
  ['U', 'config.test.ts'],
  ['W', '../lifecycle/lifecycle.test.ts'],
];

const root = new URL('../../', import.meta.url);
const threats = readFileSync(new URL('docs/threats.md', root), 'utf8');
const all = groups.flatMap(({ each, attacks }) => attacks.map((row) => ({ ...each, ...row })));

test('every class has attacks, or waits for its part and says so', () => {
  const count = (name: AdvisoryClass): number => all.filter((row) => row.class === name).length;
  const names = Object.keys(advisoryClasses) as AdvisoryClass[];
  for (const name of names) {
    const file = elsewhere.find(([one]) => one === name)?.[1];
    const where = file ?? (awaited.includes(name) ? 'open' : `${count(name)} rows`);
    console.log(`${name}  ${where.padEnd(12)} ${advisoryClasses[name]}`);
  }
  const attacked = names.filter(
    (name) => count(name) > 0 || elsewhere.some(([one]) => one === name),
  );
  expect([...attacked, ...awaited].sort()).toEqual(names);
});

test('files of attacks say themselves which classes they attack', () => {
  const missing = elsewhere.filter(([name, file]) => {
    const text = readFileSync(new URL(file, import.meta.url), 'utf8');
    return !attackedBy(text).includes(name);
  });
  expect(missing).toEqual([]);
});

test('a file that has lost its marker, or mentions one only, would be noticed', () => {
  expect(attackedBy("attacks('J', 'U');\n\ntest('it', () => {});")).toEqual(['J', 'U']);
  expect(attackedBy("  attacks('J');")).toEqual(['J']);
  expect(attackedBy("// attacks('J');")).toEqual([]);
  expect(attackedBy("test('it', () => {});")).toEqual([]);
});

test('the page of threats says of every class what is done, and of which it is awaited', () => {
  const rows = [...threats.matchAll(/^\| ([A-Z]) \| [^|]+ \| ([^|]+) \|$/gm)];
  expect(rows.map(([, name]) => name)).toEqual(Object.keys(advisoryClasses));
  const said = rows.filter(([, , here]) => here!.startsWith('awaited')).map(([, name]) => name);
  expect(said).toEqual(awaited);
});

test('no table of the page of threats is torn', () => {
  const lines = threats.split('\n');
  const isRow = (at: number): boolean => lines[at]?.startsWith('|') === true;
  // Rows that no head stands above are shown as text.
  const torn = lines.filter(
    (_, at) => isRow(at) && !isRow(at - 1) && lines[at + 1]?.startsWith('|---') !== true,
  );
  expect(torn).toEqual([]);
});

test('no two attacks of a guard have one name', () => {
  for (const { attacks } of groups) {
    const names = attacks.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  }
});

test('the page of threats names every guard and every file of attacks', () => {
  const guards = readdirSync(new URL('src/transports/http/guards/', root))
    .filter((file) => file !== 'index.ts' && file !== 'guard.ts')
    .map((file) => `src/transports/http/guards/${file}`);
  const rows = readdirSync(new URL('rows/', import.meta.url)).filter((file) => file !== 'index.ts');
  const tests = readdirSync(new URL('./', import.meta.url)).filter((file) =>
    file.endsWith('.test.ts'),
  );
  const wanted = [
    ...guards,
    ...groups.map(({ stoppedBy }) => stoppedBy),
    ...rows.map((file) => `rows/${file}`),
    ...tests.filter((file) => file !== 'gate.test.ts' && file !== 'attacks.test.ts'),
  ];
  expect(wanted.filter((path) => !threats.includes(path.replace('src/transports/', '')))).toEqual(
    [],
  );
  for (const { stoppedBy } of groups) readFileSync(new URL(stoppedBy, root));
});

/** The classes that a file says it attacks. */
function attackedBy(text: string): string[] {
  const calls = text.matchAll(/^ *attacks\(([^)]*)\);$/gm);
  return [...calls].flatMap(([, list = '']) =>
    [...list.matchAll(/'([A-Z])'/g)].map(([, name = '']) => name),
  );
}
