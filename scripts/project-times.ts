/** A vitest reporter that prints, for each project, how many tests ran and how long they took. */
import type { Reporter, TestModule } from 'vitest/node';

interface Sum {
  tests: number;
  busyMs: number;
}

export class ProjectTimes implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const sums = new Map<string, Sum>();
    for (const module of modules) {
      const sum = sums.get(module.project.name) ?? { tests: 0, busyMs: 0 };
      sum.tests += [...module.children.allTests()].length;
      sum.busyMs += busyMs(module);
      sums.set(module.project.name, sum);
    }
    for (const [name, { tests, busyMs: total }] of sums) {
      console.log(`${name}: ${tests} tests, ${(total / 1000).toFixed(1)} s of work`);
    }
  }
}

function busyMs(module: TestModule): number {
  const { duration, collectDuration, setupDuration, environmentSetupDuration, prepareDuration } =
    module.diagnostic();
  return duration + collectDuration + setupDuration + environmentSetupDuration + prepareDuration;
}
