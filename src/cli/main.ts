#!/usr/bin/env node
/** The command `sallyport`. */
import { exitCodes } from './exits.js';
import { runProgram } from './program.js';
import { watchInterrupts } from './shell.js';

const { stdin, stdout, stderr, env, argv } = process;

const lost = ({ code = 'failed' }: NodeJS.ErrnoException): void => {
  // Whoever reads our output may have seen enough, as `head` does.
  if (code === 'EPIPE') process.exit(exitCodes.ok);
  const end = (): never => process.exit(exitCodes.output);
  stderr.write(`sallyport: The result could not be written: ${code}.\n`, end);
};
stdout.on('error', lost);
stderr.on('error', ({ code }: NodeJS.ErrnoException) => {
  process.exit(code === 'EPIPE' ? exitCodes.ok : exitCodes.output);
});

const interrupts = watchInterrupts(process, (code) => process.exit(code));
const code = await runProgram(argv.slice(2), { stdin, stdout, stderr, env, interrupts });
process.exitCode = code;
// What a module left running must not keep the command from ending, nor cut off its result.
stdout.write('', (error) => {
  if (error) lost(error);
  else stderr.write('', () => process.exit(code));
});
