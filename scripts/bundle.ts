/**
 * Puts the modules of dist/ together. To load a module costs about 0.4 ms, whatever is in it: some
 * hundreds of them are most of what an import takes. The declarations stay one a source file.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { rolldown } from 'rolldown';
import { root } from './steps.js';

const dist = `${root}dist/`;
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  readonly exports: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly browser: Readonly<Record<string, false>>;
};

/** The files that others name by their paths. What browsers leave out is one of them. */
const named = [
  ...Object.values(manifest.exports),
  ...Object.values(manifest.bin),
  ...Object.keys(manifest.browser),
].map((path) => path.replace(/^(\.\/)?dist\//, '').replace(/\.js$/, ''));

const serverSide = ['server/index', 'transports/http/index', 'transports/stdio/index'];

/**
 * What is always loaded together stands in one file: the modules that one of each row of names
 * reaches without a lazy import. The first that applies has a module; all else is cut as it falls.
 */
const groups: readonly { readonly name: string; readonly reachedFrom: readonly string[][] }[] = [
  { name: 'core', reachedFrom: [['index'], serverSide] },
  { name: 'client', reachedFrom: [['index']] },
  { name: 'serving', reachedFrom: [['transports/http/index'], ['transports/stdio/index']] },
  { name: 'http', reachedFrom: [['transports/http/index']] },
  { name: 'stdio', reachedFrom: [['transports/stdio/index']] },
];

export async function bundle(): Promise<void> {
  const reached = new Map<string, ReadonlySet<string>>();
  const isIn = (id: string, way: string): boolean => reached.get(way)?.has(id) === true;
  const build = await rolldown({
    input: Object.fromEntries(named.map((name) => [name, `${dist}${name}.js`])),
    platform: 'node',
    // All that is not ours.
    external: /^[^./]/,
    preserveEntrySignatures: 'strict',
    plugins: [
      {
        name: 'reached',
        buildEnd() {
          const imports = (id: string): readonly string[] =>
            this.getModuleInfo(id)?.importedIds ?? [];
          for (const way of named) reached.set(way, reachedBy(`${dist}${way}.js`, imports));
        },
      },
    ],
  });
  const { output } = await build.generate({
    format: 'esm',
    minifyInternalExports: false,
    entryFileNames: '[name].js',
    // As deep as the file that looks for package.json from where it stands.
    chunkFileNames: 'shared/[name].js',
    codeSplitting: {
      groups: groups.map(({ name, reachedFrom }, at) => ({
        name,
        priority: groups.length - at,
        test: (id) => reachedFrom.every((ways) => ways.some((way) => isIn(id, way))),
      })),
    },
  });
  await build.close();
  removeModules();
  for (const file of output) if (file.type === 'chunk') write(file.fileName, file.code);
}

function reachedBy(start: string, imports: (id: string) => readonly string[]): Set<string> {
  const seen = new Set([start]);
  // A set that is iterated over goes on to what is added meanwhile.
  for (const id of seen) for (const next of imports(id)) seen.add(next);
  return seen;
}

function removeModules(): void {
  for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.js')) rmSync(dist + file);
  }
}

function write(file: string, code: string): void {
  mkdirSync(dirname(dist + file), { recursive: true });
  writeFileSync(dist + file, inAscii(code));
}

/**
 * One character beyond Latin-1 makes V8 keep and scan two bytes for each character of the file. In
 * comments, literals and regular expressions an escape means the same; ours are nowhere else.
 */
function inAscii(code: string): string {
  return code.replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
