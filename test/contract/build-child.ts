/** Programs of these tests, in one file each, which starts ten times as fast as its sources. */
import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

export interface BuiltChild {
  readonly path: string;
  remove(): void;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const external = ['libsql', 'better-sqlite3', 'ioredis', 'rate-limiter-flexible'];

/** `entry` is below test/contract. The result is below the project, where it finds its packages. */
export async function buildChild(entry: string): Promise<BuiltChild> {
  const name = entry.replaceAll('/', '-').replace(/\.ts$/, '');
  const outDir = join(root, 'build', `${name}-${process.pid}`);
  await build({
    configFile: false,
    logLevel: 'error',
    root,
    build: {
      outDir,
      ssr: join(root, 'test/contract', entry),
      target: 'node20',
      rolldownOptions: { external },
    },
  });
  return {
    path: join(outDir, basename(entry).replace(/\.ts$/, '.js')),
    remove: () => rmSync(outDir, { recursive: true, force: true }),
  };
}
