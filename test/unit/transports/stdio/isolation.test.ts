import { afterEach, expect, test, vi } from 'vitest';
import { isolate } from '../../../../src/transports/stdio/isolation.js';
import { planLaunch } from '../../../../src/transports/stdio/launch-plan.js';

afterEach(() => vi.restoreAllMocks());

const prefix = (): Promise<readonly string[]> => Promise.resolve(['/bin/launcher', '--']);

test.runIf(process.platform !== 'win32').each([
  ['sudo', 1000, 'process-group'],
  ['podman', 1000, 'process-group'],
  ['sudo', 0, 'pid-namespace'],
  ['sudoku', 1000, 'pid-namespace'],
])('a server that %s starts for user %d: %s', async (program, uid, isolation) => {
  const { plan } = await planLaunch({ command: '/bin/sh' });
  vi.spyOn(process, 'getuid').mockReturnValue(uid);
  const isolated = await isolate({ ...plan, program }, 'auto', prefix);
  expect(isolated.isolation).toBe(isolation);
  const why = isolation === 'process-group' ? `${program} needs set-user-ID programs` : '';
  expect(isolated.warning ?? '').toContain(why);
});
