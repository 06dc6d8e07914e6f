/** The https of our own: versions, the certificate and its renewal, handshakes, and what it says. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { connect as connectPlain } from 'node:net';
import { join } from 'node:path';
import tls, { connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { McpError } from '../../src/errors.js';
import { systemPlatform } from '../../src/platform/platform.js';
import { manualPlatform } from '../../src/testing/clock.js';
import {
  listen,
  type Listening,
  type ListenOptions,
  type TlsFiles,
} from '../../src/transports/http/index.js';
import { modernCall, wipe } from './attack.js';
import { wireBytes } from './bytes.js';
import { Line } from './raw-http.js';
import { certificates } from './self-signed.js';
import { createVictim } from './victim.js';

const { folder, good, renewed } = certificates();
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

async function open(options: ListenOptions = {}): Promise<Listening> {
  const listening = await listen(createVictim().served, { tls: good, ...options });
  opened.push({ close: () => listening.close({ drainMs: 0 }) });
  return listening;
}

/** A connection whose handshake is done; rejects if it fails. */
async function secure(port: number, options: object = {}): Promise<TLSSocket> {
  const ca = [readFileSync(good.certFile), readFileSync(renewed.certFile)];
  const socket = connect({ port, host: '127.0.0.1', ca, servername: 'localhost', ...options });
  opened.push({ close: () => socket.destroy() });
  await once(socket, 'secureConnect');
  return socket;
}

/** The answer to one request on `socket`. */
async function ask(socket: TLSSocket, bytes: string | Buffer): Promise<string> {
  socket.write(bytes);
  let text = '';
  socket.setEncoding('latin1');
  for (;;) {
    const [piece] = (await once(socket, 'data')) as [string];
    text += piece;
    const [head = '', body] = text.split('\r\n\r\n', 2);
    const length = /content-length: (\d+)/i.exec(head)?.[1];
    if (body !== undefined && body.length >= Number(length ?? 0)) return text;
  }
}

const look = (port: number, host = `127.0.0.1:${port}`): Buffer => {
  const call = modernCall('look');
  return wireBytes({ ...call, headers: { ...call.headers, host } }, { port });
};

test('calls are answered, at an address that says https', async () => {
  const { url, port } = await open();
  expect(url).toBe(`https://127.0.0.1:${port}/mcp`);
  const answer = await ask(await secure(port), look(port));
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
});

describe('only https from now on (HSTS)', () => {
  const hsts = /\r\nstrict-transport-security: max-age=31536000\r\n/i;
  test.each<[string, string | ((port: number) => Buffer)]>([
    ['a result', look],
    ['a refusal', (port) => wireBytes({ ...wipe, target: '/elsewhere' }, { port })],
    ['an expectation', 'GET /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: more\r\n\r\n'],
    ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'],
    ['what is no HTTP', 'nonsense\r\n\r\n'],
  ])('stands on the answer to %s', async (_name, bytes) => {
    const { port } = await open();
    const socket = await secure(port);
    expect(await ask(socket, typeof bytes === 'string' ? bytes : bytes(port))).toMatch(hsts);
  });

  test('but not where it would bind everything else that is called localhost', async () => {
    const { port } = await open();
    const answer = await ask(await secure(port), look(port, `localhost:${port}`));
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).not.toMatch(hsts);
  });

  test('and on none without TLS', async () => {
    const { port } = await listen(createVictim().served).then((listening) => {
      opened.push({ close: () => listening.close({ drainMs: 0 }) });
      return listening;
    });
    const line = await Line.to(port);
    line.write(look(port));
    expect((await line.answer())?.headers.has('strict-transport-security')).toBe(false);
    line.hangUp();
  });
});

test('the own origins are those of https', async () => {
  const { port } = await open();
  const from = async (origin: string): Promise<string> => {
    const call = modernCall('look');
    const headers = { ...call.headers, origin };
    return ask(await secure(port), wireBytes({ ...call, headers }, { port }));
  };
  expect(await from(`https://localhost:${port}`)).toMatch(/^HTTP\/1\.1 200 /);
  expect(await from(`http://localhost:${port}`)).toMatch(/^HTTP\/1\.1 403 /);
});

describe('however lenient its Node is made', () => {
  const { DEFAULT_MIN_VERSION, DEFAULT_CIPHERS } = tls;
  beforeAll(() => {
    // As by --tls-min-v1.1 and --tls-cipher-list; without the latter 1.1 would not even be offered.
    Object.assign(tls, { DEFAULT_MIN_VERSION: 'TLSv1.1', DEFAULT_CIPHERS: 'DEFAULT@SECLEVEL=0' });
  });
  afterAll(() => void Object.assign(tls, { DEFAULT_MIN_VERSION, DEFAULT_CIPHERS }));

  test.each([
    ['TLSv1.1', false],
    ['TLSv1.2', true],
    ['TLSv1.3', true],
  ])('%s: %s', async (version, isSpoken) => {
    const { port } = await open();
    const protocol = await secure(port, { minVersion: version, maxVersion: version }).then(
      (socket) => socket.getProtocol(),
      () => undefined,
    );
    expect(protocol).toBe(isSpoken ? version : undefined);
  });
});

describe('a handshake', () => {
  test('that takes its time is cut', async () => {
    const refusals: McpError[] = [];
    const onRefusal = (error: McpError): void => void refusals.push(error);
    const { port } = await open({ onRefusal, limits: { tlsHandshakeMs: 100 } });
    const line = await Line.to(port);
    await line.closed;
    expect(refusals).toHaveLength(1);
    expect(refusals[0]?.cause).toMatchObject({ code: 'ERR_TLS_HANDSHAKE_TIMEOUT' });
  });

  test('that is none ends without an answer in clear text, and is logged', async () => {
    const refusals: McpError[] = [];
    const { port } = await open({ onRefusal: (error) => refusals.push(error) });
    const socket = connectPlain(port, '127.0.0.1');
    socket.write(look(port));
    const heard: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => heard.push(chunk)).on('error', () => undefined);
    await once(socket, 'close');
    expect(Buffer.concat(heard).toString('latin1')).not.toContain('HTTP');
    expect(refusals).toMatchObject([{ kind: 'badRequest', message: 'The TLS handshake failed' }]);
  });

  test('of a client that goes in the middle of it harms nobody', async () => {
    const { port } = await open();
    for (const bytes of ['\x16', '\x16\x03\x01\x02', '']) {
      const line = await Line.to(port);
      line.write(bytes);
      line.hangUp();
    }
    expect(await ask(await secure(port), look(port))).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('at the start', () => {
  const missing = join(folder, 'missing.pem');
  const notes = join(folder, 'notes.txt');
  writeFileSync(notes, 'a shopping list');
  test.each<[string, TlsFiles, string]>([
    ['the certificate', { ...good, certFile: missing }, `${missing} cannot be read: ENOENT`],
    ['the key', { ...good, keyFile: missing }, `${missing} cannot be read: ENOENT`],
    ['the chain', { ...good, caFile: missing }, `${missing} cannot be read: ENOENT`],
    ['a certificate', { ...good, certFile: notes }, `There is no certificate in ${notes}`],
    ['a private key', { ...good, keyFile: notes }, `There is no private key in ${notes}`],
    ['a chain', { ...good, caFile: notes }, `There is no certificate in ${notes}`],
    [
      'the key of that certificate',
      { ...good, keyFile: renewed.keyFile },
      `The key in ${renewed.keyFile} does not belong to ${good.certFile}`,
    ],
  ])('%s that is not there is named', async (_name, files, message) => {
    await expect(open({ tls: files })).rejects.toThrow(message);
  });
});

test('what stands between the certificate and the trusted one is sent, too', async () => {
  const { port } = await open({ tls: chain() });
  const socket = await secure(port, { ca: [readFileSync(join(folder, 'root.crt'))] });
  expect(socket.authorized).toBe(true);
});

describe('when the files change', () => {
  /** A server of its own files, whose time stands still until the test moves it. */
  async function openWithCopies(): Promise<{
    readonly port: number;
    readonly errors: readonly McpError[];
    replace(part: 'certFile' | 'keyFile', by: string | undefined): void;
    pass(): Promise<void>;
  }> {
    const own = mkdtempSync(join(folder, 'own-'));
    const files = { certFile: join(own, 'a.crt'), keyFile: join(own, 'a.key') };
    copyFileSync(good.certFile, files.certFile);
    copyFileSync(good.keyFile, files.keyFile);
    const errors: McpError[] = [];
    const { clock } = manualPlatform();
    const onError = (error: McpError): void => void errors.push(error);
    const platform = { ...systemPlatform, clock };
    // A period that no other timer has.
    const tlsReloadMs = 5003;
    const { port } = await open({ tls: files, platform, onError, limits: { tlsReloadMs } });
    return {
      port,
      errors,
      replace(part, by) {
        if (by === undefined) rmSync(files[part]);
        else copyFileSync(by, files[part]);
      },
      async pass() {
        await clock.armed((ms) => ms > 0 && ms <= tlsReloadMs);
        await clock.advance(tlsReloadMs);
        // The next look is planned once this one is over.
        await clock.armed((ms) => ms === tlsReloadMs);
      },
    };
  }
  const nameAt = async (port: number): Promise<string> =>
    String((await secure(port)).getPeerCertificate().subject.CN);

  test('new connections see the new certificate, and old ones go on', async () => {
    const { port, errors, replace, pass } = await openWithCopies();
    const old = await secure(port);
    expect(await ask(old, look(port))).toMatch(/^HTTP\/1\.1 200 /);
    replace('certFile', renewed.certFile);
    replace('keyFile', renewed.keyFile);
    expect(await nameAt(port)).toBe('good');
    await pass();
    expect(await nameAt(port)).toBe('renewed');
    expect(await ask(old, look(port))).toMatch(/^HTTP\/1\.1 200 /);
    expect(errors).toEqual([]);
  });

  test('half of a renewal is reported, once, and taken up when it is whole', async () => {
    const { port, errors, replace, pass } = await openWithCopies();
    replace('certFile', renewed.certFile);
    await pass();
    await pass();
    expect(await nameAt(port)).toBe('good');
    expect(errors).toHaveLength(1);
    expect(errors[0]?.message).toMatch(/does not belong to .*stays in use/);
    replace('keyFile', renewed.keyFile);
    await pass();
    expect(await nameAt(port)).toBe('renewed');
    expect(errors).toHaveLength(1);
  });

  test('a file that is gone is reported, and the certificate stays', async () => {
    const { port, errors, replace, pass } = await openWithCopies();
    replace('keyFile', undefined);
    await pass();
    expect(await nameAt(port)).toBe('good');
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(/a\.key cannot be read: ENOENT. .*stays in use/),
    ]);
  });

  test('both addresses have the new one', async () => {
    const { port, replace, pass } = await openWithCopies();
    replace('certFile', renewed.certFile);
    replace('keyFile', renewed.keyFile);
    await pass();
    for (const host of ['127.0.0.1', '::1']) {
      const socket = await secure(port, { host }).catch(() => undefined);
      if (socket === undefined && host === '::1') continue;
      expect(socket?.getPeerCertificate().subject.CN, host).toBe('renewed');
    }
  });
});

test('slow bodies and idle connections are cut as they are without TLS', async () => {
  const { port } = await open({ limits: { bodyMs: 100, idleConnectionMs: 100, slowCheckMs: 20 } });
  const slow = await secure(port);
  expect(await ask(slow, look(port).subarray(0, -5))).toMatch(/^HTTP\/1\.1 408 /);
  const agent = new Agent({ keepAlive: true, ca: readFileSync(good.certFile) });
  const sent = request({ port, host: '127.0.0.1', path: '/healthz', agent }).end();
  const [socket] = (await once(sent, 'socket')) as [TLSSocket];
  const closed = once(socket, 'close');
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  expect(response.resume().statusCode).toBe(200);
  await closed;
  agent.destroy();
});

/** A certificate behind an authority that is behind the root. */
function chain(): TlsFiles {
  const at = (name: string): string => join(folder, name);
  const extensions = at('extensions.cnf');
  const openssl = (...words: string[]): void =>
    void execFileSync('openssl', words, { stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const root = ['-keyout', at('root.key'), '-out', at('root.crt')];
  openssl('req', '-x509', ...key, '-days', '2', '-subj', '/CN=root', ...root);
  const sign = (name: string, by: string, text: string): void => {
    writeFileSync(extensions, text);
    openssl('req', ...key, '-subj', `/CN=${name}`, '-keyout', at(`${name}.key`), '-out', at('csr'));
    const ca = ['-CA', at(`${by}.crt`), '-CAkey', at(`${by}.key`), '-CAcreateserial'];
    const made = ['-days', '2', '-extfile', extensions, '-out', at(`${name}.crt`)];
    openssl('x509', '-req', '-in', at('csr'), ...ca, ...made);
  };
  sign('between', 'root', 'basicConstraints=critical,CA:TRUE\n');
  sign('leaf', 'between', 'subjectAltName=DNS:localhost\n');
  return { certFile: at('leaf.crt'), keyFile: at('leaf.key'), caFile: at('between.crt') };
}
