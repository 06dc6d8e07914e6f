import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resultsOf } from '../../../scripts/test-results.js';
import type { Outcome } from '../../../scripts/steps.js';

const fine: Outcome = { name: 'tests', ok: true, seconds: 1, stdout: '', output: '' };

describe('what .ci/run says of a step', () => {
  let reports: string;
  beforeEach(() => {
    reports = mkdtempSync(join(tmpdir(), 'reports-'));
  });
  afterEach(() => rmSync(reports, { recursive: true }));

  function report(name: string, passed: number, failed: number, skipped: number): void {
    const [numPassedTests, numFailedTests, numPendingTests] = [passed, failed, skipped];
    const text = JSON.stringify({
      numPassedTests,
      numFailedTests,
      numPendingTests,
      numTodoTests: 0,
    });
    writeFileSync(join(reports, name), text);
  }

  it('sums the reports, and shows the output from where Vitest says what failed', () => {
    report('a.json', 1, 2, 3);
    report('b.json', 10, 0, 0);
    const output = `✓ a\n\u001b[31m⎯⎯⎯⎯ Failed Tests 1 ⎯⎯⎯\u001b[39m\n\n FAIL  a.test.ts\nError: no\n✓ b\n`;
    const { failures, ...sum } = resultsOf({ ...fine, ok: false, output }, reports, true);
    expect(sum).toEqual({ passed: 11, failed: 2, skipped: 3 });
    const lines = ['⎯⎯⎯⎯ Failed Tests 1 ⎯⎯⎯', ' FAIL  a.test.ts', 'Error: no', '✓ b'];
    expect(failures).toEqual([['tests', ...lines.map((line) => `    ${line}`)].join('\n')]);
  });

  it('has nothing to show of one that passed', () => {
    report('a.json', 1, 0, 0);
    const sum = { passed: 1, failed: 0, skipped: 0, failures: [] };
    expect(resultsOf({ ...fine, output: 'words' }, reports, true)).toEqual(sum);
  });

  it('reads the lists of the conformance suite', () => {
    const stdout = 'client 2025-11-25: 30 passed, 2 failed\ntotal: 30 passed, 2 failed\n';
    const sum = { passed: 30, failed: 2, skipped: 0, failures: ['tests\n    why'] };
    expect(resultsOf({ ...fine, ok: false, stdout, output: 'why' }, reports, true)).toEqual(sum);
  });

  it('counts one that failed without a test that did, and shows how its output ended', () => {
    const lines = Array.from({ length: 1000 }, (_, index) => `line ${index + 1}`);
    report('a.json', 5, 0, 0);
    const output = `${lines.join('\n')}\n\n`;
    const { failed, failures } = resultsOf({ ...fine, ok: false, output }, reports, true);
    const shown = failures[0]?.split('\n') ?? [];
    expect([failed, failures.length, shown.length]).toEqual([1, 1, 151]);
    expect([shown[0], shown[1], shown.at(-1)]).toEqual(['tests', '    line 851', '    line 1000']);
  });

  it('counts one that ran none of its tests, unless it has none', () => {
    expect(resultsOf(fine, reports, true).failed).toBe(1);
    expect(resultsOf(fine, reports, false).failed).toBe(0);
  });

  it('counts a report that was cut off, and says so', () => {
    writeFileSync(join(reports, 'a.json'), '{"numPassed');
    report('b.json', 4, 0, 0);
    const { passed, failed, failures } = resultsOf(fine, reports, true);
    expect([passed, failed]).toEqual([4, 1]);
    expect(failures[0]).toContain('a.json: SyntaxError');
  });
});
