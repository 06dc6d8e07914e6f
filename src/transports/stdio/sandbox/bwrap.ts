import { execFile } from 'node:child_process';
import { basename, dirname, sep } from 'node:path';
import type { LaunchPlan } from '../launch-plan.js';
import { systemTool } from '../system-tool.js';
import { bounded } from './limits.js';
import type { Profile, Roots, SandboxOptions } from './profile.js';

/**
 * Bubblewrap: the programs of the system, read-only, an empty home and /tmp in memory, the roots,
 * and no network unless it is wanted.
 */
export const bwrapProfile: Profile = {
  async check(_plan, { bounds }) {
    const tool = await systemTool('bwrap');
    if (tool === undefined) return { missing: 'install bubblewrap (the package has this name)' };
    works ??= tryOut(tool);
    const why = await works;
    if (why !== undefined) return { missing: `bubblewrap may not work here: ${why}` };
    if (bounds === undefined) return { tool };
    const prlimit = await systemTool('prlimit');
    if (prlimit === undefined) return { missing: 'bounds need prlimit, which is in util-linux' };
    return { tool, prlimit };
  },
  wrap(plan, options, { tool, prlimit }) {
    const inner = prlimit === undefined ? plan : bounded(plan, prlimit, options.bounds ?? {});
    const words = [...fixed, ...system(), ...home(plan), ...mounts(plan, options)];
    if (options.network !== true) words.push('--unshare-net');
    words.push('--chdir', folderFor(plan, options), '--', inner.file, ...inner.args);
    return { ...plan, file: tool, args: words, ending: 'session' };
  },
};

const fixed = [
  ...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
  ...['--die-with-parent', '--new-session'],
  ...['--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp'],
];

const systemFolders = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64'];

// What programs look up, and nothing of what /etc keeps secret.
const settings = (
  'alternatives ca-certificates crypto-policies fonts group host.conf hosts java ld.so.cache ' +
  'ld.so.conf ld.so.conf.d localtime mime.types nsswitch.conf os-release passwd pki python3 ' +
  'resolv.conf ssl/certs ssl/openssl.cnf timezone'
).split(' ');

const bound = (how: string, path: string): string[] => [how, path, path];

function system(): string[] {
  const files = [...systemFolders, ...settings.map((name) => `/etc/${name}`)];
  return files.flatMap((path) => bound('--ro-bind-try', path));
}

function home({ env }: LaunchPlan): string[] {
  const { HOME, TMPDIR } = env;
  return [
    ...(HOME?.startsWith('/') === true && HOME !== '/' ? ['--tmpfs', HOME] : []),
    ...(TMPDIR === undefined ? [] : ['--setenv', 'TMPDIR', '/tmp']),
  ];
}

function mounts(plan: LaunchPlan, { roots, readOnlyRoots }: Roots): string[] {
  return [
    ...programFolders(plan).flatMap((path) => bound('--ro-bind', path)),
    ...readOnlyRoots.flatMap((path) => bound('--ro-bind', path)),
    ...roots.flatMap((path) => bound('--bind', path)),
  ];
}

/** Where a program is that does not belong to the system, such as a Node of one's own. */
function programFolders({ file, realFile, env }: LaunchPlan): string[] {
  const folders = [file, realFile].map((path) => {
    const folder = dirname(path);
    const around = dirname(folder);
    const isShared = around === '/' || around === env['HOME'] || around === '/usr/local';
    return basename(folder) === 'bin' && !isShared ? around : folder;
  });
  return [...new Set(folders)].filter(
    (folder) => !systemFolders.some((root) => isIn(folder, root)),
  );
}

function folderFor({ cwd }: LaunchPlan, { roots, readOnlyRoots }: SandboxOptions & Roots): string {
  return [...roots, ...readOnlyRoots].some((root) => isIn(cwd, root)) ? cwd : '/tmp';
}

const isIn = (path: string, root: string): boolean =>
  path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);

let works: Promise<string | undefined> | undefined;

function tryOut(tool: string): Promise<string | undefined> {
  const args = [...fixed, '--unshare-net', '--ro-bind', '/usr', '/usr', ...system()];
  return new Promise((resolve) => {
    execFile(tool, [...args, '--', '/bin/sh', '-c', ':'], { timeout: 5000 }, (error, _, said) => {
      resolve(error === null ? undefined : said.trim().slice(0, 200) || error.message);
    });
  });
}
