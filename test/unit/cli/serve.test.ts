import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { type Parts, wipe } from '../../hostile/attack.js';
import { wireBytes } from '../../hostile/bytes.js';
import { Line } from '../../hostile/raw-http.js';
import { certificates } from '../../hostile/self-signed.js';
import { type Ran, run } from './run.js';

const { good, renewed } = certificates();
const folder = mkdtempSync(join(tmpdir(), 'serve-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => void vi.unstubAllEnvs());

const server = join(folder, 'server.mjs');
writeFileSync(
  server,
  'export default { exchange: async () => ({}), info: { name: "small", version: "1.0.0" } };',
);
const tls = ['--tls-cert', good.certFile, '--tls-key', good.keyFile];

/** Serves until `visit`, if any, is over. */
async function serve(
  words: readonly string[],
  visit: (port: number) => Promise<unknown> = () => Promise.resolve(),
): Promise<Ran> {
  const controller = new AbortController();
  let seen = '';
  let visited: Promise<unknown> | undefined;
  const ran = await run(['serve', server, '--port', '0', ...words], {
    signal: controller.signal,
    onStderr(text) {
      seen += text;
      const port = /Try: sallyport tools https?:\/\/[^ ]+:(\d+)\//.exec(seen)?.[1];
      if (port === undefined || visited !== undefined) return;
      visited = visit(Number(port)).finally(() => controller.abort('terminated'));
    },
  });
  await visited;
  return ran;
}

/** The statuses of a POST as it stands, and changed by `change`. */
async function statusAt(port: number, headers: Parts['headers']): Promise<number | undefined> {
  const line = await Line.to(port);
  line.write(wireBytes({ ...wipe, headers: { ...wipe.headers, ...headers } }, { port }));
  const heard = await line.answer();
  line.hangUp();
  return heard?.status;
}

test('https, by options or by the environment', async () => {
  const byOptions = await serve(tls);
  expect(byOptions).toMatchObject({ code: 0, stdout: '' });
  expect(byOptions.stderr).toMatch(/^Serving small 1\.0\.0 at https:\/\/127\.0\.0\.1:\d+\/mcp$/m);
  vi.stubEnv('MCP_TLS_CERT', good.certFile);
  vi.stubEnv('MCP_TLS_KEY', good.keyFile);
  expect((await serve([])).stderr).toContain('at https://127.0.0.1:');
});

describe('who is let in', () => {
  test.each([
    ['--allowed-host', { host: 'mcp.example' }, 'mcp.example', 'MCP_ALLOWED_HOSTS'],
    [
      '--allowed-origin',
      { origin: 'https://a.example' },
      'https://a.example',
      'MCP_ALLOWED_ORIGINS',
    ],
    ['--public-url', { host: 'mcp.example' }, 'https://mcp.example/mcp', 'MCP_PUBLIC_URL'],
  ] as const)('%s', async (option, headers, value, variable) => {
    const statuses: (number | undefined)[] = [];
    const visit = async (port: number): Promise<unknown> =>
      statuses.push(await statusAt(port, headers));
    await serve([], visit);
    await serve([option, value], visit);
    vi.stubEnv(variable, value);
    await serve([], visit);
    expect(statuses.map((status) => status === 403)).toEqual([true, false, false]);
  });

  test('--trusted-proxy, with the name by which everybody is welcome', async () => {
    const statuses: (number | undefined)[] = [];
    const visit = async (port: number): Promise<unknown> =>
      statuses.push(await statusAt(port, { 'x-forwarded-for': '192.0.2.7' }));
    const name = ['--public-url', 'https://mcp.example/mcp'];
    await serve([], visit);
    await serve([...name, '--trusted-proxy', '127.0.0.0/8'], visit);
    vi.stubEnv('MCP_TRUSTED_PROXIES', '127.0.0.0/8');
    await serve(name, visit);
    expect(statuses.map((status) => status === 403)).toEqual([true, false, false]);
  });

  test('by options that come again, and lists with commas', async () => {
    const hosts = ['one.example', 'two.example', 'three.example:8443'];
    const statuses: (number | undefined)[] = [];
    const visit = async (port: number): Promise<void> => {
      for (const host of hosts) statuses.push(await statusAt(port, { host }));
    };
    await serve(
      hosts.flatMap((host) => ['--allowed-host', host]),
      visit,
    );
    vi.stubEnv('MCP_ALLOWED_HOSTS', hosts.join(', '));
    await serve([], visit);
    expect(statuses).not.toContain(403);
    expect(statuses).toHaveLength(6);
  });

  test('is said at the start', async () => {
    const more = ['--allowed-origin', 'https://a.example', '--trusted-proxy', '10.0.0.0/8'];
    const names = ['--allowed-host', 'b.example', '--public-url', 'https://c.example/mcp'];
    const { stderr } = await serve([...more, ...names]);
    expect(stderr).toContain('Everybody who reaches this server as b.example may call it.');
    expect(stderr).toContain('as https://c.example/mcp may call it.');
    expect(stderr).toContain('Web pages of https://a.example may call this server.');
    expect(stderr).toContain('What 10.0.0.0/8 says of who is calling is believed.');
    const plain = await serve([]);
    expect(plain.stderr).not.toMatch(/may call|believed/);
  });
});

describe('is refused in one line that says what, and one that says what to do', () => {
  const missing = join(folder, 'missing.pem');
  test.each<[readonly string[], number, RegExp]>([
    [
      ['--host', '0.0.0.0'],
      78,
      /Refusing to listen on 0\.0\.0\.0.*\n {2}Listen on 127\.0\.0\.1, or/,
    ],
    [['--host', '0.0.0.0', ...tls, '--allowed-host', 'a'], 78, /Refusing to listen/],
    [['--tls-cert', good.certFile], 1, /belong together.*\n {2}Add --tls-key FILE/],
    [['--tls-key', good.keyFile], 1, /belong together.*\n {2}Add --tls-cert FILE/],
    [
      ['--tls-cert', missing, '--tls-key', good.keyFile],
      78,
      /missing\.pem cannot be read: ENOENT\./,
    ],
    [['--tls-cert', good.certFile, '--tls-key', renewed.keyFile], 78, /does not belong to/],
    [
      ['--trusted-proxy', 'proxy'],
      1,
      /--trusted-proxy: "proxy" is neither an address nor a network/,
    ],
    [
      ['--trusted-proxy', '10.0.0.1'],
      1,
      /--trusted-proxy: a server behind a proxy needs auth, or the publicUrl/,
    ],
    [['--allowed-host', 'https://a.example'], 1, /--allowed-host.*like mcp\.example/],
    [['--allowed-origin', 'a.example'], 1, /--allowed-origin.*like https:\/\/app\.example/],
    [['--allowed-origin', 'https://a.example/'], 1, /--allowed-origin.*nothing behind it/],
    [['--allowed-origin', '*'], 1, /--allowed-origin/],
    [['--allowed-origin', 'null'], 1, /--allowed-origin/],
    [['--public-url', 'mcp.example'], 1, /--public-url.*like https:\/\/mcp\.example\/mcp/],
  ])('%j: %i', async (words, code, stderr) => {
    const ran = await serve(words);
    expect(ran).toMatchObject({ code, stdout: '' });
    expect(ran.stderr).toMatch(stderr);
    expect(ran.stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
  });
});

describe('who has to say who they are', () => {
  test('by a key, which is in the file', async () => {
    const file = join(folder, 'keys.json');
    const key = (await run(['keys', 'add', '--file', file])).stdout.trim();
    const statuses: (number | undefined)[] = [];
    const visit = async (port: number): Promise<void> => {
      for (const token of ['x', key]) {
        statuses.push(await statusAt(port, { authorization: `Bearer ${token}` }));
      }
      statuses.push(await statusAt(port, {}));
    };
    await serve(['--api-keys', file], visit);
    vi.stubEnv('MCP_API_KEYS', file);
    await serve([], visit);
    expect(statuses).toEqual([401, 200, 401, 401, 200, 401]);
  });

  test('by a token of the issuer', async () => {
    const statuses: (number | undefined)[] = [];
    const visit = async (port: number): Promise<unknown> =>
      statuses.push(await statusAt(port, { authorization: 'Bearer a.b.c' }));
    await serve(['--issuer', 'https://login.example'], visit);
    expect(statuses).toEqual([401]);
  });

  test.each([
    ['a file that is not there', ['--api-keys', join(folder, 'none.json')], /sallyport keys add/],
    ['two answers', ['--api-keys', 'x', '--issuer', 'https://x.example'], /two answers/],
    ['an issuer that is none', ['--issuer', 'login'], /issuer/],
  ])('not by %s', async (_name, words, message) => {
    const { code, stderr } = await serve(words);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });
});
