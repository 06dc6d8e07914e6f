/** What programs that import a library cost the compiler, by its own count. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandOf } from '../cores.js';
import type { Row } from '../row.js';
import { typedPrograms } from '../type-programs.js';

const here = fileURLToPath(new URL('../', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));
const compiler = `${root}node_modules/typescript/bin/tsc`;

/** As a user has it; ours is found where it was built, theirs where the bench has them. */
const options = {
  target: 'es2023',
  module: 'nodenext',
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: ['node'],
  typeRoots: [`${root}node_modules/@types`],
  paths: {
    sallyport: [`${root}dist/index.d.ts`],
    'sallyport/server': [`${root}dist/server/index.d.ts`],
    'sallyport/http': [`${root}dist/transports/http/index.d.ts`],
    'sallyport/stdio': [`${root}dist/transports/stdio/index.d.ts`],
  },
};

/** The best of some runs of the compiler, in fresh processes. */
function measureTypes(program: string, wanted: 'Instantiations' | 'Check time', runs: number) {
  const folder = mkdtempSync(join(here, 'typed-'));
  try {
    const files = ['program.mts'];
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, files }),
    );
    writeFileSync(join(folder, 'program.mts'), program);
    return Math.min(...Array.from({ length: runs }, () => compile(folder, wanted)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function compile(folder: string, wanted: string): number {
  // On one thread: what counts is the work, not how many share it.
  const words = [compiler, '-p', folder, '--extendedDiagnostics', '--singleThreaded'];
  const [command, args] = commandOf(words, 'measured');
  const { stdout, status } = spawnSync(command, args, { encoding: 'utf8' });
  const found = new RegExp(`^${wanted}:\\s+([\\d.]+)`, 'm').exec(stdout)?.[1];
  if (status !== 0 || found === undefined) throw new Error(stdout.slice(0, 500));
  return Number(found);
}

export const typeRows: readonly Row[] = typedPrograms.flatMap(({ name, sallyport, sdkV2 }) =>
  (['Instantiations', 'Check time'] as const).map((wanted): Row => {
    const isCount = wanted === 'Instantiations';
    const unit = isCount ? 'instantiations' : 's';
    const measure = async (program: string, scale: number): Promise<number> =>
      measureTypes(program, wanted, isCount ? 1 : Math.max(2, Math.round(6 * scale)));
    return {
      id: `types-${isCount ? 'count' : 'time'}-${name.toLowerCase().replace(' ', '-')}`,
      title: `type-check of a ${name}, ${unit}`,
      unit,
      judged: 'times',
      goal: 0.5,
      entries: [
        { name: 'sdk-v2', measure: ({ scale }) => measure(sdkV2, scale) },
        { name: 'sallyport', measure: ({ scale }) => measure(sallyport, scale) },
      ],
    };
  }),
);
