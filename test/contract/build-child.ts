/** Programs of these tests, in one file each, which starts as fast as a published one. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** `entry` is below test/contract. The result is below the project, where it finds its packages. */
export async function buildChild(entry: string): Promise<string> {
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
      rolldownOptions: { external: ['libsql', 'better-sqlite3', 'rate-limiter-flexible'] },
    },
  });
  return join(outDir, entry.split('/').at(-1)!.replace(/\.ts$/, '.js'));
}
