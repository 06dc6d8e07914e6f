import { homedir } from 'node:os';
import { basename, dirname, join, sep } from 'node:path';
import type { LaunchPlan } from '../launch-plan.js';

/**
 * What must be seen of a program to start it: the file itself, and where tools keep whole versions
 * of Node or Python beside each other, the folder of that version, which holds their libraries. A
 * folder that holds other things too is never among them.
 */
export function programFiles(plan: LaunchPlan): string[] {
  const found = [plan.file, plan.realFile].flatMap((file) => {
    const folder = dirname(file);
    const around = dirname(folder);
    const isVersion = basename(folder) === 'bin' && versions.some((known) => known.test(around));
    return isVersion && !isShared(around, plan) ? [around] : [file];
  });
  return [...new Set(found)];
}

const versions: readonly RegExp[] = [
  // nvm, n, pyenv; fnm; Volta; asdf and mise; uv; build machines.
  /\/versions\/(?:node\/)?v?\d[^/]*$/,
  /\/node-versions\/[^/]+\/installation$/,
  /\/tools\/image\/node\/\d[^/]*$/,
  /\/installs\/(?:node|nodejs|python|bun|deno)\/\d[^/]*$/,
  /\/uv\/python\/[^/]+$/,
  /\/hostedtoolcache\/[^/]+\/\d[^/]*\/[^/]+$/,
];

/** Whether a folder is one of those that hold what is the user's, or is above one. */
function isShared(folder: string, { env, cwd }: LaunchPlan): boolean {
  const homes = [homedir(), env['HOME'] ?? '/'].flatMap((home) => [home, join(home, '.local')]);
  const shared = [...homes, cwd, '/tmp', env['TMPDIR'] ?? '/tmp'];
  return shared.some((path) => path === folder || path.startsWith(folder + sep));
}
