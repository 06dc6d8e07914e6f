import type { LaunchPlan } from '../launch-plan.js';

export type SandboxProfile = 'none' | 'limits' | 'bwrap' | 'docker' | 'node';

export interface SandboxOptions {
  /**
   * `none`: whatever this user may. `limits`: bounds on what it uses up. `bwrap`: nothing of the
   * machine but the system, read-only, and the roots. `docker`: a container. `node`: the permission
   * model of Node, for servers that run on it.
   */
  readonly profile: SandboxProfile;
  /** Files and folders that it may read and write. Default: none. */
  readonly roots?: readonly string[];
  /** Files and folders that it may read, such as where its own code is. Default: none. */
  readonly readOnlyRoots?: readonly string[];
  /** Whether it may use the network. Default: not where the profile can keep it from it. */
  readonly network?: boolean;
  /** What it may use up, over the defaults of `limits`. With `bwrap`: none unless given. */
  readonly bounds?: Partial<ResourceBounds>;
  /** The image of the container; `command` is looked up inside of it. */
  readonly image?: string;
}

/** Bounds of each process, but `processes`, which are counted together. */
export interface ResourceBounds {
  readonly openFiles: number;
  /** Threads count, too. Root is not bound by it. */
  readonly processes: number;
  readonly fileBytes: number;
  readonly cpuSeconds: number;
}

export type Roots = Required<Pick<SandboxOptions, 'roots' | 'readOnlyRoots'>>;

export interface Found {
  /** Where the program is that makes the sandbox. */
  readonly tool: string;
  /** What the tool can do here, as words for its command line. */
  readonly powers?: readonly string[];
  /** Where prlimit is, if there are bounds to set with it inside of the sandbox. */
  readonly prlimit?: string;
  /** The program's version, where it matters. */
  readonly version?: string;
}

export interface Profile {
  /** Whether this machine has what it takes, or what to install. */
  check(
    plan: LaunchPlan,
    options: SandboxOptions,
    mayRun: boolean,
  ): Promise<Found | { readonly missing: string }>;
  /** A pure function: the plan of the same server inside of the sandbox. */
  wrap(
    plan: LaunchPlan,
    options: SandboxOptions & Roots,
    found: Found & { readonly name: string },
  ): LaunchPlan;
}
