import { PassThrough } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { resolveLimits } from '../../../../src/limits.js';
import { systemClock } from '../../../../src/platform/clock.js';
import { manualClock } from '../../../../src/testing/clock.js';
import { startChild } from '../../../../src/transports/stdio/child-process.js';
import { readStderr, type StderrChoice } from '../../../../src/transports/stdio/read-stderr.js';
import { createScrubber } from '../../../../src/transports/stdio/secrets.js';
import { createStderrTail } from '../../../../src/transports/stdio/stderr-tail.js';
import { isEnd, listen } from './listen.js';

const secret = 'hush-hush-0123456789';

function reading(stderrBytesPerSecondMax?: number) {
  const clock = manualClock();
  const limits = resolveLimits(
    stderrBytesPerSecondMax === undefined ? {} : { stderrBytesPerSecondMax },
  );
  const stream = new PassThrough();
  const lines: string[] = [];
  const tail = createStderrTail(limits.stderrBytesMax);
  const scrubber = createScrubber({ API_TOKEN: secret });
  const stderr: StderrChoice = (line) => lines.push(line);
  const over = readStderr(stream, tail, scrubber, { stderr, limits, clock });
  // At once, so that the clock stands where it should.
  const say = (text: string): void => void stream.emit('data', Buffer.from(text));
  return { clock, stream, lines, tail, over, say, limits };
}

test('a secret is hidden however its line is cut into chunks', async () => {
  const text = `my token is ${secret}, keep it`;
  for (let at = 1; at < text.length; at++) {
    const { stream, lines, tail, over } = reading();
    stream.write(text.slice(0, at));
    stream.write(text.slice(at));
    stream.end();
    await over;
    expect(lines).toEqual(['my token is [secret], keep it']);
    expect(tail.text()).toBe(lines[0]);
  }
});

test('a secret does not show at the end of a line that is too long to be kept', async () => {
  // Only the beginning of such a line is kept, and that ends within the secret.
  for (const cut of [1, secret.length / 2, secret.length - 1]) {
    const { stream, lines, over, limits } = reading();
    const before = 'x'.repeat(4096 - cut);
    stream.end(`${before}${secret}${'y'.repeat(limits.stderrBytesMax)}\n`);
    await over;
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^x+… \(\d+ bytes\)$/);
  }
});

test('what comes faster than the bound is dropped, counted and told of', async () => {
  const { clock, stream, lines, over, say } = reading(1000);
  say(`${'a'.repeat(599)}\n${'b'.repeat(399)}\n${'c'.repeat(99)}\n`);
  say(`${'d'.repeat(899)}\n`);
  expect(lines.map((line) => line[0])).toEqual(['a', 'b']);
  await clock.advance(1000);
  say('e\n');
  say(`${'f'.repeat(998)}\n`);
  stream.end();
  await over;
  expect(lines.slice(2)).toEqual([
    '(1000 bytes of standard error were dropped: it came too fast)',
    'e',
    '(999 bytes of standard error were dropped: it came too fast)',
  ]);
});

test('a child that floods standard error stays answerable, and its secrets hidden', async () => {
  const limits = resolveLimits({ stdinCloseMs: 200, terminateMs: 200 });
  const lines: string[] = [];
  const script = `
    const line = 'token ' + process.env.API_TOKEN + ' ' + 'x'.repeat(1000) + '\\n';
    process.stderr.write(line.repeat(20000), () => {
      process.stdout.write('{"jsonrpc":"2.0","method":"notifications/done"}\\n', () =>
        process.exit(0));
    });`;
  const child = await startChild({
    command: process.execPath,
    args: ['-e', script],
    env: { API_TOKEN: secret },
    stderr: (line) => lines.push(line),
    limits,
    clock: systemClock,
  });
  try {
    await listen(child).until(isEnd);
    const text = lines.join('\n');
    expect(text).toContain('token [secret] x');
    expect(text).toMatch(/\(\d+ bytes of standard error were dropped/);
    expect(text).not.toContain(secret);
    expect(child.stderrTail()).not.toContain(secret);
    expect(child.stderrTail().length).toBeLessThanOrEqual(limits.stderrBytesMax);
  } finally {
    await child.close();
  }
});

test('lines are forwarded to our standard error with a prefix when that is wanted', async () => {
  const written: string[] = [];
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  try {
    const stream = new PassThrough();
    const limits = resolveLimits();
    const over = readStderr(stream, createStderrTail(100), createScrubber(), {
      stderr: { prefix: 'fi\x1b[31mles' },
      limits,
      clock: systemClock,
    });
    stream.end('one\ntwo');
    await over;
  } finally {
    spy.mockRestore();
  }
  expect(written).toEqual(['[files] one\n', '[files] two\n']);
});

test('a secret is hidden in lines of standard output that are no message, too', async () => {
  const script = `
    console.log('token ' + process.env.API_TOKEN);
    console.log('x'.repeat(150) + process.env.API_TOKEN);`;
  const noise: string[] = [];
  const child = await startChild({
    command: process.execPath,
    args: ['-e', script],
    env: { API_TOKEN: secret },
    onNoise: (line) => noise.push(line),
    limits: resolveLimits({ stdinCloseMs: 200, terminateMs: 200 }),
    clock: systemClock,
  });
  try {
    await listen(child).until(isEnd);
    expect(noise).toEqual(['token [secret]', `${'x'.repeat(150)}[secret]`]);
  } finally {
    await child.close();
  }
});

test('what a listener throws ends neither the process nor the reading', async () => {
  const failing = (): never => {
    throw new Error('a listener of the user');
  };
  const child = await startChild({
    command: process.execPath,
    args: ['-e', `console.error('one\\ntwo'); console.log('noise')`],
    stderr: failing,
    onNoise: failing,
    limits: resolveLimits({ stdinCloseMs: 200, terminateMs: 200 }),
    clock: systemClock,
  });
  await listen(child).until(isEnd);
  expect(child.stderrTail()).toBe('one\ntwo\n');
  expect(child.noiseLines()).toBe(1);
  await child.close();
});
