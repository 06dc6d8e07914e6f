/** Which classes of advisories are attacked, which wait; and that the page of threats is complete. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type AdvisoryClass, advisoryClasses, awaited } from './advisories.js';
import { groups } from './rows/index.js';

/** Classes whose attacks are no rows. */
const elsewhere: readonly (readonly [AdvisoryClass, file: string])[] = [
  ['B', 'edge.test.ts'],
  ['O', 'edge.test.ts'],
  ['J', 'config.test.ts'],
  ['R', 'client/attacks.test.ts'],
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
