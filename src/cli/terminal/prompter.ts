import { createInterface } from 'node:readline/promises';
import { type Readable, Writable } from 'node:stream';
import { McpError } from '../../errors.js';
import type { Interrupts, Shell } from '../shell.js';

/** Questions to the person at the terminal: on standard error, because results go elsewhere. */
export interface Prompter {
  say(line: string): void;
  /** One line, or undefined when the person ended the input (Ctrl-D). */
  ask(question: string, how?: { readonly isSecret: boolean }): Promise<string | undefined>;
}

/** Nobody can be asked unless both streams are terminals. */
export function createPrompter(shell: Shell): Prompter | undefined {
  const { stdin, stderr, interrupts } = shell;
  if (stdin.isTTY !== true || stderr.isTTY !== true) return undefined;
  return promptOn(stdin, stderr, interrupts);
}

export function promptOn(input: Readable, output: Writable, interrupts: Interrupts): Prompter {
  return {
    say: (line) => void output.write(`${line}\n`),
    async ask(question, { isSecret } = { isSecret: false }) {
      const { signal } = interrupts;
      const newLine = (): void => void output.write('\n');
      // What is typed is shown by the one who reads it, and so hidden by giving it nowhere to.
      const shown = isSecret ? new Writable({ write: (_bytes, _how, done) => done() }) : output;
      if (isSecret) output.write(question);
      const lines = createInterface({ input, output: shown, terminal: true });
      // The terminal is in raw mode now, so Ctrl-C is no signal but a character.
      lines.on('SIGINT', () => interrupts.raise());
      const ended = new Promise<undefined>((resolve) => {
        lines.once('close', () => resolve(undefined));
      });
      try {
        const answer = await Promise.race([lines.question(question, { signal }), ended]);
        if (answer === undefined || isSecret) newLine();
        return answer;
      } catch (cause) {
        newLine();
        throw new McpError('cancelled', 'The question was cancelled', { cause });
      } finally {
        lines.close();
      }
    },
  };
}
