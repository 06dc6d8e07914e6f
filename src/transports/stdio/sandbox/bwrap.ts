import { execFile } from 'node:child_process';
import { sep } from 'node:path';
import { defaultLimits } from '../../../limits.js';
import type { LaunchPlan } from '../launch-plan.js';
import { systemTool } from '../system-tool.js';
import { programFiles } from './bwrap-program.js';
import { bounded } from './limits.js';
import type { Profile, Roots, SandboxOptions } from './profile.js';

/**
 * Bubblewrap: the programs of the system, read-only, an empty home and /tmp in memory, the roots,
 * and no network unless it is wanted. Without powers, even for root.
 */
export const bwrapProfile: Profile = {
  async check(_plan, { bounds }) {
    const tool = await systemTool('bwrap');
    if (tool === undefined) return { missing: 'install bubblewrap (the package has this name)' };
    const powers = await powersOf(tool);
    if (typeof powers === 'string') return { missing: `bubblewrap may not work here: ${powers}` };
    if (bounds === undefined) return { tool, powers };
    const prlimit = await systemTool('prlimit');
    if (prlimit === undefined) return { missing: 'bounds need prlimit, which is in util-linux' };
    return { tool, powers, prlimit };
  },
  wrap(plan, options, { tool, powers = [], prlimit }) {
    const words = [tool, ...fixed, ...powers, ...system(), ...home(plan), ...mounts(plan, options)];
    if (options.network !== true) words.push('--unshare-net');
    const cwd = isInRoot(plan.cwd, options) ? plan.cwd : '/tmp';
    words.push('--chdir', cwd, '--');
    if (prlimit !== undefined) words.push(...bounded(prlimit, options.bounds ?? {}));
    const { TMPDIR } = plan.env;
    const env = TMPDIR === undefined ? plan.env : { ...plan.env, TMPDIR: '/tmp' };
    const wrapped: LaunchPlan = { ...plan, around: words, env, ending: 'session' };
    if (cwd === plan.cwd) return wrapped;
    const warning =
      `it starts in /tmp, since ${plan.cwd} is in none of the roots of its sandbox: ` +
      'name the folder in roots or readOnlyRoots (--sandbox-write, --sandbox-read)';
    return { ...wrapped, warning };
  },
};

const bound = (how: string, path: string): string[] => [how, path, path];

const fixed = [
  ...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
  // What is started first in it is process 1, and bound to the life of bwrap before it starts.
  ...['--die-with-parent', '--new-session', '--as-pid-1', '--cap-drop', 'ALL'],
  ...['--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp'],
  // What is here belongs to root by its number, even where root has no powers.
  ...['sys', 'sysrq-trigger', 'irq', 'bus'].flatMap((name) =>
    bound('--ro-bind-try', `/proc/${name}`),
  ),
];

const systemFolders = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64'];

// What programs look up, and nothing of what /etc keeps secret.
const settings = (
  'alternatives ca-certificates crypto-policies fonts group host.conf hosts java ld.so.cache ' +
  'ld.so.conf ld.so.conf.d localtime mime.types nsswitch.conf os-release passwd pki/ca-trust ' +
  'pki/java pki/tls/cert.pem pki/tls/certs pki/tls/openssl.cnf python3 resolv.conf ssl/certs ' +
  'ssl/openssl.cnf timezone'
).split(' ');

function system(): string[] {
  const files = [...systemFolders, ...settings.map((name) => `/etc/${name}`)];
  return files.flatMap((path) => bound('--ro-bind-try', path));
}

function home({ env }: LaunchPlan): string[] {
  const { HOME } = env;
  return HOME?.startsWith('/') === true && HOME !== '/' ? ['--tmpfs', HOME] : [];
}

function mounts(plan: LaunchPlan, { roots, readOnlyRoots }: Roots): string[] {
  const files = programFiles(plan).filter(
    (file) => !systemFolders.some((root) => isIn(file, root)),
  );
  return [
    ...files.flatMap((path) => bound('--ro-bind', path)),
    ...readOnlyRoots.flatMap((path) => bound('--ro-bind', path)),
    ...roots.flatMap((path) => bound('--bind', path)),
  ];
}

const isInRoot = (cwd: string, { roots, readOnlyRoots }: SandboxOptions & Roots): boolean =>
  [...roots, ...readOnlyRoots].some((root) => isIn(cwd, root));

const isIn = (path: string, root: string): boolean =>
  path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);

/** With a user namespace root is root in name only; where there is none, it has no powers still. */
const attempts = [['--unshare-user', '--disable-userns'], ['--unshare-user'], []];

let known: readonly string[] | string | undefined;

/** What works of them, or why nothing does. */
async function powersOf(tool: string): Promise<readonly string[] | string> {
  if (known !== undefined) return known;
  let why = '';
  for (const powers of attempts) {
    const said = await tryOut(tool, powers);
    if (said === undefined) return (known = powers);
    why ||= said;
  }
  // Not kept: what is wrong may be mended, or have been want of memory or processes.
  return why;
}

function tryOut(tool: string, powers: readonly string[]): Promise<string | undefined> {
  const args = [...fixed, ...powers, '--unshare-net', ...system(), '--', '/bin/sh', '-c', ':'];
  return new Promise((resolve) => {
    const timeout = defaultLimits.toolAnswerMs;
    execFile(tool, args, { timeout, env: {} }, (error, _, said) => {
      resolve(error === null ? undefined : said.trim().slice(0, 200) || error.message);
    });
  });
}
