import { readFile } from 'node:fs/promises';
import { askDocker, type Verdict } from './docker-engine.js';
import { namespacePrefix } from '../transports/stdio/isolation.js';
import { planLaunch } from '../transports/stdio/launch-plan.js';
import {
  missingForSandbox,
  type SandboxProfile,
  sandboxProfiles,
} from '../transports/stdio/sandbox.js';
import { systemTool } from '../transports/stdio/system-tool.js';

/** Something that this machine has or lacks. */
export interface Offer {
  readonly name: string;
  readonly has: Verdict;
  /** Where it is, or why it is missing. */
  readonly detail: string;
}

/** Something that can be relied on here, or not. */
export interface Guarantee {
  readonly what: string;
  readonly holds: Verdict;
  /** By what means, or what holds in its place. */
  readonly how: string;
}

export interface Machine {
  readonly node: string;
  readonly platform: string;
  readonly offers: readonly Offer[];
  readonly guarantees: readonly Guarantee[];
  /** What to do to get what is missing. */
  readonly advice: readonly string[];
}

/** Looks at this machine. Starts no server: only tools of the system, on harmless things. */
export async function lookAtMachine(): Promise<Machine> {
  const [users, docker, prefix, ...tools] = await Promise.all([
    lookForUserNamespaces(),
    lookForDocker(),
    namespacePrefix(),
    ...toolNames.map(lookForTool),
  ]);
  const pid: Offer & { readonly has: boolean } = {
    name: 'pid namespaces',
    has: typeof prefix !== 'string',
    detail: typeof prefix === 'string' ? prefix : 'setpriv and unshare make them',
  };
  const profiles = await lookAtProfiles(docker);
  return {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    offers: [pid, users, ...tools, docker],
    guarantees: [...endings(pid), ...profiles.map(({ guarantee }) => guarantee)],
    advice: [
      ...(pid.has || process.platform !== 'linux' ? [] : [namespaceAdvice]),
      ...profiles.flatMap(({ advice }) => advice),
    ],
  };
}

const toolNames = ['setpriv', 'unshare', 'prlimit', 'bwrap'];

async function lookForTool(name: string): Promise<Offer> {
  const path = await systemTool(name);
  return { name, has: path !== undefined, detail: path ?? 'not installed' };
}

async function lookForDocker(): Promise<Offer> {
  const name = 'docker';
  const path = await systemTool(name);
  if (path === undefined) return { name, has: false, detail: 'not installed' };
  return { name, ...(await askDocker(path)) };
}

const namespaceAdvice =
  'Install util-linux (setpriv, unshare) and allow user namespaces: then no server leaves a ' +
  'process behind, even if this program is killed.';

async function lookForUserNamespaces(): Promise<Offer> {
  const name = 'user namespaces';
  if (process.platform !== 'linux') return { name, has: false, detail: 'only Linux has them' };
  const read = async (file: string): Promise<string | undefined> =>
    (await readFile(`/proc/sys/${file}`, 'latin1').catch(() => undefined))?.trim();
  const max = await read('user/max_user_namespaces');
  if (max === undefined || max === '0') {
    return { name, has: false, detail: 'user.max_user_namespaces is 0' };
  }
  if ((await read('kernel/unprivileged_userns_clone')) === '0') {
    return { name, has: false, detail: 'kernel.unprivileged_userns_clone is 0' };
  }
  if ((await read('kernel/apparmor_restrict_unprivileged_userns')) === '1') {
    const detail = 'AppArmor restricts them (kernel.apparmor_restrict_unprivileged_userns)';
    return { name, has: false, detail };
  }
  return { name, has: true, detail: `up to ${max}` };
}

function endings({ has, detail }: Offer & { readonly has: boolean }): readonly Guarantee[] {
  const isWindows = process.platform === 'win32';
  const group = isWindows
    ? 'only the server itself is ended'
    : 'but for processes that leave the process group';
  return [
    {
      what: 'Closing a stdio server leaves no process behind',
      holds: has,
      how: has ? 'pid namespace' : `${group}: ${detail}`,
    },
    {
      what: 'The same when this program is killed',
      holds: has,
      how: has ? 'pid namespace' : 'a server then sees the end of its input and nothing more',
    },
  ];
}

interface ProfileLook {
  readonly guarantee: Guarantee;
  readonly advice: readonly string[];
}

async function lookAtProfiles(docker: Offer): Promise<readonly ProfileLook[]> {
  const { base } = await planLaunch({ command: process.execPath });
  const profiles = sandboxProfiles.filter((profile) => profile !== 'none');
  return Promise.all(
    profiles.map(async (profile) => {
      const options = { profile, ...(profile === 'docker' ? { image: 'any' } : {}) };
      const missing = await missingForSandbox(options, base);
      const what = `--sandbox ${profile}: ${promises[profile]}`;
      if (missing === undefined) {
        return { guarantee: { what, ...trialOf(profile, docker) }, advice: [] };
      }
      const advice = [`For --sandbox ${profile}: ${missing}.`];
      return { guarantee: { what, holds: false, how: missing }, advice };
    }),
  );
}

type Profile = Exclude<SandboxProfile, 'none'>;

const promises: { readonly [profile in Profile]: string } = {
  limits: 'a server is bounded in open files, processes, sizes of files and processor time',
  bwrap: 'a server reads the system and its roots only, and has no network',
  docker: 'a server is in a container of its own, without network',
  node: 'a server on Node touches no file outside of its roots, if it means well',
};

/** Of a profile whose tool is there. */
function trialOf(profile: Profile, { has, detail }: Offer): Pick<Guarantee, 'holds' | 'how'> {
  if (profile === 'docker') return { holds: has, how: detail };
  if (profile === 'limits' && process.getuid?.() === 0) {
    return { holds: false, how: 'root is not bound in processes; the other bounds hold' };
  }
  return { holds: true, how: profile === 'bwrap' ? 'tried out just now' : '' };
}
