import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { demo, everyContent, nameForm } from '../demo.js';

/** A Python that has the official SDK; undefined where there is none. */
export const python: string | undefined = findPython();

/** How the program of this name is started, along with what it is told. */
export function pythonProgram(
  name: 'server' | 'client',
  ...args: readonly string[]
): readonly [string, ...string[]] {
  if (python === undefined) throw new Error('There is no Python with the package mcp');
  const told = name === 'server' ? [JSON.stringify({ demo, everyContent, nameForm })] : [];
  return [python, fileURLToPath(new URL(`${name}.py`, import.meta.url)), ...told, ...args];
}

/** The one that was made for these tests, if there is one, or else the one at hand. */
function findPython(): string | undefined {
  const own = fileURLToPath(new URL('../../../build/python/bin/python', import.meta.url));
  const command = existsSync(own) ? own : 'python3';
  // The words that the demo programs use are those of the second major version.
  const { status } = spawnSync(command, ['-c', 'import mcp_types; from mcp import Client']);
  return status === 0 ? command : undefined;
}
