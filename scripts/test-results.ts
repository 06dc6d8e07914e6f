/** What a step of `.ci/run` says of its tests: how many passed, and why others did not. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Outcome } from './steps.js';

export interface Results {
  passed: number;
  failed: number;
  skipped: number;
  /** Why a step failed: its name, and the part of its output that says so. */
  readonly failures: string[];
}

/** The part of Vitest's JSON report that is read. */
interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
}

/** Where Vitest begins to say what failed. All else says it last. */
const firstReason = /^⎯+ (?:Failed Suites|Failed Tests|Unhandled Errors)/m;
const linesMax = 150;
const lineLengthMax = 300;

export function noResults(): Results {
  return { passed: 0, failed: 0, skipped: 0, failures: [] };
}

export function add(sum: Results, more: Results): void {
  sum.passed += more.passed;
  sum.failed += more.failed;
  sum.skipped += more.skipped;
  sum.failures.push(...more.failures);
}

/**
 * Sums Vitest's reports in a folder, and the lists of the conformance suite. A step that failed
 * counts one at least, and so does one that ran none of the tests it has.
 */
export function resultsOf(outcome: Outcome, reports: string, hasTests: boolean): Results {
  const sum = noResults();
  for (const file of readdirSync(reports)) add(sum, vitestResults(join(reports, file)));
  add(sum, conformanceResults(outcome.stdout));
  const isEmpty = hasTests && sum.passed === 0;
  if ((!outcome.ok || isEmpty) && sum.failed === 0) sum.failed = 1;
  if (sum.failed > 0) sum.failures.push(`${outcome.name}\n${reasonIn(outcome.output)}`);
  return sum;
}

/** A report that cannot be read is a failure: its tests may have been any. */
function vitestResults(file: string): Results {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = report;
    const skipped = numPendingTests + numTodoTests;
    return { passed: numPassedTests, failed: numFailedTests, skipped, failures: [] };
  } catch (error) {
    return { ...noResults(), failed: 1, failures: [`${file}: ${String(error)}`] };
  }
}

function conformanceResults(stdout: string): Results {
  const sum = noResults();
  const list = /^(?:server|client) \S+: (\d+) passed, (\d+) failed$/gm;
  for (const [, passed, failed] of stdout.matchAll(list)) {
    sum.passed += Number(passed);
    sum.failed += Number(failed);
  }
  return sum;
}

function reasonIn(output: string): string {
  const text = stripVTControlCharacters(output).trimEnd();
  const at = text.search(firstReason);
  const lines = (at === -1 ? text : text.slice(at))
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => `    ${line.slice(0, lineLengthMax)}`);
  return (at === -1 ? lines.slice(-linesMax) : lines.slice(0, linesMax)).join('\n');
}
