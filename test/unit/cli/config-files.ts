/** Configuration files and a small server of no library, for tests of the command line. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll } from 'vitest';
import { runProgram } from '../../../src/cli/program.js';
import type { Ran } from './run.js';

export const folder: string = mkdtempSync(join(tmpdir(), 'config-'));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;

/** Writes a file of its own and answers its path. */
export function configFile(content: unknown, mode = 0o600): string {
  const file = join(folder, `config-${++count}.json`);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  chmodSync(file, mode);
  return file;
}

/** A state folder of its own. */
export const freshState = (): string => mkdtempSync(join(folder, 'state-'));

const server = `#!${process.execPath}
const fs = require('node:fs');
if (process.env.STARTED) fs.writeFileSync(process.env.STARTED, 'started');
const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'plain', version: '1' } }),
  ping: () => ({}),
  'tools/list': () => ({ tools: [{ name: 'tell', inputSchema: { type: 'object' } }] }),
  'tools/call': () => ({ content: [{ type: 'text', text: JSON.stringify({
    args: process.argv.slice(2), cwd: process.cwd(), told: process.env.TOLD ?? null }) }] }),
};
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const answer = answers[method];
  const end = answer === undefined
    ? { error: { code: -32601, message: 'Method not found' } } : { result: answer(params) };
  process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, ...end }) + '\\n');
});`;

export const serverScript: string = join(folder, 'server.cjs');
writeFileSync(serverScript, server, { mode: 0o755 });

/** An entry of a configuration that starts the server. */
export function plainServer(args: readonly string[] = [], more: object = {}): object {
  return { command: serverScript, args, ...more };
}

/** Runs the command line at a terminal where somebody answers questions. */
export async function runAtTerminal(
  words: readonly string[],
  env: { readonly [name: string]: string },
  answers: readonly (readonly [question: string, answer: string | (() => string)])[],
): Promise<Ran> {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const stderr = Object.assign(new PassThrough(), { isTTY: true });
  const stdout = new PassThrough();
  const said = { stdout: '', stderr: '' };
  const open = [...answers];
  stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  stderr.on('data', (chunk: Buffer) => {
    said.stderr += chunk.toString();
    const [next] = open;
    if (next === undefined || !said.stderr.includes(next[0])) return;
    open.shift();
    stdin.write(typeof next[1] === 'string' ? next[1] : next[1]());
  });
  const interrupts = { signal: new AbortController().signal, raise: () => undefined };
  const shell = { stdin, stdout, stderr, env, interrupts };
  const code = await runProgram(words, shell);
  return { code, ...said };
}
