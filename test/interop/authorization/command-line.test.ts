/** The command line logs in, calls, tells who it is and logs out, with a real server. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Listening } from '../../../src/transports/http/index.js';
import { type Ran, run } from '../../unit/cli/run.js';
import { startGreeter } from './greeter.js';
import { logInAt, type OidcServer, startOidc } from './oidc-server.js';

let oidc: OidcServer;
let greeter: Listening & AsyncDisposable;
let home: string;
let env: { readonly [name: string]: string };

beforeAll(async () => {
  oidc = await startOidc();
  greeter = await startGreeter(oidc.issuer);
  home = mkdtempSync(join(tmpdir(), 'login-'));
  env = { XDG_STATE_HOME: home, PATH: home };
});

afterAll(async () => {
  await greeter.close();
  await oidc[Symbol.asyncDispose]();
  rmSync(home, { recursive: true });
});

/** Visits the page that the command shows; before that, strangers try to answer in its place. */
async function logIn(words: readonly string[] = []): Promise<{ ran: Ran; strangers: number[] }> {
  const strangers: number[] = [];
  let visited = false;
  let said = '';
  const ran = await run(['login', greeter.url, '--no-browser', ...words], {
    env,
    onStderr(text) {
      said += text;
      const url = /(http:\/\/\S+\/auth\?\S+)\n/.exec(said)?.[1];
      if (url === undefined || visited) return;
      visited = true;
      void visit(url, strangers);
    },
  });
  return { ran, strangers };
}

async function visit(url: string, strangers: number[]): Promise<void> {
  const back = new URL(url).searchParams.get('redirect_uri')!;
  for (const bad of [
    `${back}?code=forged&state=other`,
    `${back}?code=forged`,
    new URL('/', back),
  ]) {
    strangers.push((await fetch(bad)).status);
  }
  const cameBack = await logInAt(url);
  const page = await fetch(cameBack);
  strangers.push(page.status);
  expect(await page.text()).toContain('You can close this page');
  expect(page.headers.get('cache-control')).toBe('no-store');
}

test('a login is kept for the commands that come after it', { timeout: 30_000 }, async () => {
  const before = await run(['call', greeter.url, 'greet'], { env });
  expect(before).toMatchObject({ code: 3, stdout: '' });
  expect(before.stderr).toContain('sallyport login');

  const { ran, strangers } = await logIn();
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.stdout).toContain(`Logged in to ${greeter.url}`);
  expect(strangers).toEqual([400, 400, 404, 200]);

  const folder = join(home, 'sallyport', 'tokens');
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(folder)) {
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  }

  const called = await run(['call', greeter.url, 'greet'], { env });
  expect(called).toMatchObject({ code: 0, stdout: 'hello\n' });

  const who = await run(['whoami', greeter.url, '--json'], { env });
  expect(JSON.parse(who.stdout)).toMatchObject({
    server: greeter.url,
    issuer: oidc.issuer,
    resource: greeter.url,
    renews: true,
  });
  const secrets = readdirSync(folder).flatMap((name) =>
    [
      .../"(?:accessToken|refreshToken)":"([^"]+)"/g[Symbol.matchAll](
        readFileSync(join(folder, name), 'utf8'),
      ),
    ].map(([, secret]) => secret!),
  );
  expect(secrets).toHaveLength(2);
  for (const secret of secrets) {
    for (const { stdout, stderr } of [ran, called, who])
      expect(stdout + stderr).not.toContain(secret);
  }

  const out = await run(['logout', greeter.url, '--json'], { env });
  expect(JSON.parse(out.stdout)).toEqual({ server: greeter.url, was: true, revoked: true });
  expect((await run(['call', greeter.url, 'greet'], { env })).code).toBe(before.code);
  expect((await run(['whoami', greeter.url], { env })).code).toBe(before.code);
});

/** Visits the page, and brings back what a person who said no would bring. */
async function decline(words: readonly string[] = []): Promise<Ran> {
  let said = '';
  let visited = false;
  return run(['login', greeter.url, '--no-browser', ...words], {
    env,
    onStderr(text) {
      said += text;
      const url = /(http:\/\/\S+\/auth\?\S+)\n/.exec(said)?.[1];
      if (url === undefined || visited) return;
      visited = true;
      const { searchParams } = new URL(url);
      const back = new URL(searchParams.get('redirect_uri')!);
      back.searchParams.set('state', searchParams.get('state')!);
      back.searchParams.set('error', 'access_denied');
      back.searchParams.set('iss', oidc.issuer);
      void fetch(back);
    },
  });
}

test('a login that fails leaves the one before it as it was', { timeout: 30_000 }, async () => {
  expect((await logIn()).ran.code).toBe(0);
  const secret = join(home, 'a-secret');
  writeFileSync(secret, 'TOP-SECRET', { mode: 0o600 });
  const client = ['--client-id', 'mine', '--client-secret-file', secret, '--issuer', oidc.issuer];
  for (const words of [[], client]) {
    const ran = await decline(words);
    expect(ran.stderr).toContain('access_denied');
    expect(await run(['call', greeter.url, 'greet'], { env })).toMatchObject({ code: 0 });
  }
  const folder = join(home, 'sallyport', 'tokens');
  const kept = (): string =>
    readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('\n');
  // Of what nobody gave out tokens for, nothing is kept.
  expect(kept()).not.toContain('TOP-SECRET');
  const out = await run(['logout', greeter.url, '--json'], { env });
  expect(JSON.parse(out.stdout)).toMatchObject({ was: true, revoked: true });
  expect(kept()).not.toContain('clientId');
});

test('a secret goes to the issuer that is named, from a file that nobody else reads', async () => {
  const file = join(home, 'secret');
  writeFileSync(file, 'x', { mode: 0o600 });
  const words = ['login', greeter.url, '--client-id', 'mine', '--client-secret-file', file];
  const nobodys = await run(words, { env });
  expect(nobodys).toMatchObject({ code: 1 });
  expect(nobodys.stderr).toContain('--issuer');
  chmodSync(file, 0o644);
  const open = await run([...words, '--issuer', oidc.issuer], { env });
  expect(open.stderr).toContain('others can read it');
});

test.each([
  ['darwin', {}, '/usr/bin/open'],
  ['win32', { SystemRoot: 'D:\\Win' }, 'D:\\Win\\System32\\rundll32.exe'],
  ['win32', { SystemRoot: 'here' }, 'C:\\Windows\\System32\\rundll32.exe'],
] as const)('what opens a browser is not searched for (%s)', async (platform, env, file) => {
  const { openBrowser } = await import('../../../src/cli/open-browser.js');
  expect(openBrowser('https://login.example/', env, platform)?.spawnfile).toBe(file);
});

test('a browser gets the whole address as one word, and no shell sees it', async () => {
  const file = join(home, 'opened');
  const opener = join(home, 'xdg-open');
  writeFileSync(opener, `#!/bin/sh\nprintf '%s\\n' "$#" "$1" > '${file}'\n`);
  chmodSync(opener, 0o755);
  const { openBrowser } = await import('../../../src/cli/open-browser.js');
  const url = 'https://login.example/?a=$(touch+x)&b=`id`;c=1|d';
  const child = openBrowser(url, { PATH: home }, 'linux');
  await new Promise((resolve) => child?.once('close', resolve));
  expect(readFileSync(file, 'utf8')).toBe(`1\n${new URL(url).href}\n`);
  for (const bad of ['file:///etc/passwd', 'javascript:alert(1)', 'data:text/html,x']) {
    expect(openBrowser(bad, { PATH: home }, 'linux')).toBeUndefined();
  }
});

test('a program logs in by itself, or says what is wrong with its file', async () => {
  const file = join(home, 'program.json');
  writeFileSync(file, '{"clientId":"x","clientSecret":"s"}', { mode: 0o600 });
  const words = ['tools', greeter.url, '--client-credentials', file];
  const ran = await run(words, { env });
  expect(ran).toMatchObject({ code: 1 });
  expect(ran.stderr).toContain('holds no credentials');
  const both = await run([...words, '-H', 'Authorization: Bearer x'], { env });
  expect(both.stderr).toContain('two ways in');
});
