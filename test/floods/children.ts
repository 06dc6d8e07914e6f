/** Programs of this folder in processes of their own, asked by messages. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Child {
  /** Where it listens, if it does. */
  readonly port: number;
  /** Rejects when the program fails, or ends instead of answering. */
  ask<Answer>(what: string, details?: object): Promise<Answer>;
  end(): Promise<void>;
  /** Sends it a signal; resolves with its exit code, or the signal that ended it. */
  kill(signal: NodeJS.Signals): Promise<number | string>;
}

export type Program = 'target' | 'naive-target' | 'attackers';

interface Answered {
  readonly number: number;
  readonly value?: unknown;
  readonly fault?: string;
}

type Waiting = Map<number, { resolve: (value: never) => void; reject: (fault: Error) => void }>;

/** Starts `program`, of this folder or anywhere; more `nodeOptions` may bound its memory. */
export async function startChild(
  program: Program | URL,
  options: object = {},
  nodeOptions: readonly string[] = [],
): Promise<Child> {
  const path = fileURLToPath(
    program instanceof URL ? program : new URL(`./${program}.ts`, import.meta.url),
  );
  const child = fork(path, [JSON.stringify(options)], {
    execArgv: ['--import', 'tsx', '--expose-gc', ...nodeOptions],
  });
  const ended = once(child, 'exit');
  const waiting: Waiting = new Map();
  let asked = 0;
  child.on('message', ({ number, value, fault }: Answered) => {
    const one = waiting.get(number);
    waiting.delete(number);
    if (fault === undefined) one?.resolve(value as never);
    else one?.reject(new Error(`${path}: ${fault}`));
  });
  child.on('exit', (code, signal) => {
    for (const { reject } of waiting.values()) {
      reject(new Error(`${path} ended with ${code ?? signal}`));
    }
    waiting.clear();
  });
  const answer = <Answer>(number: number): Promise<Answer> =>
    new Promise((resolve, reject) => void waiting.set(number, { resolve, reject }));

  // The first thing that a program says is that it is ready.
  const { port } = await answer<{ port: number }>(0);
  return {
    port,
    ask(what, details = {}) {
      const number = ++asked;
      child.send({ number, what, details });
      return answer(number);
    },
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await ended;
    },
    async kill(signal) {
      child.kill(signal);
      const [code, by] = (await ended) as [number | null, string | null];
      return code ?? String(by);
    },
  };
}

/** What such a program can be asked. */
export type Questions = { readonly [what: string]: (details: never) => unknown };

/** Answers the process that started this one, and ends with it. */
export function answerParent(questions: Questions, port: number = 0): void {
  const say = (answered: Answered): void => void process.send?.(answered);
  process.on('message', ({ number, what, details }: AskedOf) => {
    Promise.resolve(details)
      .then(questions[what] ?? (() => Promise.reject(new Error(`Nobody answers "${what}"`))))
      .then(
        (value) => say({ number, value }),
        (thrown: unknown) => say({ number, fault: String(thrown) }),
      );
  });
  process.on('disconnect', () => process.exit());
  say({ number: 0, value: { port } });
}

interface AskedOf {
  readonly number: number;
  readonly what: string;
  readonly details: never;
}

/** What the process that started this one wants of it. */
export function optionsOfParent<Options>(): Options {
  return JSON.parse(process.argv[2] ?? '{}') as Options;
}
