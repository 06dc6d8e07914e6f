#!/usr/bin/env node
/** The command `sallyport`. */
import { runProgram } from './program.js';
import { watchInterrupts } from './shell.js';

const { stdin, stdout, stderr, env, argv } = process;

// Whoever reads our output may have seen enough, as `head` does.
for (const stream of [stdout, stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
}

const interrupts = watchInterrupts(process, (code) => process.exit(code));
const code = await runProgram(argv.slice(2), { stdin, stdout, stderr, env, interrupts });
process.exitCode = code;
// What a module left running must not keep the command from ending, nor cut off its result.
stdout.write('', () => stderr.write('', () => process.exit(code)));
