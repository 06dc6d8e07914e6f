/**
 * All that is judged before a change is taken, in one run. The last line is the sum over what
 * ran: `N passed, M failed` or `N passed, M failed, K skipped`.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runStep, type Outcome, type Step } from './steps.js';

interface Sum {
  passed: number;
  failed: number;
  skipped: number;
}

/** Node versions beside the one that runs this, as the npm package `node` carries them. */
const otherNodes = [22, 24];
const vitest = 'node_modules/vitest/vitest.mjs';
const onOtherNodes = ['test/unit', 'test/contract/sqlite', 'test/contract/restart'];

const tests: Step = {
  name: 'tests',
  command: 'npm',
  args: ['run', '--silent', 'test:most'],
  env: { REQUIRE_SYSTEM: '1' },
};

/** Takes the time that tests leave which wait for something: in a schedule nothing does. */
const schedules: Step = {
  name: '20,000 schedules',
  command: 'nice',
  args: ['-n', '19', 'npm', 'run', '--silent', 'simulate', '--', '--seeds', '20000'],
};

const steps: readonly Step[] = [
  // What measures time while it floods a server has the machine to itself.
  {
    name: 'alone',
    command: 'npm',
    args: ['run', '--silent', 'test:alone'],
    env: { REQUIRE_SYSTEM: '1', SCHEDULES: '100' },
  },
  {
    name: 'check',
    command: 'npm',
    args: ['run', 'check'],
    env: { CHECK_WITHOUT: 'unit and tidy' },
  },
  { name: 'conformance', command: 'npm', args: ['run', 'conformance'] },
  // They have an SQLite of their own.
  ...otherNodes.map((version) => ({
    name: `unit and SQLite tests on Node ${version}`,
    command: 'npx',
    args: ['-y', '-p', `node@${version}`, 'node', vitest, 'run', ...onOtherNodes],
    env: { EXPECT_NODE: String(version) },
  })),
];

const total: Sum = { passed: 0, failed: 0, skipped: 0 };
const first = await Promise.all([judge(tests), judge(schedules, true)]);
for (const sum of first) add(total, sum);
for (const step of steps) add(total, await judge(step));
if (total.passed + total.failed === 0) console.log('Nothing ran.');
const { passed, failed, skipped } = total;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

/** Runs a step and counts its tests; a step that fails without a failed test counts as one. */
async function judge(step: Step, quiet = false): Promise<Sum> {
  const reports = mkdtempSync(join(tmpdir(), 'reports-'));
  try {
    const outcome = await runStep({ ...step, env: { ...step.env, TEST_REPORTS: reports } }, quiet);
    const sum = counted(reports, outcome);
    if (!outcome.ok && sum.failed === 0) sum.failed = 1;
    return sum;
  } finally {
    rmSync(reports, { recursive: true, force: true });
  }
}

function counted(reports: string, { stdout }: Outcome): Sum {
  const sum: Sum = { passed: 0, failed: 0, skipped: 0 };
  for (const file of readdirSync(reports)) add(sum, vitestSum(join(reports, file)));
  const list = /^(?:server|client) \S+: (\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm;
  for (const [, ...numbers] of stdout.matchAll(list)) {
    const [passes = 0, failures = 0, skips = 0] = numbers.map((text) => Number(text ?? 0));
    add(sum, { passed: passes, failed: failures, skipped: skips });
  }
  return sum;
}

function vitestSum(file: string): Sum {
  const report = JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
  return {
    passed: report['numPassedTests'] ?? 0,
    failed: report['numFailedTests'] ?? 0,
    skipped: (report['numPendingTests'] ?? 0) + (report['numTodoTests'] ?? 0),
  };
}

function add(sum: Sum, more: Sum): void {
  sum.passed += more.passed;
  sum.failed += more.failed;
  sum.skipped += more.skipped;
}
