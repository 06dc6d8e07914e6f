/** How much an install brings: a package and all that it requires, found where it is installed. */
import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bench = fileURLToPath(new URL('.', import.meta.url));
const root = dirname(bench.replace(/\/$/, ''));

interface Manifest {
  readonly files?: readonly string[];
  readonly dependencies?: { readonly [name: string]: string };
  readonly peerDependencies?: { readonly [name: string]: string };
  readonly peerDependenciesMeta?: { readonly [name: string]: { readonly optional?: boolean } };
}

export function installed(names: readonly string[]): { bytes: number; packages: number } {
  const found = new Map<string, number>();
  const add = (name: string, from: string): void => {
    const folder = folderOf(name, from);
    if (found.has(folder)) return;
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
    // Ours stands here with its tests; what is packed is what its manifest names.
    const own = folder === root;
    const parts = own ? [...(manifest.files ?? []), 'package.json', 'README.md', 'LICENSE'] : ['.'];
    const bytes = parts.reduce((sum, part) => sum + bytesIn(join(folder, part)), 0);
    found.set(folder, bytes);
    for (const needed of neededBy(manifest)) add(needed, folder);
  };
  for (const name of names) add(name, name === 'sallyport' ? root : bench);
  const bytes = [...found.values()].reduce((sum, size) => sum + size, 0);
  return { bytes, packages: found.size };
}

function neededBy({ dependencies, peerDependencies, peerDependenciesMeta }: Manifest): string[] {
  const peers = Object.keys(peerDependencies ?? {}).filter(
    (name) => peerDependenciesMeta?.[name]?.optional !== true,
  );
  return [...Object.keys(dependencies ?? {}), ...peers];
}

function folderOf(name: string, from: string): string {
  if (name === 'sallyport') return root;
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name);
    if (existsSync(folder)) return realpathSync(folder);
    if (at === dirname(at)) throw new Error(`${name} is not installed`);
  }
}

/** What lies in nested node_modules is counted as the packages that they are. */
function bytesIn(path: string): number {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.size;
  return readdirSync(path)
    .filter((name) => name !== 'node_modules')
    .reduce((sum, name) => sum + bytesIn(join(path, name)), 0);
}
