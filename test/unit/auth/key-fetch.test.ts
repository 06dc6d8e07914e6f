/** Keys are fetched from the issuer and nowhere else, and no more of them than fits. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { jwt, type JwtOptions } from '../../../src/auth/index.js';
import type { McpError } from '../../../src/errors.js';
import { issuer, make, nowSeconds, published, resource } from '../../hostile/tokens/forge.js';

let server: Server | undefined;
let asked = 0;
afterEach(async () => {
  asked = 0;
  await new Promise((resolve) => (server === undefined ? resolve(0) : server.close(resolve)));
  server = undefined;
});

async function serve(answer: RequestListener): Promise<string> {
  server = createServer((request, response) => {
    asked++;
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
}

async function outcome(jwksUri: string, more: Partial<JwtOptions> = {}): Promise<string> {
  const { verify } = jwt({ issuer, jwksUri, allowLoopbackHttp: true, ...more });
  const about = { resource, remoteAddress: undefined, now: nowSeconds * 1000 };
  try {
    return (await verify(make(), about)).id;
  } catch (thrown) {
    const { kind, cause } = thrown as McpError;
    return `${kind}: ${(cause as Error).message}`;
  }
}

const keys = JSON.stringify(published);
const ann = `${issuer}#ann`;

test('as many bytes as are allowed, and not one more', async () => {
  const bytesMax = 256 * 1024;
  for (const [size, answer] of [
    [bytesMax, ann],
    [bytesMax + 1, /^unavailable: .*more than 262144 bytes/],
  ] as const) {
    const url = await serve((_request, response) => response.end(keys.padEnd(size)));
    expect(await outcome(url)).toMatch(answer);
    await new Promise((resolve) => server!.close(resolve));
  }
});

test('no redirect to another origin is followed', async () => {
  const url = await serve((request, response) => {
    if (request.url === '/else') return response.end(keys);
    const location = `http://localhost:${new URL(url).port}/else`;
    return response.writeHead(302, { location }).end();
  });
  expect(await outcome(url)).toMatch(/^unavailable: .*redirect/);
  expect(asked).toBe(1);
  expect(await outcome(url.replace('/keys', '/else'))).toBe(ann);
});

test('http only where it was allowed, and only on this machine', async () => {
  const url = await serve((_request, response) => response.end(keys));
  expect(await outcome(url, { allowLoopbackHttp: false })).toMatch(/not https/);
  expect(asked).toBe(0);
  expect(await outcome('http://192.0.2.1/keys')).toMatch(/not https/);
  expect(await outcome(url)).toBe(ann);
});

test.each(['10.0.0.1', '169.254.169.254', '192.168.1.1', '[::ffff:10.0.0.1]', '2130706433'])(
  '%s is asked for nothing',
  async (host) => {
    expect(await outcome(`https://${host}/keys`, { allowLoopbackHttp: false })).toMatch(
      /private or special/,
    );
  },
);
