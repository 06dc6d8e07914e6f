/** Attacks of child processes: each harms a client without care, and none harms ours. */
import { spawn } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../../src/connect.js';
import { McpError } from '../../../src/errors.js';
import { openLedger } from './ledger.js';
import { type ChildAttack, childAttacks, childSource } from './rows/stdio.js';

test.each(childAttacks)('$name harms the naive client', async (attack) => {
  expect(await naiveCall(attack)).toBe(attack.naive);
});

test.each(childAttacks)('$name does not harm ours', async (attack) => {
  const before = process.memoryUsage().arrayBuffers;
  const { outcome, most } = await ourCall(attack);
  expect([attack.ours].flat()).toContain(outcome);
  // One message may have 1 MiB; what was read and dropped is there until it is collected.
  expect(most - before).toBeLessThan(96 * 1024 * 1024);
});

async function ourCall({
  child,
  timeoutMs,
}: ChildAttack): Promise<{ outcome: string; most: number }> {
  let most = 0;
  const look = (): void => void (most = Math.max(most, process.memoryUsage().arrayBuffers));
  const timer = setInterval(look, 10);
  try {
    await using client = await connect(
      { command: process.execPath, args: ['-e', childSource(child)] },
      {
        era: 'legacy',
        limits: { clientMessageBytesMax: 1024 * 1024, stdinCloseMs: 200, terminateMs: 500 },
        onLog: () => undefined,
      },
    );
    const options = { onProgress: () => undefined };
    await client.callTool(
      'work',
      {},
      timeoutMs === undefined ? options : { ...options, timeoutMs },
    );
    return { outcome: 'result', most };
  } catch (thrown) {
    return { outcome: thrown instanceof McpError ? thrown.kind : String(thrown), most };
  } finally {
    clearInterval(timer);
  }
}

/** Splits what comes into lines, and takes each for what it should be. */
async function naiveCall({ child: attack, naive }: ChildAttack): Promise<string> {
  const child = spawn(process.execPath, ['-e', childSource(attack)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ledger = openLedger();
  let text = '';
  const request = JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/call' });
  child.stdin.write(`${request}\n`);
  // Nothing more can come; one that is silent is given up at once, for nothing tells of silence.
  const over = new Promise<string>((resolve) => {
    child.stdout.once('end', () => resolve('waits'));
    if (naive === 'waits' && attack === '') child.once('spawn', () => resolve('waits'));
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      ledger.took(chunk.length);
      if (ledger.isFull) resolve('takes');
      for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n')) {
        try {
          const { method, params, result } = JSON.parse(text.slice(0, end)) as {
            method?: string;
            params?: { progress: number; level: string };
            result?: object;
          };
          if (method === 'notifications/progress') params!.progress.toFixed(1);
          if (method === 'notifications/message') params!.level.toUpperCase();
          if (result !== undefined) {
            JSON.stringify(result);
            resolve('believes');
          }
        } catch {
          resolve('breaks');
        }
        text = text.slice(end + 1);
      }
    });
  });
  return over;
}
