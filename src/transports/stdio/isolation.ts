import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import { McpError } from '../../errors.js';
import { systemClock } from '../../platform/clock.js';
import type { LaunchPlan } from './launch-plan.js';
import { systemTool } from './system-tool.js';

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
  if (plan.ending === 'session') return { plan, isolation: 'pid-namespace' };
  const weaker: Isolation = process.platform === 'win32' ? 'child' : 'process-group';
  if (plan.afterKill !== undefined && choice !== 'pid-namespace') {
    return { plan, isolation: weaker, warning: containerGuarantee };
  }
  if (choice === 'process-group') return { plan, isolation: weaker };
  const prefix = needsSetUserId.has(plan.program)
    ? `${plan.program} needs set-user-ID programs, which a namespace takes away`
    : await findPrefix();
  if (typeof prefix !== 'string') {
    const [file = '', ...words] = prefix;
    const args = [...words, plan.file, ...plan.args];
    return { plan: { ...plan, file, args, ending: 'namespace' }, isolation: 'pid-namespace' };
  }
  if (choice === 'pid-namespace') {
    throw new McpError('connectionFailed', `No pid namespace for ${plan.program}: ${prefix}`);
  }
  return { plan, isolation: weaker, warning: `${guarantees[weaker]} (${prefix})` };
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

// As root they need no such help.
const needsSetUserId: ReadonlySet<string> = new Set(
  process.getuid?.() === 0 ? [] : ['podman', 'buildah', 'sudo', 'doas', 'su', 'pkexec'],
);

let probed: Promise<readonly string[] | string> | undefined;

/** The words before a command that put it into a pid namespace, or why there is no such thing. */
export function namespacePrefix(): Promise<readonly string[] | string> {
  probed ??= probe();
  return probed;
}

async function probe(): Promise<readonly string[] | string> {
  if (process.platform !== 'linux') return 'this system has no pid namespaces';
  const [setpriv, unshare] = await Promise.all(['setpriv', 'unshare'].map(systemTool));
  if (setpriv === undefined || unshare === undefined) {
    return 'setpriv and unshare of util-linux are not installed';
  }
  let why = '';
  for (const user of process.getuid?.() === 0 ? [[], ownUser] : [ownUser]) {
    const words = [setpriv, '--pdeathsig', 'KILL', '--', '/bin/sh', '-c', orphanCheck];
    words.push(String(process.pid), unshare, ...user, '--pid', '--fork', '--kill-child');
    words.push('--mount-proc', '--propagation', 'slave', '--');
    words.push('/bin/sh', '-c', processOne, 'sallyport');
    const said = await tryOut(words);
    if (said === undefined) return words;
    why ||= said;
  }
  return `pid namespaces are not allowed here: ${why}`;
}

// Root keeps its powers over files of others only without a user namespace, which it needs where it
// is root in name only, as in many containers.
const ownUser = ['--user', '--map-current-user'];

// Whoever dies before its child has asked to die along is missed by the kernel.
const orphanCheck = '[ "$PPID" = "$0" ] && exec "$@"';

/**
 * Process 1. It waits for the server and reaps whatever is left to it; it is in one group with the
 * server, so that a signal to the group reaches both, and as process 1 it only dies of SIGKILL. Its
 * own remarks on how the server ended are no business of anybody.
 */
const processOne = 'trap : TERM INT; exec 3>&2 2>/dev/null; (exec "$@" 2>&3 3>&-); exit $?';

/** Why these words before a command do not do what they should, or undefined if they do. */
function tryOut([file = '', ...words]: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const script = 'trap "exit 42" TERM; read one rest </proc/self/stat; echo $one; read line';
    const child = spawn(file, [...words, '/bin/sh', '-c', script], {
      cwd: '/',
      env: {},
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    let said = '';
    let printed = '';
    const stop = systemClock.after(probeMs, () => end('it takes too long'));
    const end = (why: string | undefined): void => {
      stop();
      if (child.exitCode === null) child.kill('SIGKILL');
      resolve(why);
    };
    child.on('error', ({ message }) => end(message));
    child.stderr.on('data', (bytes: Buffer) => (said = (said + String(bytes)).slice(0, 200)));
    // Small numbers are seen only where /proc belongs to the namespace.
    child.stdout.on('data', (bytes: Buffer) => {
      printed += String(bytes);
      if (!printed.includes('\n') || child.pid === undefined) return;
      if (Number(printed) < 10) process.kill(-child.pid, 'SIGTERM');
      else end('/proc shows other processes');
    });
    child.on('close', (code) => {
      // Some versions of unshare die of the signal themselves, and take the server with them.
      const untrue = code === 0 || printed !== '' ? 'a signal does not reach the server' : '';
      end(code === 42 ? undefined : said.trim() || untrue || `${basename(file)} says ${code}`);
    });
  });
}

const probeMs = 5000;
