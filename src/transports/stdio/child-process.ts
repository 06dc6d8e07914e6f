import { type ChildProcess, spawn } from 'node:child_process';
import { McpError } from '../../errors.js';
import { type ChildPipe, type ChildPipeOptions, connectChild } from './child-pipe.js';
import { handOver } from './hand-over.js';
import { isolate, type IsolationChoice, namespacePrefix } from './isolation.js';
import { type Command, type LaunchPlan, planLaunch } from './launch-plan.js';
import { tell } from './tell.js';

export type { ChildPipe } from './child-pipe.js';

export interface ChildOptions extends Command, ChildPipeOptions {
  /** How what the server starts is ended with it. Default `auto`: the surest way there is. */
  readonly isolation?: IsolationChoice | undefined;
  /** Told in one line which guarantee holds where it is not the strongest. */
  readonly onWarning?: ((warning: string) => void) | undefined;
}

/** Starts a server as a child process. Rejects with McpError connectionFailed. */
export async function startChild(options: ChildOptions): Promise<ChildPipe> {
  const { isolation: choice = 'auto', onWarning, stderr } = options;
  // Asked once in a process, while the command is being looked up.
  if (choice !== 'process-group') void namespacePrefix();
  const isolated = await isolate(
    (await planLaunch(options, { limits: options.limits })).plan,
    choice,
  );
  const { plan, isolation, warning } = isolated;
  const child = spawnPlan(plan, stderr === 'inherit' ? 'inherit' : 'pipe');
  const started = spawned(child, plan);
  // It could not be started, which is about to be said; it may not even have streams.
  if (child.pid === undefined) await started;
  // Connected before anything is awaited, or a short life could be missed.
  const pipe = connectChild({ child, plan, isolation, leadsGroup }, options);
  await started;
  for (const text of [warning, plan.warning]) {
    if (text !== undefined) tell(onWarning, `${plan.program}: ${text}`);
  }
  return pipe;
}

// In a group of its own a child can be ended along with what it has started.
const leadsGroup = process.platform !== 'win32';

function spawnPlan(plan: LaunchPlan, stderr: 'inherit' | 'pipe'): ChildProcess {
  try {
    const isCarried = plan.around.length > 0;
    const [file = '', ...args] = [...plan.around, plan.file, ...plan.args];
    const child = spawn(file, args, {
      cwd: plan.cwd,
      env: isCarried ? {} : plan.env,
      stdio: isCarried ? ['pipe', 'pipe', stderr, 'pipe'] : ['pipe', 'pipe', stderr],
      shell: false,
      detached: leadsGroup,
      windowsHide: true,
    });
    if (isCarried && child.pid !== undefined) handOver(child, plan.env);
    return child;
  } catch (cause) {
    throw notStarted(plan, cause);
  }
}

function spawned(child: ChildProcess, plan: LaunchPlan): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    // Later errors, such as a signal that could not be sent, come here too and must not crash us.
    child.on('error', (cause) => reject(notStarted(plan, cause)));
  });
}

function notStarted({ file }: LaunchPlan, cause: unknown): McpError {
  const { code } = cause as NodeJS.ErrnoException;
  const why = reasons[code ?? ''] ?? 'See the cause of this error.';
  return new McpError('connectionFailed', `${file} could not be started. ${why}`, { cause });
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'It or the interpreter that its first line names does not exist.',
  EACCES: 'This user may not run it: check its permissions and those of its folders.',
  ENOEXEC: 'It is neither a program of this system nor a script with an interpreter line.',
  E2BIG: 'Its arguments and environment are too long together.',
  EAGAIN: 'This user may not start more processes: end some or raise the limit.',
  EMFILE: 'This process has too many files open: close some or raise the limit.',
};
