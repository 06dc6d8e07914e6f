import { McpError } from '../../errors.js';
import { asProcessOne, inGroup, namesLost } from './hand-over.js';
import type { LaunchPlan } from './launch-plan.js';
import { systemTool } from './system-tool.js';
import { type Refusal, tryOut } from './try-isolation.js';

/** What is sure to end with the child, or with us: see `guarantees`. */
export type Isolation = 'pid-namespace' | 'process-group' | 'child';

export type IsolationChoice = 'auto' | 'pid-namespace' | 'process-group';

export interface Isolated {
  readonly plan: LaunchPlan;
  readonly isolation: Isolation;
  /** Set where less holds than could be: which guarantee does, and why no other. */
  readonly warning?: string;
}

/** Puts what will run into a pid namespace of its own, where that is wanted and possible. */
export async function isolate(
  plan: LaunchPlan,
  choice: IsolationChoice,
  findPrefix: () => Promise<readonly string[] | string> = namespacePrefix,
): Promise<Isolated> {
  if (plan.around.length > 0) refuseLost(plan);
  if (plan.ending === 'session') {
    const around = [...plan.around, ...asProcessOne];
    return { plan: { ...plan, around }, isolation: 'pid-namespace' };
  }
  const prefix = choice === 'process-group' ? undefined : await prefixFor(plan, choice, findPrefix);
  if (prefix !== undefined && typeof prefix !== 'string') {
    const around = [...prefix, ...plan.around, ...asProcessOne];
    return { plan: { ...plan, around, ending: 'namespace' }, isolation: 'pid-namespace' };
  }
  if (choice === 'pid-namespace') {
    throw new McpError('connectionFailed', `No pid namespace for ${plan.program}: ${prefix}`);
  }
  const isolation: Isolation = process.platform === 'win32' ? 'child' : 'process-group';
  const around = plan.around.length > 0 ? [...plan.around, ...inGroup] : [];
  const grouped = { plan: { ...plan, around }, isolation };
  if (plan.afterKill !== undefined) return { ...grouped, warning: containerGuarantee };
  if (prefix === undefined) return grouped;
  return { ...grouped, warning: `${guarantees[isolation]} (${prefix})` };
}

async function prefixFor(
  plan: LaunchPlan,
  choice: IsolationChoice,
  findPrefix: () => Promise<readonly string[] | string>,
): Promise<readonly string[] | string> {
  if (plan.afterKill !== undefined && choice === 'auto') return 'containers have their own';
  // As root they need no such help.
  if (needsSetUserId.has(plan.program) && process.getuid?.() !== 0) {
    return `${plan.program} needs set-user-ID programs, which a namespace takes away`;
  }
  const lost = namesLost(plan.env);
  if (lost.length > 0) return `the name of a variable is none to a shell: ${lost.join(' ')}`;
  return findPrefix();
}

function refuseLost({ env }: LaunchPlan): void {
  const [name] = namesLost(env);
  if (name === undefined) return;
  throw new McpError(
    'connectionFailed',
    `A sandbox cannot hand on the variable ${JSON.stringify(name)}: its name is none to a shell`,
  );
}

export const guarantees: { readonly [isolation in Isolation]: string } = {
  'pid-namespace':
    'All that the server starts ends with it, and with this process, however it ends',
  'process-group':
    'What the server starts ends with it unless it leaves the process group; ' +
    'if this process is killed, the server sees the end of its input and nothing more',
  child: 'Only the server itself is ended; what it starts may stay behind',
};

const containerGuarantee =
  'The container is ended with the connection; ' +
  'if this process is killed, its program sees the end of its input and nothing more';

const needsSetUserId: ReadonlySet<string> = new Set(
  'podman buildah sudo doas su pkexec'.split(' '),
);

let probed: Promise<readonly string[] | string> | undefined;

/** The words before a command that put it into a pid namespace, or why there is no such thing. */
export function namespacePrefix(): Promise<readonly string[] | string> {
  probed ??= probe().then(({ found, isFinal }) => {
    if (!isFinal) probed = undefined;
    return found;
  });
  return probed;
}

interface Probed {
  readonly found: readonly string[] | string;
  /** Not where it may have been want of time, memory, files or processes. */
  readonly isFinal: boolean;
}

async function probe(): Promise<Probed> {
  if (process.platform !== 'linux') {
    return { found: 'this system has no pid namespaces', isFinal: true };
  }
  const [setpriv, unshare] = await Promise.all(['setpriv', 'unshare'].map(systemTool));
  if (setpriv === undefined || unshare === undefined) {
    return { found: 'setpriv and unshare of util-linux are not installed', isFinal: false };
  }
  let why: Refusal | undefined;
  for (const user of process.getuid?.() === 0 ? [[], ownUser] : [ownUser]) {
    const words = [setpriv, '--pdeathsig', 'KILL', '--', unshare, ...user];
    words.push('--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'slave', '--');
    const refusal = await tryOut(words);
    if (refusal === undefined) return { found: words, isFinal: true };
    why ??= refusal;
  }
  const { said = '', isFinal = false } = why ?? {};
  return { found: `pid namespaces are not allowed here: ${said}`, isFinal };
}

// Root keeps its powers over files of others only without a user namespace, which it needs where it
// is root in name only, as in many containers.
const ownUser = ['--user', '--map-current-user'];
