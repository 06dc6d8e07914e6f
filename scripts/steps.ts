/** Runs one command after the other, and says of each how long it took and how it ended. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root: string = fileURLToPath(new URL('../', import.meta.url));

export interface Step {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Outcome {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly stdout: string;
  /** What it wrote to stdout and stderr, in the order in which it came. */
  readonly output: string;
}

/** With `quiet`, output is shown only when the step fails. */
export async function runStep(step: Step, quiet: boolean): Promise<Outcome> {
  if (!quiet) console.log(`\n== ${step.name}: ${step.command} ${step.args.join(' ')}`);
  const started = performance.now();
  const { ok, stdout, output } = await run(step, quiet);
  const seconds = (performance.now() - started) / 1000;
  if (quiet && !ok) console.log(output.trimEnd());
  const mark = quiet ? '' : '== ';
  console.log(`${mark}${ok ? 'ok' : 'FAILED'} ${step.name} ${seconds.toFixed(1)} s`);
  return { name: step.name, ok, seconds, stdout, output };
}

interface Ran {
  readonly ok: boolean;
  readonly stdout: string;
  readonly output: string;
}

function run(step: Step, quiet: boolean): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(step.command, step.args, {
      cwd: root,
      env: { ...process.env, ...step.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, output] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      output += text;
      if (!quiet) process.stdout.write(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (!quiet) process.stderr.write(text);
    });
    child.on('error', (error) => resolve({ ok: false, stdout, output: error.message }));
    child.on('close', (code) => resolve({ ok: code === 0, stdout, output }));
  });
}
