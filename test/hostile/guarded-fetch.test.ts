import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { isIP } from 'node:net';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { type Dial, nodeGuardedFetch, type Resolve } from '../../src/auth/node-guarded-fetch.js';
import { nearnessOf } from '../../src/auth/node-networks.js';
import { rebindings, ssrfKinds, type SsrfRow } from './ssrf-rows.js';

const about = { bytesMax: 1000, timeoutMs: 5000 };
const rows = Object.values(ssrfKinds).flatMap((kind) => kind.rows);

test('there are at least 80 of them', () => {
  expect(rows.length + rebindings.length).toBeGreaterThanOrEqual(80);
  console.log(
    `SSRF: ${rows.length + rebindings.length} addresses of ${Object.keys(ssrfKinds).length + 1} kinds`,
  );
});

describe.each(Object.entries(ssrfKinds))('%s', (_kind, { rows: bad, twin }) => {
  test.each(bad.map((row) => [row.url, row] as const))('%s is refused', async (_url, row) => {
    const network = fakeNetwork(row);
    const asking = guarded(row, network)(row.url, about);
    await expect(asking).rejects.toMatchObject({ kind: 'connectionFailed' });
    expect(network.strayed(row)).toEqual([]);
  });

  test('its twin is asked', async () => {
    const network = fakeNetwork(twin);
    const response = await guarded(twin, network)(twin.url, about);
    expect(response.status).toBe(200);
  });
});

test.each(rebindings)('a name that turns inwards after it was looked at: %o', async (row) => {
  const network = fakeNetwork(row);
  expect((await guarded(row, network)(row.url, about)).status).toBe(200);
  expect(network.dialled).not.toEqual([]);
  expect(network.strayed(row)).toEqual([]);
});

describe('a naive fetch', () => {
  test.each(rebindings)('that looks and then connects by name is fooled: %o', async (row) => {
    const network = fakeNetwork(row);
    await naiveFetch(row.url, network);
    expect(network.strayed(row)).not.toEqual([]);
  });

  test('that compares text is fooled by most addresses, so that these rows can fail', async () => {
    const fooled = await Promise.all(
      rows.map(async (row) => {
        const network = fakeNetwork(row);
        await naiveFetch(row.url, network).catch(() => undefined);
        return network.strayed(row).length > 0;
      }),
    );
    const count = fooled.filter(Boolean).length;
    console.log(`A naive fetch strays with ${count} of ${rows.length}`);
    expect(count).toBeGreaterThan(rows.length / 2);
  });
});

describe('an authorization server on this machine, asked for in development', () => {
  const zone = {
    'intra.example': [['192.168.1.1']],
    'login.example': [['93.184.216.34']],
    'here.localhost': [['127.0.0.1']],
    'away.localhost': [['93.184.216.34']],
    localhost: [['127.0.0.1']],
  };

  test.each([
    ['http://localhost:9/x', true],
    ['http://127.0.0.1:9/x', true],
    ['https://127.0.0.1:9/x', true],
    ['http://here.localhost:9/x', true],
    ['https://login.example/x', true],
    // Nothing else is opened by it.
    ['https://10.0.0.1/x', false],
    ['https://intra.example/x', false],
    ['http://login.example/x', false],
    ['http://127.login.example/x', false],
    ['http://away.localhost:9/x', false],
  ])('%s is asked: %s', async (url, isAsked) => {
    const { resolve, dial } = fakeNetwork({ url, zone });
    const options = { typedUrl: 'https://mcp.example/mcp', allowLoopbackHttp: true };
    const asking = nodeGuardedFetch(options, { resolve, dial, env: {} })(url, about).then(
      ({ ok }) => ok,
      () => false,
    );
    expect(await asking).toBe(isAsked);
  });
});

describe('behind a proxy, which finds out the addresses', () => {
  const env = { HTTPS_PROXY: 'http://proxy.example:3128', NO_PROXY: 'direct.example' };
  const zone = { 'direct.example': [['10.0.0.1']] };

  test.each([
    ['https://login.example/x', true],
    ['https://10.0.0.1/x', false],
    ['https://169.254.169.254/x', false],
    ['http://login.example/x', false],
    ['https://direct.example/x', false],
  ])('%s is asked: %s', async (url, isAsked) => {
    const network = fakeNetwork({ url, zone });
    const proxies: (string | undefined)[] = [];
    const dial: Dial = (to, addresses, options) => {
      proxies.push(options.proxy?.href);
      return network.dial(to, addresses, options);
    };
    const fetch = nodeGuardedFetch({}, { resolve: network.resolve, dial, env });
    const asking = fetch(url, about).then(
      ({ ok }) => ok,
      () => false,
    );
    expect(await asking).toBe(isAsked);
    expect(proxies).toEqual(isAsked ? ['http://proxy.example:3128/'] : []);
  });
});

test.each([
  [3, 'taken'],
  [4, 'redirects more than 3 times'],
])('of %i redirects within its origin, three are followed: %s', async (count, outcome) => {
  const url = (at: number): string => `https://login.example/${at}`;
  const redirects = Object.fromEntries(
    Array.from({ length: count }, (_, at) => [url(at), url(at + 1)]),
  );
  const row = { url: url(0), zone: { 'login.example': [['8.8.8.8']] }, redirects };
  const network = fakeNetwork(row);
  const asking = guarded(row, network)(row.url, about);
  expect(await asking.then(() => 'taken', String)).toContain(outcome);
  expect(network.dialled).toHaveLength(4);
});

describe('over real connections', () => {
  test('the address that was checked is the one that is connected to', async () => {
    // Not where the system would look for this name.
    await using server = await startServer((_request, response) => response.end('{}'), '127.0.0.2');
    const typedUrl = `http://localhost:${server.port}/mcp`;
    let asked = 0;
    // Only the first answer is a server; whoever asks again finds nobody.
    const resolve: Resolve = () =>
      Promise.resolve([{ address: asked++ === 0 ? '127.0.0.2' : '127.0.0.9', family: 4 }]);
    const fetch = nodeGuardedFetch({ typedUrl }, { resolve });
    expect((await fetch(typedUrl, about)).status).toBe(200);
    expect(asked).toBe(1);
  });

  test('an answer at the bound is taken, one past it is not', async () => {
    await using server = await startServer(({ url }, response) =>
      response.end('x'.repeat(url === '/fits' ? about.bytesMax : about.bytesMax + 1)),
    );
    const fetch = nodeGuardedFetch({ typedUrl: server.url });
    expect((await (await fetch(`${server.url}/fits`, about)).text()).length).toBe(about.bytesMax);
    await expect(fetch(`${server.url}/over`, about)).rejects.toThrow('more than 1000 bytes');
  });

  test('a server that never answers, or never ends, is given up', async () => {
    await using server = await startServer(({ url }, response) => {
      if (url === '/drip') response.write('{');
    });
    const fetch = nodeGuardedFetch({ typedUrl: server.url });
    for (const path of ['/silent', '/drip']) {
      const asking = fetch(server.url + path, { ...about, timeoutMs: 50 });
      await expect(asking).rejects.toMatchObject({ kind: 'connectionFailed' });
    }
  });

  test('a POST is never sent elsewhere', async () => {
    const seen: string[] = [];
    await using server = await startServer(({ url = '', method = '' }, response) => {
      seen.push(`${method} ${url}`);
      response.writeHead(307, { location: '/other' }).end();
    });
    const fetch = nodeGuardedFetch({ typedUrl: server.url });
    const asking = fetch(`${server.url}/token`, { ...about, method: 'POST', body: 'secret=1' });
    await expect(asking).rejects.toThrow('it redirects');
    expect(seen).toEqual(['POST /token']);
  });
});

interface FakeNetwork {
  readonly resolve: Resolve;
  readonly dial: Dial;
  readonly dialled: { readonly url: URL; readonly address: string }[];
  /** What was asked though it must not be. */
  strayed(row: SsrfRow): string[];
}

/** Answers everybody; what counts is who was asked. */
function fakeNetwork({ zone = {}, redirects = {} }: SsrfRow): FakeNetwork {
  const turns = new Map<string, number>();
  const dialled: { readonly url: URL; readonly address: string }[] = [];
  return {
    dialled,
    resolve(host) {
      const answers = zone[host] ?? [];
      const turn = turns.get(host) ?? 0;
      turns.set(host, turn + 1);
      const answer = answers[Math.min(turn, answers.length - 1)];
      if (answer === undefined) return Promise.reject(new Error(`no such name: ${host}`));
      return Promise.resolve(answer.map((address) => ({ address, family: isIP(address) })));
    },
    dial(url, to) {
      for (const { address } of to) dialled.push({ url, address });
      const location = redirects[url.href];
      const status = location === undefined ? 200 : 302;
      const body = Readable.from([Buffer.from('{}')]);
      const headers = location === undefined ? {} : { location };
      return Promise.resolve(
        Object.assign(body, { statusCode: status, headers }) as IncomingMessage,
      );
    },
    strayed: ({ url: first, typed }) =>
      dialled
        .filter(({ url, address }) => {
          const isInwards = nearnessOf({ address, family: isIP(address) }) !== 'public';
          const isPlain = url.protocol !== 'https:';
          const isElsewhere = url.origin !== new URL(first).origin;
          return isInwards || isPlain || isElsewhere || url.username !== '' || typed === url.href;
        })
        .map(({ url, address }) => `${url.href} at ${address}`),
  };
}

function guarded(
  { typed = 'https://mcp.example/mcp' }: SsrfRow,
  network: FakeNetwork,
): ReturnType<typeof nodeGuardedFetch> {
  return nodeGuardedFetch({ typedUrl: typed }, network);
}

/** As it is often written: a look at the text and at the addresses, then a connection by name. */
async function naiveFetch(text: string, { resolve, dial }: FakeNetwork): Promise<void> {
  const looksPrivate = /^(?:https?:\/\/)?(?:localhost|127\.0\.0\.1|10\.|192\.168\.)/;
  if (looksPrivate.test(text)) throw new Error('private');
  let url = new URL(text);
  const addressesOf = async ({ hostname }: URL): Promise<Awaited<ReturnType<Resolve>>> => {
    const host = hostname.replace(/^\[|\]$/g, '');
    return isIP(host) === 0 ? resolve(host) : [{ address: host, family: isIP(host) }];
  };
  for (const { address } of await addressesOf(url)) {
    if (looksPrivate.test(address)) throw new Error('private');
  }
  for (let hop = 0; hop < 10; hop++) {
    const options = { ...about, method: 'GET', signal: new AbortController().signal };
    const { headers } = await dial(url, await addressesOf(url), options);
    if (headers.location === undefined) return;
    url = new URL(headers.location, url);
  }
}

interface LocalServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
}

async function startServer(
  listener: Parameters<typeof createServer>[1] & object,
  host = '127.0.0.1',
): Promise<LocalServer> {
  const server = createServer(listener).listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}`,
    port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
