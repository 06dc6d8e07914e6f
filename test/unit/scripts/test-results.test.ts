import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root } from '../../../scripts/steps.js';
import { resultsOf, stepFailure } from '../../../scripts/test-results.js';

describe('what .ci/run says of its tests', () => {
  let reports: string;
  beforeEach(() => {
    reports = mkdtempSync(join(tmpdir(), 'reports-'));
  });
  afterEach(() => rmSync(reports, { recursive: true }));

  function report(passed: number, skipped: number, files: readonly object[]): void {
    const numbers = { numPassedTests: passed, numPendingTests: skipped, numTodoTests: 0 };
    const text = JSON.stringify({ ...numbers, testResults: files });
    writeFileSync(join(reports, `${passed}.json`), text);
  }

  it('names each test that failed and says why, without the frames of the runner', () => {
    const reason =
      'AssertionError: 3 is not 4\n    at test/a.test.ts:3:5\n    at /node_modules/b.js';
    const tests = [
      { status: 'failed', fullName: 'a list is flat', failureMessages: [reason] },
      { status: 'passed', fullName: 'a list is short', failureMessages: [] },
    ];
    report(1, 2, [{ name: `${root}test/a.test.ts`, status: 'failed', assertionResults: tests }]);
    report(7, 0, [{ name: `${root}test/b.test.ts`, status: 'passed', assertionResults: [] }]);
    const title = 'test/a.test.ts: a list is flat';
    expect(resultsOf(reports, '')).toEqual({
      passed: 8,
      failed: 1,
      skipped: 2,
      failures: [`${title}\n    AssertionError: 3 is not 4\n        at test/a.test.ts:3:5`],
    });
  });

  it('counts a file that could not be run', () => {
    const file = { status: 'failed', message: 'no such module', assertionResults: [] };
    report(0, 0, [{ name: `${root}test/a.test.ts`, ...file }]);
    const { failed, failures } = resultsOf(reports, '');
    expect([failed, failures]).toEqual([1, ['test/a.test.ts\n    no such module']]);
  });

  it('reads the lists of the conformance suite', () => {
    const scenario = '  FAILED sse-retry\n    too late\n  not scored: other failed\n';
    const stdout = `${scenario}client 2025-11-25: 30 passed, 1 failed\ntotal: 30 passed, 1 failed\n`;
    const failures = ['conformance: sse-retry\n    too late'];
    expect(resultsOf(reports, stdout)).toEqual({ passed: 30, failed: 1, skipped: 0, failures });
  });

  it('shows how the output of a step ended that failed without a test', () => {
    const lines = Array.from({ length: 100 }, (_, index) => `line ${index + 1}`);
    const shown = stepFailure('check', `${lines.join('\n')}\n\n`).split('\n');
    expect(shown[0]).toBe('check');
    expect([shown.length, shown[1], shown.at(-1)]).toEqual([41, '    line 61', '    line 100']);
  });
});
