/**
 * Compiles src/ to dist/, from nothing, puts the modules together, and makes the command line
 * executable. With --modules each stays a file of its own, as the profile by hops needs them.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { bundle } from './bundle.js';
import { root } from './steps.js';

const main = `${root}dist/cli/main.js`;

rmSync(`${root}dist`, { recursive: true, force: true });
const { status } = spawnSync('tsc', ['-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
if (status === 0 && !process.argv.includes('--modules')) await bundle();
if (existsSync(main)) chmodSync(main, 0o755);
process.exitCode = status ?? 1;
