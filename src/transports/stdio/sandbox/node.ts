import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { defaultLimits } from '../../../limits.js';
import type { LaunchPlan } from '../launch-plan.js';
import type { Profile } from './profile.js';

/**
 * The permission model of Node: files outside of the roots, other programs, worker threads and
 * native code are refused by the runtime itself. It holds programs that mean well.
 */
export const nodeProfile: Profile = {
  async check(plan, { network }, mayRun) {
    const version = await versionOf(plan, mayRun);
    if (version === undefined) return { missing: `${plan.file} is no Node: use "node"` };
    const flag = undoing(plan);
    if (flag !== undefined) return { missing: `${flag} would change what it permits` };
    const [major = 0] = partsOf(version);
    if (major < 20) return { missing: `Node ${version} has no permissions: install 20 or newer` };
    if (network === false && major < 25) {
      return { missing: `Node ${version} cannot refuse the network: install 25, or use bwrap` };
    }
    return { tool: plan.file, version };
  },
  wrap(plan, { roots, readOnlyRoots, network }, { version = '' }) {
    const words = [permissionFlag(version)];
    const readable = [...roots, ...readOnlyRoots, ...scriptFolder(plan)];
    for (const path of new Set(readable)) words.push(`--allow-fs-read=${path}`);
    for (const path of roots) words.push(`--allow-fs-write=${path}`);
    if (network === true && (partsOf(version)[0] ?? 0) >= 25) words.push('--allow-net');
    return { ...plan, args: [...words, ...plan.args] };
  },
};

const partsOf = (version: string): number[] => version.split('.').map(Number);

/** It was called experimental until 22.13 and 23.5. */
function permissionFlag(version: string): string {
  const [major = 0, minor = 0] = partsOf(version);
  const isStable = major > 23 || (major === 23 && minor >= 5) || (major === 22 && minor >= 13);
  return isStable ? '--permission' : '--experimental-permission';
}

function scriptFolder({ args, cwd }: LaunchPlan): string[] {
  const [first] = args;
  return first === undefined || first.startsWith('-') ? [] : [dirname(resolve(cwd, first))];
}

/** A flag of Node among the arguments or in the environment that opens the sandbox again. */
function undoing({ args, env }: LaunchPlan): string | undefined {
  // What follows the script is its own; before it, Node does not tell "_" from "-".
  const end = args.indexOf('--');
  const flags = args[0]?.startsWith('-') === true ? args.slice(0, end < 0 ? undefined : end) : [];
  const options = (env['NODE_OPTIONS'] ?? '').replaceAll(/["'\\]/g, '').split(/\s+/);
  const found = [...flags, ...options].find((flag) => permits.test(flag.replaceAll('_', '-')));
  return found?.split('=')[0];
}

// Files of settings may hold such flags, too.
const permits =
  /^--(?:allow-|(?:no-)?(?:experimental-)?permission|env-file|experimental-(?:default-)?config)/;

async function versionOf(
  { file, realFile }: LaunchPlan,
  mayRun: boolean,
): Promise<string | undefined> {
  if (realFile === (await realpath(process.execPath))) return process.versions.node;
  if (!mayRun) return /^node(?:js)?$/.test(basename(realFile)) ? process.versions.node : undefined;
  const { PATH } = process.env;
  const timeout = defaultLimits.toolAnswerMs;
  return new Promise((done) => {
    execFile(file, ['--version'], { timeout, env: { PATH } }, (error, printed) => {
      const [, version] = /^v(\d+\.\d+\.\d+)/.exec(printed) ?? [];
      done(error === null ? version : undefined);
    });
  });
}
