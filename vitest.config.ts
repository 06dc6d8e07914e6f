import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { ProjectTimes } from './scripts/project-times.js';

/** One project for each folder of test/; types/ is compiled, not run. */
const projects = [
  'unit',
  'tidy',
  'matrix',
  'tapes',
  'hostile',
  'contract',
  'interop',
  'browser',
  'floods',
  'delivery',
  'smuggling',
  'fuzz',
  'lifecycle',
  'simulation',
];

// What measures time, or takes all cores, has the machine to itself (npm run test:alone).
const alone: ReadonlySet<string> = new Set(['floods', 'delivery', 'simulation']);

// .ci/run sums what ran from these files; see scripts/ci.ts.
const folder = process.env['TEST_REPORTS'];
const report = folder && join(folder, `vitest-${Date.now()}-${process.pid}.json`);

// Said by whoever means to run another Node than the one at hand, so that a slip is not a pass.
const wanted = process.env['EXPECT_NODE'];
if (wanted && !process.version.startsWith(`v${wanted}.`)) {
  throw new Error(`This should run on Node ${wanted}, but it is ${process.version}.`);
}

export default defineConfig({
  test: {
    pool: 'forks',
    // Most tests wait for something most of the time: two at once keep two cores busy.
    maxWorkers: 2,
    retry: 0,
    testTimeout: 10_000,
    hookTimeout: 10_000,
    teardownTimeout: 5_000,
    // How long others keep the machine busy is no finding; what never comes is one in any case.
    expect: { poll: { timeout: 4_000 } },
    reporters: [
      'default',
      new ProjectTimes(),
      ...(report ? [['json', { outputFile: report }] as ['json', object]] : []),
    ],
    coverage: { provider: 'v8', include: ['src/**/*.ts'], exclude: ['src/**/*.types.ts'] },
    projects: [
      ...projects.map((name) => ({
        extends: true as const,
        test: {
          name: alone.has(name) ? `alone-${name}` : name,
          include: [`test/${name}/**/*.test.ts`],
        },
      })),
      {
        extends: true as const,
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            checker: 'tsc',
            tsconfig: 'tsconfig.json',
            // Errors outside of these tests are reported by the compiler itself.
            ignoreSourceErrors: true,
            include: ['test/types/**/*.test-d.ts'],
          },
        },
      },
    ],
  },
});
