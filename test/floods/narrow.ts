/** Readers with the smallest buffers there are, which Node cannot make: see narrow.py. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface NarrowReaders {
  /** Sends each request on a connection of its own and reads nothing; tells their own ports. */
  open(port: number, requests: Named): Promise<{ readonly [name: string]: number }>;
  /** Reads those to their ends, which must come. */
  drain(names: readonly string[]): Promise<Named>;
  end(): Promise<void>;
}

type Named = { readonly [name: string]: string };

export function startNarrowReaders(): NarrowReaders {
  const path = fileURLToPath(new URL('narrow.py', import.meta.url));
  const child = spawn('python3', [path], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.on('error', () => undefined);
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const ask = async <Answer>(command: object): Promise<Answer> => {
    child.stdin.write(`${JSON.stringify(command)}\n`);
    const { value, done } = await lines.next();
    if (done === true) throw new Error('narrow.py ended instead of answering');
    return JSON.parse(value) as Answer;
  };
  return {
    open: (port, requests) => ask({ port, open: requests }),
    drain: (names) => ask({ drain: names }),
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** Whether a program is installed. With REQUIRE_SYSTEM=1 it is an error if it is not. */
export function isInstalled(program: string, ...args: readonly string[]): boolean {
  if (spawnSync(program, args, { stdio: 'ignore' }).error === undefined) return true;
  const text = `${program} is not installed, so its floods are not tried`;
  if (process.env['REQUIRE_SYSTEM'] === '1') throw new Error(text);
  console.warn(text);
  return false;
}
