/**
 * Writes docs/limits.md from src/limits.ts: every bound, by the groups in which they stand there,
 * and the files that enforce it. With --check it writes nothing and fails where the page differs.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type LimitName, limitTable } from '../src/limits.js';
import { pastLimits } from './past-limits.js';
import { root } from './steps.js';

const page = `${root}docs/limits.md`;

const intro = `# Limits

Every map, queue, buffer, wait and loop of Sallyport has a number, and all of them stand in one table,
[limits.ts](../src/limits.ts). Each holds without a setting, and each can be changed where a server or
a client is made:

\`\`\`ts
await listen(server, { limits: { serverMessageBytesMax: 16 * 1024 * 1024, callsInFlightMax: 200 } });
\`\`\`

Numbers are counts, bytes and milliseconds; \`Infinity\` takes a bound away, and looks like it. A name
that does not exist is refused at once. This page is written by \`npm run limits\`.
`;

interface Row {
  readonly default: number;
  readonly unit?: string;
  readonly why: string;
}

const text = render();
if (!process.argv.includes('--check')) {
  writeFileSync(page, text);
} else if (readFileSync(page, 'utf8').replaceAll('\r\n', '\n') !== text) {
  console.error('docs/limits.md has drifted; "npm run limits" writes it anew.');
  process.exitCode = 1;
}

function render(): string {
  const users = usersOf(Object.keys(limitTable));
  const parts = groups().map(({ title, names }) => {
    const rows = names.map((name) => {
      const { default: count, unit, why }: Row = limitTable[name];
      return `| \`${name}\` | ${amountOf(name, count, unit)} | ${why} | ${pastLimits[name] ?? ''} | ${users.get(name)} |`;
    });
    const head = '| limit | default | why | past it | enforced in |\n|---|---|---|---|---|';
    return `## ${title}\n\n${head}\n${rows.join('\n')}\n`;
  });
  return [intro, ...parts].join('\n');
}

/** A number without a unit whose name ends in Ms is in milliseconds. */
function amountOf(name: string, count: number, unit?: string): string {
  const ms = /Ms(?:Max|Min)?$/.test(name) ? 'ms' : '';
  const word = count === 1 ? unit?.replace(/s$/, '') : unit;
  return `${count.toLocaleString('en-US')} ${word ?? ms}`.trim();
}

/** The table's own groups: what stands between one comment and the next. */
function groups(): { title: string; names: LimitName[] }[] {
  const all: { title: string; names: LimitName[] }[] = [];
  for (const line of readFileSync(`${root}src/limits.ts`, 'utf8').split('\n')) {
    const [, title] = /^ {2}\/\/ (.+)$/.exec(line) ?? [];
    if (title !== undefined)
      all.push({ title: title[0]!.toUpperCase() + title.slice(1), names: [] });
    const [, name] = /^ {2}(\w+): \{/.exec(line) ?? [];
    if (name !== undefined && name in limitTable) all.at(-1)?.names.push(name as LimitName);
  }
  return all;
}

function usersOf(names: readonly string[]): Map<string, string> {
  const files = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })
    .map((path) => `src/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.ts') && path !== 'src/limits.ts')
    .sort();
  const words = files.map((path) => {
    const code = readFileSync(root + path, 'utf8');
    return { path, words: new Set(code.split(/[^\w$]+/)) };
  });
  return new Map(
    names.map((name) => {
      const users = words.filter((file) => file.words.has(name)).map(({ path }) => path);
      const links = users.map((path) => `[${path.split('/').at(-1)}](../${path})`);
      return [name, links.join(', ')];
    }),
  );
}
