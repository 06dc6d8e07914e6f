/** Everything that can be judged in less than a minute; each step runs even if one before failed. */
import { runStep, type Step } from './steps.js';

const steps: readonly Step[] = [
  { name: 'format', command: 'oxfmt', args: ['--check'] },
  { name: 'lint', command: 'oxlint', args: [] },
  // Examples and tests of the package import it by its name, and so by what was built.
  { name: 'build', command: 'npm', args: ['run', '--silent', 'build'] },
  { name: 'types', command: 'tsc', args: ['--noEmit', '-p', 'tsconfig.json'] },
  { name: 'unit and tidy', command: 'vitest', args: ['run', '--project=unit', '--project=tidy'] },
  { name: 'api', command: 'npm', args: ['run', '--silent', 'api', '--', '--check'] },
  { name: 'page of limits', command: 'npm', args: ['run', '--silent', 'limits', '--', '--check'] },
  { name: 'unused code', command: 'knip', args: ['--no-progress'] },
  { name: 'package', command: 'publint', args: ['--strict'] },
];

/** Those that .ci/run has run by then are not run again. */
const without = process.env['CHECK_WITHOUT']?.split(',') ?? [];
const failed: string[] = [];
for (const step of steps.filter(({ name }) => !without.includes(name))) {
  const { ok, name } = await runStep(step, true);
  if (!ok) failed.push(name);
}
if (failed.length > 0) {
  console.log(`check failed: ${failed.join(', ')} (npm run fix mends format and simple lint)`);
  process.exitCode = 1;
}
