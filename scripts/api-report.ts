/**
 * Writes api/NAME.txt for each sub-path of the package: every exported name with its declaration,
 * as users see it. With --check it writes nothing and fails where the files differ.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import { parseSync } from 'oxc-parser';
import { root } from './steps.js';

const folder = `${root}api`;
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  name: string;
  exports: Record<string, string>;
};

const reports = new Map<string, string>();
for (const [subPath, file] of Object.entries(manifest.exports)) {
  const types = file.replace(/^\.\//, '').replace(/\.js$/, '.d.ts');
  if (!existsSync(root + types)) {
    console.error(`${subPath}: there is no ${types}. Run "npm run build" first.`);
    process.exitCode = 1;
    continue;
  }
  const name = subPath === '.' ? 'index' : subPath.slice(2).replaceAll('/', '-');
  const title = posix.join(manifest.name, subPath);
  reports.set(`${name}.txt`, `# ${title}\n\n${declarations(types).join('\n\n')}\n`);
}
// A report with holes would delete or condemn what is merely not built.
if (process.exitCode === undefined) {
  if (process.argv.includes('--check')) compare();
  else write();
}

function write(): void {
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(folder)) {
    if (!reports.has(file)) rmSync(`${folder}/${file}`);
  }
  for (const [file, text] of reports) writeFileSync(`${folder}/${file}`, text);
}

function compare(): void {
  const committed = existsSync(folder) ? readdirSync(folder) : [];
  for (const file of new Set([...committed, ...reports.keys()])) {
    const [old, now] = [committed.includes(file) ? read(file) : '', reports.get(file) ?? ''];
    if (old === now) continue;
    console.error(`api/${file} has drifted; "npm run api" writes it anew.`);
    for (const line of difference(old, now)) console.error(`  ${line}`);
    process.exitCode = 1;
  }
}

function read(file: string): string {
  return readFileSync(`${folder}/${file}`, 'utf8').replaceAll('\r\n', '\n');
}

/** Lines of one text only; enough to see what moved. */
function difference(old: string, now: string): string[] {
  const [before, after] = [old.split('\n'), now.split('\n')];
  const gone = before.filter((line) => !after.includes(line)).map((line) => `- ${line}`);
  const come = after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`);
  return [...gone, ...come];
}

/** The text of each exported declaration of a file of types, sorted by name. */
function declarations(path: string): string[] {
  const texts = exportedNames(path)
    .map((name) => [name, declarationOf(path, name)] as const)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([, text]) => text);
  // Overloads are several entries of one name, and variables may share one declaration.
  return [...new Set(texts)];
}

function exportedNames(path: string): string[] {
  return entriesOf(path).flatMap(({ exportName }) => exportName.name ?? []);
}

type Entry = ReturnType<typeof parse>['module']['staticExports'][number]['entries'][number];

function entriesOf(path: string): Entry[] {
  return parse(path).module.staticExports.flatMap(({ entries }) => entries);
}

/** Follows re-exports to where the name is declared. */
function declarationOf(path: string, name: string): string {
  const entry = entriesOf(path).find(({ exportName }) => exportName.name === name);
  const from = entry?.moduleRequest?.value;
  if (from !== undefined) {
    const source = entry?.importName.name ?? name;
    if (!from.startsWith('.')) return `export { ${source} } from '${from}';`;
    const target = posix.join(posix.dirname(path), from).replace(/\.js$/, '.d.ts');
    const text = declarationOf(target, source);
    return source === name ? text : `${text}\nexport { ${source} as ${name} };`;
  }
  const local = entry?.localName.name ?? name;
  const found = parse(path).program.body.flatMap((node) => {
    const declared = 'declaration' in node && node.declaration ? node.declaration : node;
    return namesOf(declared).includes(local) ? [textOf(path, declared)] : [];
  });
  // A name that is imported and exported again in two statements.
  const text = found.length > 0 ? found.join('\n') : importedElsewhere(path, local);
  return local === name ? text : `${text}\nexport { ${local} as ${name} };`;
}

function importedElsewhere(path: string, local: string): string {
  for (const { moduleRequest, entries } of parse(path).module.staticImports) {
    const entry = entries.find(({ localName }) => localName.value === local);
    if (!entry) continue;
    const source = entry.importName.name ?? local;
    if (!moduleRequest.value.startsWith('.'))
      return `export { ${source} } from '${moduleRequest.value}';`;
    const target = posix.join(posix.dirname(path), moduleRequest.value).replace(/\.js$/, '.d.ts');
    return declarationOf(target, source);
  }
  return `export { ${local} }; // not found`;
}

function namesOf(node: object): string[] {
  const { id, declarations: list } = node as {
    id?: { name?: string } | null;
    declarations?: readonly { id: { name?: string } }[];
  };
  return [id, ...(list ?? []).map((one) => one.id)].flatMap((one) => one?.name ?? []);
}

/** Without comments: wording may change, a signature must not unseen. */
function textOf(path: string, { start, end }: { start: number; end: number }): string {
  const { comments } = parse(path);
  let text = readFileSync(root + path, 'utf8');
  for (const comment of comments.filter((one) => one.start >= start && one.end <= end)) {
    const blank = text.slice(comment.start, comment.end).replace(/[^\n]/g, ' ');
    text = text.slice(0, comment.start) + blank + text.slice(comment.end);
  }
  const lines = text.slice(start, end).split('\n');
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/^declare /, '');
}

function parse(path: string): ReturnType<typeof parseSync> {
  if (!existsSync(root + path)) {
    console.error(`There is no ${path}. Run "npm run build" again; it stopped half way.`);
    process.exit(1);
  }
  return parseSync(path, readFileSync(root + path, 'utf8'), { lang: 'dts' });
}
