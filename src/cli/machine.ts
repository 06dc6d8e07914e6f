import { readFile } from 'node:fs/promises';
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
  readonly has: boolean;
  /** Where it is, or why it is missing. */
  readonly detail: string;
}

/** Something that can be relied on here, or not. */
export interface Guarantee {
  readonly what: string;
  readonly holds: boolean;
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
  const tools = await Promise.all(toolNames.map(lookForTool));
  const prefix = await namespacePrefix();
  const pid: Offer = {
    name: 'pid namespaces',
    has: typeof prefix !== 'string',
    detail: typeof prefix === 'string' ? prefix : 'setpriv and unshare make them',
  };
  const profiles = await lookAtProfiles();
  return {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    offers: [pid, await lookForUserNamespaces(), ...tools, landlock],
    guarantees: [...endings(pid), ...profiles.map(({ guarantee }) => guarantee)],
    advice: [
      ...(pid.has || process.platform !== 'linux' ? [] : [namespaceAdvice]),
      ...profiles.flatMap(({ advice }) => advice),
    ],
  };
}

const toolNames = ['setpriv', 'unshare', 'prlimit', 'bwrap', 'tini', 'docker'];

async function lookForTool(name: string): Promise<Offer> {
  const path = await systemTool(name);
  return { name, has: path !== undefined, detail: path ?? 'not installed' };
}

const landlock: Offer = {
  name: 'landlock',
  has: false,
  detail: 'not used: Node cannot ask the kernel for it',
};

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

function endings({ has, detail }: Offer): readonly Guarantee[] {
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

async function lookAtProfiles(): Promise<
  readonly { readonly guarantee: Guarantee; readonly advice: readonly string[] }[]
> {
  const { base } = await planLaunch({ command: process.execPath });
  const profiles = sandboxProfiles.filter((profile) => profile !== 'none');
  return Promise.all(
    profiles.map(async (profile) => {
      const options = { profile, ...(profile === 'docker' ? { image: 'any' } : {}) };
      const missing = await missingForSandbox(options, base);
      const what = `--sandbox ${profile}: ${promises[profile]}`;
      const guarantee = { what, holds: missing === undefined, how: missing ?? howOf(profile) };
      return {
        guarantee,
        advice: missing === undefined ? [] : [`For --sandbox ${profile}: ${missing}.`],
      };
    }),
  );
}

const promises: { readonly [profile in Exclude<SandboxProfile, 'none'>]: string } = {
  limits: 'a server uses up no more than its share',
  bwrap: 'a server reads the system and its roots only, and has no network',
  docker: 'a server is in a container of its own, without network',
  node: 'a server on Node touches no file outside of its roots, if it means well',
};

function howOf(profile: SandboxProfile): string {
  return profile === 'docker' ? 'installed; whether its engine runs shows at the first use' : '';
}
