import { createServer, request as send } from 'node:http';
import { type AddressInfo, connect as connectTo } from 'node:net';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { connect } from '../../../../src/connect.js';
import { readProxies } from '../../../../src/platform/node-proxy.js';
import { isCall, type Loopback, sendResult, sessionLoopback } from './loopback.js';

interface Proxy {
  readonly address: string;
  /** The request lines and credentials that it got. */
  readonly seen: readonly { readonly line: string; readonly credentials: string | undefined }[];
}

/** A forward proxy, for which every name is that of `origin`. */
async function forwardProxy(origin: URL, connectStatus = 200): Promise<Proxy> {
  const seen: { line: string; credentials: string | undefined }[] = [];
  const proxy = createServer((request, response) => {
    const { method, url = '', headers } = request;
    const credentials = headers['proxy-authorization'];
    seen.push({ line: `${method} ${url}`, credentials });
    const { pathname, search } = new URL(url);
    const options = {
      port: origin.port,
      host: origin.hostname,
      method,
      headers,
      path: pathname + search,
    };
    const forwarded = send(options, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    request.pipe(forwarded);
  });
  proxy.on('connect', (request, socket) => {
    seen.push({
      line: `CONNECT ${request.url}`,
      credentials: request.headers['proxy-authorization'],
    });
    socket.on('error', () => undefined);
    if (connectStatus !== 200) return void socket.end(`HTTP/1.1 ${connectStatus} No\r\n\r\n`);
    const tunnel = connectTo(Number(origin.port), origin.hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      tunnel.pipe(socket).pipe(tunnel);
    });
    tunnel.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    proxy.closeAllConnections();
    return new Promise<void>((resolve) => void proxy.close(() => resolve()));
  });
  return { address: `127.0.0.1:${(proxy.address() as AddressInfo).port}`, seen };
}

function worker(): Promise<Loopback> {
  return sessionLoopback((seen, response) => {
    if (isCall(seen)) sendResult(seen, response, { content: [] });
    else response.writeHead(200).end();
  });
}

afterEach(() => void vi.unstubAllEnvs());

test('a server is called by the proxy of the environment, which resolves its name', async () => {
  const server = await worker();
  const proxy = await forwardProxy(new URL(server.url));
  vi.stubEnv('http_proxy', `http://user:p%40ss@${proxy.address}`);
  await using client = await connect('http://mcp.example/mcp', { era: 'legacy' });
  await expect(client.callTool('work')).resolves.toEqual({ content: [] });
  expect(new Set(proxy.seen.map(({ line }) => line))).toEqual(
    new Set(['POST http://mcp.example/mcp', 'GET http://mcp.example/mcp']),
  );
  const credentials = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
  for (const one of proxy.seen) expect(one.credentials).toBe(credentials);
  expect(server.seen[0]?.headers.host).toBe('mcp.example');
});

test('a loopback server is reached directly', async () => {
  const server = await worker();
  vi.stubEnv('http_proxy', 'http://127.0.0.1:9');
  await using client = await connect(server.url, { era: 'legacy' });
  await expect(client.callTool('work')).resolves.toEqual({ content: [] });
});

test('an https server is called through a tunnel, with credentials for the proxy alone', async () => {
  const server = await worker();
  const proxy = await forwardProxy(new URL(server.url), 407);
  vi.stubEnv('https_proxy', `user:secret@${proxy.address}`);
  const refused = await connect('https://mcp.example/mcp').catch((thrown: unknown) => thrown);
  expect(refused).toMatchObject({
    kind: 'connectionFailed',
    message: expect.stringContaining('answered with HTTP status 407'),
  });
  expect(String(refused)).not.toContain('secret');
  expect(proxy.seen[0]).toEqual({
    line: 'CONNECT mcp.example:443',
    credentials: `Basic ${Buffer.from('user:secret').toString('base64')}`,
  });
});

test('what answers in a tunnel must show a certificate', async () => {
  const server = await worker();
  const proxy = await forwardProxy(new URL(server.url));
  vi.stubEnv('https_proxy', proxy.address);
  await expect(connect('https://mcp.example:8443/mcp')).rejects.toMatchObject({
    kind: 'connectionFailed',
  });
  expect(proxy.seen[0]?.line).toBe('CONNECT mcp.example:8443');
  expect(server.seen).toEqual([]);
});

test('a proxy of a kind that is not known is named', async () => {
  for (const name of ['http', 'https']) {
    vi.stubEnv(`${name}_proxy`, 'socks5://127.0.0.1:1080');
    await expect(connect(`${name}://mcp.example/mcp`)).rejects.toMatchObject({
      kind: 'connectionFailed',
      message: expect.stringContaining('socks5://127.0.0.1:1080 is of a kind'),
    });
  }
});

const proxied = { http_proxy: 'http://proxy:1', https_proxy: 'http://proxy:2' };

test.each([
  ['http://a.example/', proxied, 'http://proxy:1/'],
  ['https://a.example/', proxied, 'http://proxy:2/'],
  ['https://a.example/', { http_proxy: 'proxy:1' }, undefined],
  ['http://a.example/', { HTTP_PROXY: 'proxy:1' }, 'http://proxy:1/'],
  ['http://a.example/', { HTTP_PROXY: 'proxy:1', http_proxy: 'twin:1' }, 'http://twin:1/'],
  ['http://a.example/', { HTTP_PROXY: 'proxy:1', http_proxy: '' }, undefined],
  ['http://a.example/', { HTTP_PROXY: 'proxy:1', REQUEST_METHOD: 'GET' }, undefined],
  ['http://a.example/', { ...proxied, no_proxy: '*' }, undefined],
  ['http://a.example/', { ...proxied, NO_PROXY: 'example' }, undefined],
  ['http://a.example/', { ...proxied, NO_PROXY: 'b.example, .example' }, undefined],
  ['http://a.example/', { ...proxied, NO_PROXY: '*.A.example' }, undefined],
  ['http://notexample/', { ...proxied, NO_PROXY: 'example' }, 'http://proxy:1/'],
  ['http://a.example/', { ...proxied, NO_PROXY: 'x', no_proxy: 'a.example' }, undefined],
  ['http://a.example:81/', { ...proxied, NO_PROXY: 'a.example:80' }, 'http://proxy:1/'],
  ['http://a.example/', { ...proxied, NO_PROXY: 'a.example:80' }, undefined],
  ['https://a.example/', { ...proxied, NO_PROXY: 'a.example:443' }, undefined],
  ['http://[2001:db8::1]/', { ...proxied, NO_PROXY: '[2001:db8::1]' }, undefined],
  ['http://localhost:3000/', proxied, undefined],
  ['http://127.1.2.3/', proxied, undefined],
  ['http://[::1]:3000/', proxied, undefined],
])('%s with %j goes by %s', (url, env: { readonly [name: string]: string }, by) => {
  expect(readProxies(env)?.(new URL(url))?.href).toBe(by);
});
