/** The two programs of the readme, run as they stand but for the port. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

test('the server of the readme serves, and its client calls it and sees the progress', async () => {
  const server = start('server.ts', (code) => code.replace('3000', '0'));
  const [url] = (await once(createInterface(server.stdout), 'line')) as [string];
  const client = start('client.ts', (code) => code.replace('http://127.0.0.1:3000/mcp', url));
  const [out, err] = await Promise.all([text(client.stdout), text(client.stderr)]);
  server.kill();
  await once(server, 'exit');
  expect(out).toContain('Counted to 3');
  expect(err).toContain('1/3\n2/3\n3/3\n');
});

function start(
  name: string,
  change: (code: string) => string,
): ChildProcessByStdio<null, Readable, Readable> {
  const folder = `${root}build/readme/`;
  mkdirSync(folder, { recursive: true });
  const code = readFileSync(`${root}examples/readme/${name}`, 'utf8');
  writeFileSync(folder + name, change(code));
  return spawn(process.execPath, ['--import', 'tsx', folder + name], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function text(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
