/** Real processes of the command line: started, listened to, signalled, and never left behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const root: string = fileURLToPath(new URL('../../../', import.meta.url));
export const main = `${root}dist/cli/main.js`;
export const filesServer = `${root}examples/files/server.ts`;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  /** Resolves when what was written to either stream matches. Rejects when the process ends first. */
  saying(pattern: RegExp): Promise<RegExpExecArray>;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

export interface StartOptions {
  readonly env?: { readonly [name: string]: string };
  readonly cwd?: string;
  readonly stdin?: string;
}

/** `sallyport WORDS...`; it is killed when the test is over. */
export function sallyport(words: readonly string[], options: StartOptions = {}): Running {
  if (!existsSync(main)) throw new Error('Build first: npm run build');
  return start([main, ...words], options);
}

/** `node WORDS...`; it is killed when the test is over. */
export function start(words: readonly string[], options: StartOptions = {}): Running {
  const running = launch(words, options);
  onTestFinished(() => running.kill());
  return running;
}

/** For processes that outlive a test: whoever starts one kills it. */
export function launch(
  words: readonly string[],
  { env = {}, cwd = root, stdin = '' }: StartOptions,
): Running & { kill(): Promise<void> } {
  const child = spawn(process.execPath, words, { cwd, env: { ...quietEnv(), ...env } });
  child.stdin.on('error', () => undefined).end(stdin);
  const heard = listen(child);
  return {
    saying: heard.saying,
    signal: (name) => void child.kill(name),
    ended: heard.ended,
    async kill() {
      child.kill('SIGKILL');
      await heard.ended;
    },
  };
}

/** Our environment without what this very run was told about colours. */
function quietEnv(): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _force, NO_COLOR: _no, CI: _ci, ...env } = process.env;
  return env;
}

function listen(child: ChildProcess): Pick<Running, 'saying' | 'ended'> {
  const text = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const look of waiting) look();
  };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
      wake();
    });
  }
  let isOver = false;
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => {
      isOver = true;
      resolve({ code, ...text });
      wake();
    });
  });
  return {
    ended,
    saying: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(text.stdout) ?? pattern.exec(text.stderr);
          if (found === null && !isOver) return;
          waiting.delete(look);
          if (found !== null) resolve(found);
          else reject(new Error(`It ended without ${pattern}:\n${text.stdout}${text.stderr}`));
        };
        waiting.add(look);
        look();
      }),
  };
}
