/** What a step of `.ci/run` says of its tests: how many passed, and why each other failed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { root } from './steps.js';

export interface Results {
  passed: number;
  failed: number;
  skipped: number;
  /** A few lines for each test that failed: which one, where and why. */
  readonly failures: string[];
}

/** The part of Vitest's JSON report that is read. */
interface VitestReport {
  readonly numPassedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly VitestFile[];
}

interface VitestFile {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly assertionResults: readonly VitestTest[];
}

interface VitestTest {
  readonly status: string;
  readonly fullName: string;
  readonly failureMessages?: readonly string[];
}

const linesPerReason = 40;

export function noResults(): Results {
  return { passed: 0, failed: 0, skipped: 0, failures: [] };
}

export function add(sum: Results, more: Results): void {
  sum.passed += more.passed;
  sum.failed += more.failed;
  sum.skipped += more.skipped;
  sum.failures.push(...more.failures);
}

/** Sums Vitest's reports in a folder, and the lists of the conformance suite on `stdout`. */
export function resultsOf(reports: string, stdout: string): Results {
  const sum = noResults();
  for (const file of readdirSync(reports)) add(sum, vitestResults(join(reports, file)));
  add(sum, conformanceResults(stdout));
  return sum;
}

function vitestResults(file: string): Results {
  const report = JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
  const broken = report.testResults.filter(({ status }) => status === 'failed');
  const failures = broken.flatMap(failuresIn);
  return {
    passed: report.numPassedTests,
    failed: failures.length,
    skipped: report.numPendingTests + report.numTodoTests,
    failures,
  };
}

/** A file that could not be run has failed without a test that did. */
function failuresIn({ name, message, assertionResults }: VitestFile): string[] {
  const path = relative(root, name);
  const failed = assertionResults.filter(({ status }) => status === 'failed');
  if (failed.length === 0) return [failure(path, message)];
  return failed.map(({ fullName, failureMessages = [] }) =>
    failure(`${path}: ${fullName}`, failureMessages.join('\n')),
  );
}

function conformanceResults(stdout: string): Results {
  const sum = noResults();
  const list = /^(?:server|client) \S+: (\d+) passed, (\d+) failed$/gm;
  for (const [, passed, failed] of stdout.matchAll(list)) {
    sum.passed += Number(passed);
    sum.failed += Number(failed);
  }
  const reasons = /^ {2}FAILED (\S+)\n((?: {4}.*\n)*)/gm;
  for (const [, name, notes = ''] of stdout.matchAll(reasons)) {
    sum.failures.push(failure(`conformance: ${name}`, notes.replaceAll(/^ {4}/gm, '')));
  }
  return sum;
}

/** The last lines of what a step printed that failed without a test that did. */
export function stepFailure(name: string, output: string): string {
  const lines = output.trimEnd().split('\n').slice(-linesPerReason);
  return failure(name, lines.join('\n'));
}

function failure(title: string, reason: string): string {
  const lines = stripVTControlCharacters(reason)
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.includes('/node_modules/'))
    .slice(0, linesPerReason);
  return [title, ...lines.map((line) => `    ${line}`)].join('\n');
}
