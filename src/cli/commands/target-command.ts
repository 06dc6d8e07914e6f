import type { Command } from 'commander';
import { createAnswers } from '../answers.js';
import { readPairs } from '../arguments.js';
import type { CommandLine } from '../command-line.js';
import { exitCodesHelp } from '../exits.js';
import { aimAtConfig } from '../config-target.js';
import { type Failure, usage } from '../failure.js';
import { errorPaint, type GlobalOptions, type Results, resultsFor } from '../output.js';
import { type Session, withSession } from '../session.js';
import type { Shell } from '../shell.js';
import { addTargetOptions, aim, type Aimed, type TargetOptions } from '../target.js';
import { createPrompter } from '../terminal/prompter.js';
import type { Reporter } from '../terminal/reporter.js';

/** What each command is added to, and what it runs with. */
export interface CommandParts {
  readonly program: Command;
  readonly line: CommandLine;
  readonly shell: Shell;
  readonly reporter: () => Reporter;
}

/** A command that asks a server something and prints what came. */
export interface TargetCommand<Prepared> {
  readonly name: string;
  /** What follows TARGET in the usage line. */
  readonly operands: string;
  readonly summary: string;
  /** More about it, and examples. */
  readonly help: string;
  /** Reads the words after TARGET, before anything is connected. */
  prepare(words: readonly string[], shell: Shell): Prepared | Promise<Prepared>;
  run(session: Session, prepared: Prepared, results: Results): Promise<Outcome>;
}

/** A result in both of its forms, and why it is none after all. */
export interface Outcome {
  readonly json: unknown;
  print(): void;
  readonly failure?: Failure;
}

type AllOptions = GlobalOptions & TargetOptions;

export function addTargetCommand<Prepared>(
  parts: CommandParts,
  spec: TargetCommand<Prepared>,
): void {
  const { name, operands, summary, help } = spec;
  const words = operands === '' ? '' : ` ${operands}`;
  const command = parts.program
    .command(name)
    .description(summary)
    .argument('[words...]')
    .usage(
      [
        `[options] TARGET${words}`,
        `sallyport ${name} [options]${words} -- COMMAND ARGUMENT...`,
        `sallyport ${name} [options] --config FILE SERVER${words}`,
      ].join('\n       '),
    )
    // The usage line says better than a list what the words mean.
    .configureHelp({ showGlobalOptions: true, visibleArguments: () => [] })
    .addHelpText('after', `\n${help}\n\n${exitCodesHelp}`);
  addTargetOptions(command);
  command.action(() => runOn(parts, spec, command.args, command.optsWithGlobals<AllOptions>()));
}

function aimFor(parts: {
  readonly words: readonly string[];
  readonly child: readonly string[] | undefined;
  readonly options: AllOptions;
  readonly shell: Shell;
  note(text: string): void;
}): Aimed | Promise<Aimed> {
  const { words, child, options } = parts;
  const { config: path } = options;
  if (path === undefined) return aim(words, child, options);
  if (child === undefined) return aimAtConfig({ ...parts, path });
  throw usage('There are a file and a command.', 'Leave out --config, or what follows --.');
}

async function runOn<Prepared>(
  { line, shell, reporter: reporterNow }: CommandParts,
  spec: TargetCommand<Prepared>,
  words: readonly string[],
  options: AllOptions,
): Promise<void> {
  const reporter = reporterNow();
  const aimed = await aimFor({ words, child: line.child, options, shell, note: reporter.note });
  const given = readPairs(options.answer ?? [], 'answer');
  const prepared = await spec.prepare(aimed.rest, shell);
  const results = resultsFor(shell, options);
  const paint = errorPaint(shell, options);
  const answers = createAnswers({ given, prompter: createPrompter(shell), reporter, paint });
  const outcome = await withSession({ shell, aimed, options, reporter, answers }, (session) =>
    spec.run(session, prepared, results),
  );
  if (options.json === true) results.json(outcome.json);
  else outcome.print();
  if (outcome.failure !== undefined) throw outcome.failure;
}
