import { createHash } from 'node:crypto';
import type { CommandTarget } from '../connect.js';
import { type CommandPlan, planCommand } from '../transports/stdio/plan-command.js';
import { createScrubber } from '../transports/stdio/secrets.js';
import type { Approvals, Parts } from './config-approvals.js';
import type { HttpEntry } from './config-entry.js';
import type { Config } from './config-file.js';
import type { Needs } from './config-values.js';
import { Failure } from './failure.js';
import { oneLine } from './terminal/paint.js';
import type { Prompter } from './terminal/prompter.js';

/** What somebody must agree to before it happens. */
export interface Proposal {
  /** Which server of which file. */
  readonly server: string;
  /** A sentence's end: `would start:` or `would be sent …`. */
  readonly headline: string;
  /** Shown before it happens for the first time, exactly. */
  readonly lines: readonly string[];
  readonly parts: Parts;
}

export interface Consenting {
  readonly approvals: Approvals;
  readonly prompter: Prompter | undefined;
  /** The user has said on the command line that it is all right. */
  readonly yes: boolean;
  note(text: string): void;
  /** Values that are shown to nobody but the person at the terminal. */
  readonly secrets: { readonly [name: string]: string };
}

/** Rejects with a Failure unless this very thing was approved, now or before. */
export async function askConsent(proposal: Proposal, consenting: Consenting): Promise<void> {
  const { approvals, prompter, yes, note, secrets } = consenting;
  const { server, headline, lines, parts } = proposal;
  const changed = await approvals.changed(server, parts);
  if (changed?.length === 0) return;
  const news =
    changed === undefined ? '' : ` Changed since it was approved: ${changed.join(', ')}.`;
  const { scrub } = createScrubber(secrets);
  if (yes) {
    if (changed !== undefined) note(`${server}:${news}`);
    return approvals.remember(server, parts);
  }
  if (prompter === undefined) {
    const shown = lines.map((line) => `\n${scrub(line)}`).join('');
    const why = changed === undefined ? 'was not approved yet' : 'is not what was approved';
    const message = `The server ${server} ${why}.${news} It ${headline}${shown}`;
    throw new Failure(
      'configuration',
      message,
      'Run it at a terminal, or with --yes if you agree.',
    );
  }
  prompter.say(`The server ${server} ${headline}`);
  for (const line of lines) prompter.say(`  ${line}`);
  if (news !== '') prompter.say(news.trim());
  const answer = await prompter.ask('Do you agree? [y/N] ');
  if (!/^\s*y(es)?\s*$/i.test(answer ?? '')) {
    throw new Failure('configuration', `The server ${server} was not approved.`, '');
  }
  await approvals.remember(server, parts);
}

export interface PlannedCommand {
  readonly plan: CommandPlan;
  readonly proposal: Proposal;
}

/** What starting `target` would do. Runs no program that `target` names. */
export async function proposeCommand(
  server: string,
  target: CommandTarget,
): Promise<PlannedCommand> {
  const plan = await planWithoutRunning(target);
  const { args, env = {}, inheritEnv = [], sandbox = 'none' } = target;
  const names = [...new Set([...Object.keys(env), ...inheritEnv])].toSorted();
  const profile = typeof sandbox === 'string' ? sandbox : sandbox.profile;
  // Where the sandbox is a wrapper, the line shows all of it.
  const sandboxShown = typeof sandbox === 'string' ? sandbox : oneLine(JSON.stringify(sandbox));
  const parts: Parts = {
    program: plan.realFile,
    'content of the program': plan.sha256,
    ...Object.fromEntries((args ?? []).map((arg, at) => [`argument ${at + 1}`, arg])),
    'names of variables': names.join(' '),
    ...Object.fromEntries(plan.riskyEnv.map((name) => [name, env[name] ?? ''])),
    'working directory': plan.cwd,
    sandbox: profile === 'none' ? profile : JSON.stringify(sandbox),
  };
  const lines = [
    plan.line,
    `program    ${oneLine(plan.realFile)} (SHA-256 ${plan.sha256})`,
    `folder     ${oneLine(plan.cwd)}`,
    `variables  ${names.length === 0 ? 'none' : names.map((name) => oneLine(name)).join(', ')}`,
    ...plan.riskyEnv.map(
      (name) =>
        `risky      ${oneLine(name)}=${oneLine(env[name] ?? '')} changes what programs load`,
    ),
    `sandbox    ${sandboxShown}`,
  ];
  return { plan, proposal: { server, headline: 'would start:', lines, parts } };
}

/** The permissions of Node are planned by asking the program itself, which may be anything. */
export function planWithoutRunning(target: CommandTarget): Promise<CommandPlan> {
  const { sandbox = 'none' } = target;
  const profile = typeof sandbox === 'string' ? sandbox : sandbox.profile;
  return planCommand(profile === 'node' ? { ...target, sandbox: 'none' } : target);
}

/** A server elsewhere gets nothing of the user's that they do not know of. */
export function proposeAddress(
  server: string,
  written: HttpEntry,
  { variables, inputs }: Needs,
): Proposal | undefined {
  const values = [...variables, ...inputs.map((id) => `answer to ${id}`)];
  if (values.length === 0) return undefined;
  const headers = Object.entries(written.headers);
  const digest = createHash('sha256').update(JSON.stringify(headers)).digest('hex');
  const parts = { address: written.url, headers: digest, values: values.join(', ') };
  const lines = [
    oneLine(written.url),
    ...headers.map(([name, value]) => `${oneLine(name)}: ${oneLine(value)}`),
    `values     ${oneLine(values.join(', '))}`,
  ];
  const headline = 'would be sent values of yours:';
  return { server, headline, lines, parts };
}

export function serverLabel({ file }: Config, name: string): string {
  return `"${oneLine(name)}" of ${oneLine(file)}`;
}
