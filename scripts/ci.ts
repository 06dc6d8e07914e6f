/**
 * All that is judged before a change is taken, in one run. The last line is the sum over what
 * ran: `N passed, M failed` or `N passed, M failed, K skipped`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runStep, type Step } from './steps.js';
import { add, noResults, resultsOf, type Results } from './test-results.js';

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

const check: Step = {
  name: 'check',
  command: 'npm',
  args: ['run', 'check'],
  env: { CHECK_WITHOUT: 'unit and tidy' },
};

const withoutTests: ReadonlySet<Step> = new Set([schedules, check]);

const steps: readonly Step[] = [
  // What measures time while it floods a server has the machine to itself.
  {
    name: 'alone',
    command: 'npm',
    args: ['run', '--silent', 'test:alone'],
    env: { REQUIRE_SYSTEM: '1', SCHEDULES: '100' },
  },
  check,
  { name: 'conformance', command: 'npm', args: ['run', 'conformance'] },
  // They have an SQLite of their own.
  ...otherNodes.map((version) => ({
    name: `unit and SQLite tests on Node ${version}`,
    command: 'npx',
    args: ['-y', '-p', `node@${version}`, 'node', vitest, 'run', ...onOtherNodes],
    env: { EXPECT_NODE: String(version) },
  })),
];

const total = noResults();
const first = await Promise.all([judge(tests), judge(schedules, { quiet: true })]);
for (const results of first) add(total, results);
for (const step of steps) add(total, await judge(step));
if (total.passed + total.failed === 0) console.log('Nothing ran.');
const { passed, failed, skipped, failures } = total;
// Last, as the end of a long log is what is kept of it and what is read first.
for (const failure of failures) console.log(`\nFAILED ${failure}`);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

/** Runs a step and counts its tests. */
async function judge(step: Step, options: { readonly quiet?: boolean } = {}): Promise<Results> {
  const reports = mkdtempSync(join(tmpdir(), 'reports-'));
  try {
    const withReports = { ...step, env: { ...step.env, TEST_REPORTS: reports } };
    const outcome = await runStep(withReports, options.quiet === true);
    return resultsOf(outcome, reports, !withoutTests.has(step));
  } finally {
    rmSync(reports, { recursive: true, force: true });
  }
}
