import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Client, connect, type ConnectOptions, text } from '../../../src/index.js';

const script = fileURLToPath(new URL('server.ts', import.meta.url));

/** Starts the server as a child; `said` are the lines of its standard error. */
async function start(
  options: ConnectOptions,
  onLine: (line: string) => void = () => undefined,
): Promise<Client> {
  const target = { command: process.execPath, args: ['--import', 'tsx', script], stderr: onLine };
  // A machine that runs all tests at once may take its time to start a process.
  return connect(target, { limits: { probeMs: 60_000 }, ...options });
}

const answers = { form: () => ({ name: 'Ann' }) };

describe.each(['modern', 'legacy'] as const)('a child process, %s', (era) => {
  test('works, asks, and keeps its pipe clean', { timeout: 30_000 }, async () => {
    const printed: string[] = [];
    await using client = await start({ era, answers }, (line) => printed.push(line));
    const progress: number[] = [];
    const onProgress = ({ done }: { done: number }): void => void progress.push(done);
    const [worked, large] = await Promise.all([
      client.callTool('work', {}, { onProgress }),
      client.callTool('large'),
    ]);
    expect(worked.content).toEqual([text('worked for Ann')]);
    expect(progress).toEqual(Array.from({ length: 100 }, (_, at) => at + 1));
    expect(large.content).toEqual([text('x'.repeat(3_000_000))]);
    // It comes by another pipe than the answers.
    await expect.poll(() => printed).toContain('this must not reach the client');
  });

  test('stops what is cancelled', { timeout: 30_000 }, async () => {
    let stopped = (): void => undefined;
    const said = new Promise<void>((resolve) => (stopped = resolve));
    const onLine = (line: string): void => void (line === 'stopped' && stopped());
    await using client = await start({ era }, onLine);
    const controller = new AbortController();
    const { signal } = controller;
    const onProgress = (): void => controller.abort();
    await expect(client.callTool('hang', {}, { signal, onProgress })).rejects.toMatchObject({
      kind: 'cancelled',
    });
    await said;
    await client.ping();
  });
});

test('a child that dies takes its calls with it, and says how', { timeout: 30_000 }, async () => {
  await using client = await start({ era: 'modern' });
  const calls = [client.callTool('hang'), client.callTool('die')];
  for (const call of calls) {
    await expect(call).rejects.toMatchObject({
      kind: 'outcomeUnknown',
      message: expect.stringContaining('exited with code 3'),
    });
  }
});
