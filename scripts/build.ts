/** Compiles src/ to dist/, from nothing, and makes the command line executable. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { root } from './steps.js';

const main = `${root}dist/cli/main.js`;

rmSync(`${root}dist`, { recursive: true, force: true });
const { status } = spawnSync('tsc', ['-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
if (existsSync(main)) chmodSync(main, 0o755);
process.exitCode = status ?? 1;
