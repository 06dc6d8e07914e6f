/** Programs of these tests, each in one file. */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { oneFile } from '../../scripts/one-file.js';

export interface BuiltChild {
  readonly path: string;
  remove(): void;
}

const root = fileURLToPath(new URL('../../', import.meta.url));

/** `entry` is below test/contract. The result is below the project, where it finds its packages. */
export async function buildChild(entry: string): Promise<BuiltChild> {
  const folder = `${root}build/${entry.replaceAll('/', '-')}-${process.pid}`;
  const path = await oneFile(`${root}test/contract/${entry}`, folder);
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
