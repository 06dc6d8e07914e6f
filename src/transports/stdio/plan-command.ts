import { isRiskyVariable } from './environment.js';
import { guarantees, isolate, type Isolation, type IsolationChoice } from './isolation.js';
import { type Command, planLaunch } from './launch-plan.js';
import { escapeUnseen, hasUnseen } from './plain-text.js';
import { readSandbox, type SandboxProfile } from './sandbox.js';
import { sha256Of } from './trusted-file.js';

export interface PlanCommandOptions extends Command {
  readonly isolation?: IsolationChoice | undefined;
}

/** All that decides what would run, to be shown to whoever has to consent to it. */
export interface CommandPlan {
  /** The absolute path of the program, and where its links lead. */
  readonly file: string;
  readonly realFile: string;
  /** Of `realFile`, in hex. */
  readonly sha256: string;
  readonly args: readonly string[];
  /** Names of the variables that the program gets; values may be secrets. */
  readonly env: readonly string[];
  /** Those of them that were named for it and that make loaders or tools behave otherwise. */
  readonly riskyEnv: readonly string[];
  readonly cwd: string;
  readonly sandbox: SandboxProfile;
  /** What is sure to end with the server, and with this process. */
  readonly isolation: Isolation;
  /** The same in one line. */
  readonly guarantee: string;
  /** The program and its arguments, sandbox included, quoted for a POSIX shell. */
  readonly line: string;
}

/**
 * Finds out what a command would run, without running it. Rejects just as starting it would. With
 * the sandbox `node` any other Node than ours is taken for one of our version.
 */
export async function planCommand(target: PlanCommandOptions): Promise<CommandPlan> {
  const plan = await planUnread(target);
  // The bytes of a program that is pinned were just found to be those of the pin.
  return { ...plan, sha256: target.sha256?.toLowerCase() ?? (await sha256Of(plan.realFile)) };
}

/** The same without reading the whole program. */
export async function planUnread(target: PlanCommandOptions): Promise<Omit<CommandPlan, 'sha256'>> {
  const { base, plan } = await planLaunch(target, { containerName: 'sallyport', mayRun: false });
  const { isolation, warning } = await isolate(plan, target.isolation ?? 'auto');
  return {
    file: base.file,
    realFile: base.realFile,
    args: base.args,
    env: Object.keys(base.env).toSorted(),
    riskyEnv: base.namedEnv.filter(isRiskyVariable).toSorted(),
    cwd: base.cwd,
    sandbox: readSandbox(target.sandbox).profile,
    isolation,
    guarantee: warning ?? guarantees[isolation],
    line: [...plan.around, plan.file, ...plan.args].map(quoted).join(' '),
  };
}

function quoted(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  if (!hasUnseen(word)) return `'${word.replaceAll("'", `'\\''`)}'`;
  const plain = word.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  return `$'${escapeUnseen(plain, escaped)}'`;
}

function escaped(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
}
