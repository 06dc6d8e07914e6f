import type { Command } from 'commander';

/** A command that looks at a configuration file and starts nothing. */
export interface ConfigCommand {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  /** What `--config` is for. */
  readonly config: string;
  /** More about it, and examples. */
  readonly help: string;
}

export function addConfigCommand(program: Command, spec: ConfigCommand): Command {
  const { name, summary, usage, config, help } = spec;
  return program
    .command(name)
    .description(summary)
    .usage(usage)
    .option('-c, --config <file>', config)
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', `\n${help}`);
}
