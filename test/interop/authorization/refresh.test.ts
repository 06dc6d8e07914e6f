/** One refresh token, many who want to use it: only the first use of it is not a theft. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { fileTokens, oauth } from '../../../src/auth/index.js';
import { storeKeys } from '../../../src/auth/token-store.js';
import { connect } from '../../../src/client/index.js';
import type { JsonObject } from '../../../src/json-rpc/message.js';
import { startGreeter } from './greeter.js';
import { logInAt, startOidc } from './oidc-server.js';

const processes = 8;
const connections = 8;

test.each<[string, (tokens: JsonObject) => JsonObject]>([
  ['a token that has ended', (tokens) => ({ ...tokens, expiresAt: 1 })],
  ['a token that the server refuses', (tokens) => ({ ...tokens, accessToken: 'no-more' })],
])('8 processes with 8 connections each renew %s once', { timeout: 90_000 }, async (_name, age) => {
  await using oidc = await startOidc();
  await using greeter = await startGreeter(oidc.issuer);
  const folder = await mkdtemp(join(tmpdir(), 'tokens-'));
  const store = fileTokens(folder);
  const auth = oauth({
    redirectUrl: 'http://127.0.0.1:9/callback',
    store,
    onLogin: ({ url }) => logInAt(url),
  });
  await (await connect(greeter.url, { auth, era: 'modern' })).close();
  const key = storeKeys.tokens(oidc.issuer, greeter.url);
  await store.update(key, (now) => Promise.resolve(age(now!)));

  const said = await runAll(greeter.url, folder);

  expect(said.filter((line) => line === 'greeted')).toHaveLength(processes * connections);
  expect(said.filter((line) => line !== 'greeted')).toEqual([]);
  expect(oidc.grants).toEqual(['authorization_code', 'refresh_token']);
  expect(oidc.registrations()).toBe(1);
  const modes = await Promise.all(
    (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).mode & 0o777),
  );
  expect(new Set(modes)).toEqual(new Set([0o600]));
  await rm(folder, { recursive: true });
});

/** What all of them say from the moment when all are ready. */
async function runAll(url: string, folder: string): Promise<string[]> {
  const program = fileURLToPath(new URL('caller.ts', import.meta.url));
  const args = ['--import', 'tsx', program, url, folder, String(connections)];
  const children = Array.from({ length: processes }, () => spawn(process.execPath, args));
  const outputs = children.map(outputOf);
  await Promise.all(outputs.map(({ ready }) => ready));
  for (const child of children) child.stdin.end('go\n');
  await Promise.all(children.map((child) => once(child, 'close')));
  return outputs.flatMap(({ lines }) => lines()).filter((line) => line !== 'ready');
}

function outputOf(child: ChildProcessWithoutNullStreams): {
  readonly ready: Promise<void>;
  readonly lines: () => string[];
} {
  let text = '';
  let isReady = (): void => undefined;
  const ready = new Promise<void>((resolve) => (isReady = resolve));
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.startsWith('ready')) isReady();
    });
  }
  child.once('close', isReady);
  return { ready, lines: () => text.split('\n').filter((line) => line !== '') };
}
