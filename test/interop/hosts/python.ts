import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { pythonProgram } from '../python/python.js';
import type { Host } from './host.js';

/** Streamable HTTP of the official Python SDK, both eras on one endpoint. */
export async function hostPython(): Promise<Host> {
  const [command, ...args] = pythonProgram('server', 'http');
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const first = once(createInterface({ input: child.stdout }), 'line') as Promise<string[]>;
  const [url] = await Promise.race([first, ended.then((): string[] => [])]);
  if (url === undefined) throw new Error('The Python server did not start');
  return {
    url,
    // Nobody can see from here when a stream stands.
    stands: () => Promise.resolve(),
    grow: () => undefined,
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
