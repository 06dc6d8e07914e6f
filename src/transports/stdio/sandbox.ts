import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { McpError } from '../../errors.js';
import type { LaunchPlan, PlanOptions } from './launch-plan.js';
import { bwrapProfile } from './sandbox/bwrap.js';
import { dockerProfile } from './sandbox/docker.js';
import { limitsProfile } from './sandbox/limits.js';
import { nodeProfile } from './sandbox/node.js';
import type { Profile, SandboxOptions, SandboxProfile } from './sandbox/profile.js';

export type { SandboxOptions, SandboxProfile } from './sandbox/profile.js';

/** A profile by its name, or with options. */
export type Sandbox = SandboxProfile | SandboxOptions;

type Loose<T> = { readonly [name in keyof T]: T[name] | undefined };

const profiles: { readonly [name in Exclude<SandboxProfile, 'none'>]: Profile } = {
  limits: limitsProfile,
  bwrap: bwrapProfile,
  docker: dockerProfile,
  node: nodeProfile,
};

export const sandboxProfiles: readonly SandboxProfile[] = [
  'none',
  ...(Object.keys(profiles) as (keyof typeof profiles)[]),
];

export function readSandbox(sandbox: Sandbox = 'none'): SandboxOptions {
  const options = typeof sandbox === 'string' ? { profile: sandbox } : sandbox;
  if (sandboxProfiles.includes(options.profile)) return options;
  const names = sandboxProfiles.join(', ');
  throw failed(`There is no sandbox ${JSON.stringify(options.profile)}: it is one of ${names}`);
}

/** The plan inside of its sandbox. Rejects when the sandbox cannot be had on this machine. */
export async function applySandbox(
  plan: LaunchPlan,
  options: SandboxOptions,
  { containerName, mayRun = true }: Loose<PlanOptions> = {},
): Promise<LaunchPlan> {
  if (options.profile === 'none') return plan;
  const whole = (paths: readonly string[] = []): string[] =>
    paths.map((path) => resolve(plan.cwd, path));
  const roots = whole(options.roots);
  const readOnlyRoots = whole(options.readOnlyRoots);
  for (const root of [...roots, ...readOnlyRoots]) {
    if (await stat(root).catch(() => undefined)) continue;
    throw failed(`The root ${root} of the sandbox does not exist: create it or correct its path`);
  }
  const profile = profiles[options.profile];
  const found = await profile.check(plan, options, mayRun);
  if ('missing' in found) {
    throw failed(`The sandbox "${options.profile}" cannot be had: ${found.missing}`);
  }
  const name = containerName ?? `sallyport-${randomUUID()}`;
  return profile.wrap(plan, { ...options, roots, readOnlyRoots }, { ...found, name });
}

/** What a sandbox lacks on this machine, or undefined if it can be had for this program. */
export async function missingForSandbox(
  options: SandboxOptions,
  plan: LaunchPlan,
): Promise<string | undefined> {
  if (options.profile === 'none') return undefined;
  const found = await profiles[options.profile].check(plan, options, true);
  return 'missing' in found ? found.missing : undefined;
}

function failed(message: string): McpError {
  return new McpError('connectionFailed', message);
}
