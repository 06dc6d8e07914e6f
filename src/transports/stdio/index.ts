import { servePipe, type ServedPipe } from '../../eras/serve-pipe.js';
import type { Served } from '../../exchange.js';
import { type Limits, resolveLimits } from '../../limits.js';
import { type Platform, systemPlatform } from '../../platform/platform.js';
import type { CommandPlan, PlanCommandOptions } from './plan-command.js';
import { stdioPipe, type StdioPipeOptions } from './serve.js';

export type { ServedPipe } from '../../eras/serve-pipe.js';
export { expandVariables, type Variables } from './expand-variables.js';
export type { Isolation, IsolationChoice } from './isolation.js';
export type { CommandPlan, PlanCommandOptions } from './plan-command.js';
export type { StderrChoice } from './read-stderr.js';
export type { Sandbox, SandboxOptions, SandboxProfile } from './sandbox.js';
export type { ResourceBounds } from './sandbox/profile.js';

export interface ServeStdioOptions extends Pick<StdioPipeOptions, 'stdin' | 'stdout'> {
  readonly limits?: Partial<Limits>;
  readonly platform?: Platform;
  /**
   * Whether the process exits once its client is gone. Default true: a server that stays behind is
   * what users of stdio complain of most.
   */
  readonly exitAtEnd?: boolean;
}

// Less than the 2 s that clients wait after they have closed our input.
const drainOnEndMs = 1000;

/**
 * Serves the client that started this process, both eras, over standard input and output. Whatever
 * else the process prints goes to standard error.
 */
export function serveStdio(served: Served, options: ServeStdioOptions = {}): ServedPipe {
  const platform = options.platform ?? systemPlatform;
  const limits = resolveLimits(options.limits);
  const pipe = stdioPipe({ ...options, limits, clock: platform.clock });
  const principal = { id: 'stdio' };
  const serving = servePipe(served, pipe, { limits, platform, principal, drainOnEndMs });
  if (options.exitAtEnd !== false) {
    void serving.closed.then(() => pipe.close()).then(() => process.exit());
  }
  return serving;
}

/**
 * Finds out what a command would run, without running it. Rejects just as starting it would. With
 * the sandbox `node` any other Node than ours is taken for one of our version.
 */
export async function planCommand(target: PlanCommandOptions): Promise<CommandPlan> {
  // Whoever only serves starts no processes, and need not load what it takes.
  return (await import('./plan-command.js')).planCommand(target);
}
