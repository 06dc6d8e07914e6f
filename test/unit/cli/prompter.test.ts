import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { watchInterrupts } from '../../../src/cli/shell.js';
import { promptOn } from '../../../src/cli/terminal/prompter.js';

test('a line is an answer, Ctrl-D is none', async () => {
  const input = new PassThrough();
  const prompter = promptOn(input, new PassThrough().resume(), interruptible().interrupts);
  const first = prompter.ask('? ');
  input.write('yes\n');
  expect(await first).toBe('yes');
  const second = prompter.ask('? ');
  input.write('\x04');
  expect(await second).toBeUndefined();
});

test('Ctrl-C in a question interrupts the command', async () => {
  const input = new PassThrough();
  const { interrupts } = interruptible();
  const answer = promptOn(input, new PassThrough().resume(), interrupts).ask('? ');
  input.write('\x03');
  await expect(answer).rejects.toMatchObject({ kind: 'cancelled' });
  expect(interrupts.signal.reason).toBe('interrupted');
});

test('the first signal asks for an end, the second ends at once', () => {
  const { source, interrupts, exits } = interruptible();
  source.emit('SIGINT');
  expect([interrupts.signal.aborted, exits]).toEqual([true, []]);
  source.emit('SIGINT');
  expect(exits).toEqual([130]);
});

test('a terminated command tells so', () => {
  const { source, interrupts, exits } = interruptible();
  source.emit('SIGTERM');
  expect(interrupts.signal.reason).toBe('terminated');
  source.emit('SIGTERM');
  expect(exits).toEqual([143]);
});

function interruptible(): {
  readonly source: EventEmitter;
  readonly interrupts: ReturnType<typeof watchInterrupts>;
  readonly exits: number[];
} {
  const source = new EventEmitter();
  const exits: number[] = [];
  const interrupts = watchInterrupts(source as unknown as NodeJS.Process, (code) =>
    exits.push(code),
  );
  return { source, interrupts, exits };
}
