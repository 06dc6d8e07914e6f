import type { CommandTarget } from '../connect.js';
import { defaultLimits } from '../limits.js';
import { type CommandPlan, planCommand, planUnread } from '../transports/stdio/plan-command.js';
import { createScrubber, hidden } from '../transports/stdio/secrets.js';
import type { Approvals, Parts } from './config-approvals.js';
import type { HttpEntry, Texts } from './config-entry.js';
import type { Config } from './config-file.js';
import type { Needs } from './config-values.js';
import { Failure } from './failure.js';
import { hideInText, hideInWords, hideValue } from './hide-secrets.js';
import { exactly, quoted } from './terminal/exactly.js';
import type { Prompter } from './terminal/prompter.js';

/** What somebody must agree to before it happens. */
export interface Proposal {
  readonly server: ServerId;
  /** A sentence's end: `would start:` or `would be sent …`. */
  readonly headline: string;
  /** Shown before it happens for the first time, exactly. */
  readonly lines: readonly string[];
  /** The same without what may be secret, for whoever reads what a program has written. */
  readonly safeLines: readonly string[];
  readonly parts: Parts;
}

/** Which server of which file. */
export interface ServerId {
  /** For people. */
  readonly label: string;
  /** No two servers have the same. */
  readonly key: string;
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
  const { headline, lines, safeLines, parts } = proposal;
  const { label: server, key } = proposal.server;
  const changed = await approvals.changed(key, parts);
  if (changed?.length === 0) return;
  const news =
    changed === undefined ? '' : ` Changed since it was approved: ${changed.join(', ')}.`;
  const { scrub } = createScrubber(secrets);
  if (yes) {
    if (changed !== undefined) note(`${server}:${news}`);
    return approvals.remember(key, parts);
  }
  for (const shown of [lines, safeLines]) refuseTooLong(server, shown);
  if (prompter === undefined) {
    const shown = safeLines.map((line) => `\n${scrub(line)}`).join('');
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
  await approvals.remember(key, parts);
}

/** What nobody would read to its end is not agreed to. */
function refuseTooLong(server: string, lines: readonly string[]): void {
  const length = lines.reduce((sum, line) => sum + line.length, 0);
  const { consentLengthMax: shownMax } = defaultLimits;
  if (length <= shownMax) return;
  throw new Failure(
    'configuration',
    `What the server ${server} would do has ${length} characters; at most ${shownMax} are shown.`,
    'Move long values into a file. If you have read all of it there, --yes agrees.',
  );
}

export interface PlannedCommand {
  readonly plan: CommandPlan;
  readonly proposal: Proposal;
}

export interface Starting {
  readonly server: ServerId;
  readonly target: CommandTarget;
  /** The values of its variables before anything was filled in. */
  readonly written: Texts;
  readonly needs: Needs;
}

/** What starting `target` would do. Runs no program that `target` names. */
export async function proposeCommand(starting: Starting): Promise<PlannedCommand> {
  const { server, target, written, needs } = starting;
  const plan = await planCommand(target);
  const { args = [], inheritEnv = [], sandbox = 'none' } = target;
  const names = [...new Set([...Object.keys(written), ...inheritEnv])].toSorted();
  const yours = [...new Set([...valuesOf(needs), ...inheritEnv])].toSorted().join(', ');
  const risky = plan.riskyEnv.map((name) => [name, valueFor(name, target)] as const);
  const parts: Parts = {
    program: plan.realFile,
    'content of the program': plan.sha256,
    ...Object.fromEntries(args.map((arg, at) => [`argument ${at + 1}`, arg])),
    'names of variables': names.join(' '),
    ...Object.fromEntries(
      Object.entries(written).map(([name, value]) => [`variable ${name}`, value]),
    ),
    ...Object.fromEntries(
      risky
        .filter(([name, value]) => value !== written[name])
        .map(([name, value]) => [`filled-in variable ${name}`, value]),
    ),
    'values of yours': yours,
    'working directory': plan.cwd,
    sandbox: plan.sandbox === 'none' ? 'none' : JSON.stringify(sandbox),
  };
  const linesWith = (line: string, show: (name: string, value: string) => string): string[] => [
    line,
    `program    ${exactly(plan.realFile)} (SHA-256 ${plan.sha256})`,
    `folder     ${exactly(plan.cwd)}`,
    ...Object.entries(written).map(
      // Not even the person at the terminal needs to see what only its name makes a secret.
      ([name, value]) => `variable   ${exactly(name)}=${exactly(hideValue(name, value))}`,
    ),
    ...(names.length === 0 ? ['variables  none'] : []),
    ...(yours === '' ? [] : [`yours      ${exactly(yours)}: it gets the values of these`]),
    ...risky.map(
      ([name, value]) =>
        `risky      ${exactly(name)}=${exactly(show(name, value))} changes what programs load`,
    ),
    // Where the sandbox is a wrapper, the first line shows all of it.
    `sandbox    ${exactly(typeof sandbox === 'string' ? sandbox : JSON.stringify(sandbox))}`,
  ];
  // Its pin, if it has one, was just compared.
  const { sha256: _pin, ...unpinned } = target;
  const safe = await planForOthers(unpinned);
  const proposal = {
    ...{ server, headline: 'would start:', parts },
    lines: linesWith(plan.line, (_name, value) => value),
    safeLines: linesWith(safe.line, hideValue),
  };
  return { plan, proposal };
}

/** What it does not get from the file it may inherit from this process. */
function valueFor(name: string, { env = {} }: CommandTarget): string {
  return (Object.hasOwn(env, name) ? env[name] : process.env[name]) ?? '';
}

function valuesOf({ variables, inputs }: Needs): readonly string[] {
  return [...variables, ...inputs.map((id) => `answer to ${id}`)];
}

/** The same plan, whose line shows no arguments that look like secrets. */
export async function planForOthers(
  target: CommandTarget,
): Promise<Pick<CommandPlan, 'line' | 'guarantee'>> {
  const { args = [] } = target;
  // The mark needs no quotes where the words are put together.
  const plan = await planUnread({ ...target, args: hideInWords(args, secretMark) });
  return { ...plan, line: plan.line.replaceAll(secretMark, hidden) };
}

const secretMark = 'SALLYPORT-HIDES-THIS';

/** A server elsewhere gets nothing of the user's that they do not know of. */
export function proposeAddress(
  server: ServerId,
  written: HttpEntry,
  needs: Needs,
): Proposal | undefined {
  const values = valuesOf(needs).join(', ');
  if (values === '') return undefined;
  const headers = Object.entries(written.headers);
  const parts = { address: written.url, headers: JSON.stringify(headers), values };
  const linesWith = (url: string, show: (name: string, value: string) => string): string[] => [
    exactly(url),
    ...headers.map(([name, value]) => `${exactly(name)}: ${exactly(show(name, value))}`),
    `values     ${exactly(values)}`,
  ];
  return {
    ...{ server, headline: 'would be sent values of yours:', parts },
    lines: linesWith(written.url, (_name, value) => value),
    safeLines: linesWith(hideInText(written.url), hideValue),
  };
}

export function serverIdOf({ file }: Config, name: string): ServerId {
  return {
    label: `${quoted(name)} of ${exactly(file)}`,
    key: JSON.stringify([file, name]),
  };
}
