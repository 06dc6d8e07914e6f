import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { connect } from '../../src/index.js';
import { resolveLimits } from '../../src/limits.js';
import { systemClock } from '../../src/platform/clock.js';
import { startChild } from '../../src/transports/stdio/child-process.js';
import { planLaunch } from '../../src/transports/stdio/launch-plan.js';
import { createProcessGroup } from '../../src/transports/stdio/process-group.js';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isMessage, listen } from '../unit/transports/stdio/listen.js';
import { marked } from './processes.js';

const script = fileURLToPath(new URL('../matrix/child/server.ts', import.meta.url));

test('close settles every pending call, and waits until nobody is left', async () => {
  const mark = randomUUID();
  const args = ['--import', 'tsx', script];
  const client = await connect(
    { command: process.execPath, args, env: { MARK: mark } },
    { limits: { probeMs: 60_000 } },
  );
  const calls = Array.from({ length: 5 }, () => client.callTool('hang'));
  const settled = Promise.allSettled(calls);
  expect(marked(mark)).not.toEqual([]);
  await client.close();
  expect(marked(mark)).toEqual([]);
  expect((await settled).map(({ status }) => status)).toEqual(calls.map(() => 'rejected'));
}, 30_000);

test('closing again waits for the same end', async () => {
  const mark = randomUUID();
  const child = await startChild({
    command: '/bin/sh',
    args: ['-c', `trap '' TERM; echo '{"jsonrpc":"2.0","method":"up"}'; sleep 1000; sleep 1000`],
    env: { MARK: mark },
    limits: resolveLimits({ stdinCloseMs: 50, terminateMs: 50 }),
    clock: systemClock,
  });
  await listen(child).until(isMessage);
  void child.close();
  await child.close();
  expect(marked(mark)).toEqual([]);
  expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
});

test('what signals do not reach is ended by a command of its own, once all else failed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'close-'));
  const told = join(folder, 'told');
  const { plan } = await planLaunch({ command: '/bin/sh' });
  const afterKill = { file: '/bin/sh', args: ['-c', `: >${told}`] };
  const endOf = async (words: string, terminateMs: number): Promise<void> => {
    const child = spawn('/bin/sh', ['-c', words], { detached: true });
    await once(child.stdout, 'data');
    const limits = resolveLimits({ stdinCloseMs: 0, terminateMs });
    const launched = { child, leadsGroup: true, plan: { ...plan, afterKill } };
    await createProcessGroup({ ...launched, limits, clock: systemClock }).end();
  };
  try {
    await endOf('echo up; exec sleep 1000', 60_000);
    expect(existsSync(told)).toBe(false);
    await endOf(`trap '' TERM; echo up; sleep 1000; sleep 1000`, 50);
    expect(existsSync(told)).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
