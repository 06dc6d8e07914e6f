/** Runs scenarios of the official conformance suite, and reads what it wrote about them. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './steps.js';

export type Side = 'server' | 'client';

export interface Requirements {
  readonly scored: readonly string[];
  readonly unscored: readonly string[];
}

export interface Verdict {
  readonly scenario: string;
  readonly passed: boolean;
  /** One line for each check that failed or warned, or for why nothing was judged. */
  readonly notes: readonly string[];
  /** All that the suite printed for this run. */
  readonly output: string;
}

const suite = 'node_modules/@modelcontextprotocol/conformance/dist/index.js';

// The suite gives a scenario 30 s by itself; these only end a suite that hangs.
const oneScenarioMs = 90_000;
const allScenariosMs = 600_000;

export function suiteInstalled(): boolean {
  return existsSync(root + suite);
}

/** What a revision demands of one side: the scored scenarios, and those that only inform. */
export async function requirementsOf(side: Side, revision: string): Promise<Requirements> {
  const { output } = await runSuite(['list', '--requirements', revision], oneScenarioMs);
  const [scored = '', unscored = ''] = output.split('Run and reported, but never scored:');
  const section = scored.split(/^(?=Server scenarios|Client scenarios)/m);
  const own = section.find((text) => text.toLowerCase().startsWith(side)) ?? '';
  return {
    scored: [...own.matchAll(/^ +- (\S+)$/gm)].map((match) => match[1] ?? ''),
    unscored: [...unscored.matchAll(/^ +- (\S+) \[(\w+)\]$/gm)]
      .filter((match) => match[2] === side)
      .map((match) => match[1] ?? ''),
  };
}

/** Judges a running server in one run of the suite: everything required, or one scenario. */
export async function judgeServer(
  url: string,
  revision: string,
  scenarios: readonly string[],
  only: string | undefined,
): Promise<Verdict[]> {
  const which = only
    ? ['--scenario', only, '--spec-version', revision, '--force']
    : ['--requirements', revision];
  return withResults(async (folder) => {
    const args = ['server', '--url', url, '-o', folder, ...which];
    const { output } = await runSuite(args, allScenariosMs);
    return scenarios.map((scenario) => {
      const checks = checksOf(folder, `server-${scenario}`);
      return verdict(scenario, checks, ['FAILURE'], output);
    });
  });
}

/**
 * Judges the program `client` in one scenario. One run each, because only then does the suite judge
 * how the client exited; it also counts warnings of a client as failures.
 */
export async function judgeClient(
  client: string,
  scenario: string,
  revision: string,
): Promise<Verdict> {
  return withResults(async (folder) => {
    const which = ['--scenario', scenario, '--spec-version', revision, '--force'];
    const args = ['client', '--command', `node ${client}`, '-o', folder, ...which];
    const { code, output } = await runSuite(args, oneScenarioMs);
    const checks = checksOf(folder, scenario);
    const found = verdict(scenario, checks, ['FAILURE', 'WARNING'], output);
    if (code === 0 || !found.passed) return found;
    const reason = /CLIENT TIMED OUT|CLIENT EXITED WITH ERROR \(code .*?\)/.exec(output)?.[0];
    return { ...found, passed: false, notes: [reason ?? `the suite ended with ${code}`] };
  });
}

interface Check {
  readonly name: string;
  readonly status: string;
  readonly description: string;
  readonly errorMessage?: string;
}

function verdict(
  scenario: string,
  checks: readonly Check[] | undefined,
  failing: readonly string[],
  output: string,
): Verdict {
  const notes = (checks ?? [])
    .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
    .map((one) => `${one.status} ${one.name}: ${one.errorMessage ?? one.description}`);
  const failed = checks?.some(({ status }) => failing.includes(status)) ?? true;
  // A scenario that checked nothing is ticked by the suite, but has shown nothing.
  const exercised = checks?.some(({ status }) => status === 'SUCCESS' || status === 'FAILURE');
  if (checks === undefined) notes.push('the suite left no result');
  else if (!exercised) notes.push('nothing was checked');
  return { scenario, passed: !failed && exercised === true, notes, output };
}

/** The suite writes to `NAME-TIME/checks.json`; names may contain a slash. */
function checksOf(folder: string, name: string): Check[] | undefined {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const file = files.find((path) => {
    const rest = path.replaceAll('\\', '/').slice(name.length);
    return path.startsWith(name) && /^-\d{4}-[\dTZ-]+\/checks\.json$/.test(rest);
  });
  if (file === undefined) return undefined;
  return JSON.parse(readFileSync(join(folder, file), 'utf8')) as Check[];
}

async function withResults<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runSuite(
  args: readonly string[],
  timeout: number,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const command = ['--import', './scripts/glob-sync-hook.mjs', suite, ...args];
    const child = spawn(process.execPath, command, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout,
    });
    let output = '';
    const keep = (text: string): void => {
      output += text;
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}
