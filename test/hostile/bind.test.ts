/** Where a server listens, what it wants for that, and what is left of it after the end. */
import { createHook } from 'node:async_hooks';
import { once } from 'node:events';
import { createServer, Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { McpError } from '../../src/errors.js';
import { systemClock } from '../../src/platform/clock.js';
import { systemPlatform } from '../../src/platform/platform.js';
import { listen, type Listening, type ListenOptions } from '../../src/transports/http/index.js';
import { modernCall } from './attack.js';
import { wireBytes } from './bytes.js';
import { Line } from './raw-http.js';
import { letIn } from '../let-in.js';
import { certificates } from './self-signed.js';
import { createVictim } from './victim.js';

const { good } = certificates();
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

async function open(options: ListenOptions = {}): Promise<Listening> {
  const listening = await listen(createVictim().served, options);
  opened.push({ close: () => listening.close({ drainMs: 0 }) });
  return listening;
}

async function holdPort(host: string, port = 0): Promise<number> {
  const server = createServer().listen(port, host);
  opened.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const port = await holdPort('127.0.0.1');
  const server = opened.pop() as Server;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Whether something listens there. */
async function answers(host: string, port: number): Promise<boolean> {
  const line = await Line.to(port, host).catch(() => undefined);
  line?.hangUp();
  return line !== undefined;
}

const hasIpv6 = await holdPort('::1').then(
  () => true,
  () => false,
);

describe('as it comes a server listens', () => {
  test.runIf(hasIpv6)('on both loopback addresses, at one port', async () => {
    const { port, url } = await open();
    expect(url).toBe(`http://127.0.0.1:${port}/mcp`);
    for (const host of ['127.0.0.1', '::1']) {
      const line = await Line.to(port, host);
      line.write(wireBytes(modernCall('look'), { port }));
      expect((await line.answer())?.status, host).toBe(200);
      line.hangUp();
    }
  });

  test.runIf(hasIpv6)('only on the one that is named', async () => {
    const { port, url } = await open({ host: '::1' });
    expect(url).toBe(`http://[::1]:${port}/mcp`);
    expect([await answers('::1', port), await answers('127.0.0.1', port)]).toEqual([true, false]);
    const other = await open({ host: '127.0.0.1' });
    expect(await answers('::1', other.port)).toBe(false);
  });

  test.runIf(hasIpv6).each(['127.0.0.1', '::1'])('on none if %s is taken', async (taken) => {
    const port = await holdPort(taken);
    await expect(open({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const other = taken === '::1' ? '127.0.0.1' : '::1';
    expect(await answers(other, port)).toBe(false);
  });

  test('on none, after one attempt, if a port that was chosen is taken', async () => {
    const seen = failOnIpv6('EADDRINUSE', Infinity);
    const port = await freePort();
    await expect(open({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(seen.ports).toEqual([port]);
  });

  test('without a word on one where the machine has no IPv6', async () => {
    for (const code of ['EADDRNOTAVAIL', 'EAFNOSUPPORT']) {
      const seen = failOnIpv6(code, Infinity);
      const errors: McpError[] = [];
      const { port } = await open({ onError: (error) => errors.push(error) });
      expect(await answers('127.0.0.1', port)).toBe(true);
      expect([errors, seen.ports]).toEqual([[], [port]]);
      vi.restoreAllMocks();
    }
  });

  test('at another port when the first is taken by another on the other address', async () => {
    const seen = failOnIpv6('EADDRINUSE', 3);
    const { port } = await open();
    expect(await answers('127.0.0.1', port)).toBe(true);
    for (const tried of seen.ports) expect(await answers('127.0.0.1', tried)).toBe(tried === port);
    expect(seen.ports).toHaveLength(hasIpv6 ? 4 : 3);
  });

  test('and gives up after some attempts', async () => {
    const seen = failOnIpv6('EADDRINUSE', Infinity);
    await expect(open()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(seen.ports).toHaveLength(20);
    for (const tried of seen.ports) expect(await answers('127.0.0.1', tried)).toBe(false);
  });
});

/** Has the system refuse ::1 so many times; the ports that were asked for there are kept. */
function failOnIpv6(code: string, times: number): { readonly ports: number[] } {
  const ports: number[] = [];
  const real = Server.prototype.listen as (...words: unknown[]) => Server;
  vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server, ...words) {
    const { port = 0, host } = words[0] as ListenOptions;
    if (host !== '::1') return real.apply(this, words);
    ports.push(port);
    if (ports.length > times) return real.apply(this, words);
    queueMicrotask(() => this.emit('error', Object.assign(new Error(code), { code })));
    return this;
  });
  return { ports };
}

describe('for a public address', () => {
  const auth = letIn(() => 'x');
  const tls = good;
  const all = { host: '0.0.0.0', auth, allowedHosts: ['mcp.example'] };

  test.each<[string, ListenOptions, RegExp]>([
    ['who is calling', { ...all, tls, auth: undefined as never }, /Give auth \([^,]*; or/],
    ['a name', { ...all, tls, allowedHosts: [] }, /Give allowedHosts or publicUrl [^,]*; or/],
    ['TLS', all, /Give tls \(or trustedProxies.*; or/],
    ['TLS, though the list of proxies is empty', { ...all, trustedProxies: [] }, /Give tls/],
    ['all three', { host: '0.0.0.0' }, /Give auth.*, and allowedHosts.*, and tls.*; or listen on/],
  ])('%s is asked for', async (_name, { auth: asked, ...options }, message) => {
    const given = asked === undefined ? options : { ...options, auth: asked };
    await expect(open(given)).rejects.toMatchObject({ kind: 'forbidden', message });
  });

  test.each<[string, ListenOptions]>([
    ['a certificate', { ...all, tls }],
    ['a proxy that is declared', { ...all, trustedProxies: ['10.0.0.0/8'] }],
    ['a danger that is named', { ...all, dangerouslyAllowPlainHttp: true }],
  ])('%s suffices beside them', async (_name, options) => {
    expect((await open(options)).port).toBeGreaterThan(0);
  });

  test('the named danger does not stand for the rest', async () => {
    const options = { host: '0.0.0.0', dangerouslyAllowPlainHttp: true };
    await expect(open(options)).rejects.toMatchObject({ kind: 'forbidden' });
  });
});

describe('after the end', () => {
  test.each<[string, ListenOptions, string[]]>([
    ['nobody is there', {}, []],
    ['nobody is there by https', { tls: good }, []],
    [
      'clients are silent',
      {},
      ['', 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n'],
    ],
    ['clients never finish a handshake', { tls: good }, ['', '\x16\x03']],
  ])('nothing is left where %s', async (_name, options, sent) => {
    const timers = watchTimers();
    const clock = countingClock();
    const platform = { ...systemPlatform, clock };
    const listening = await listen(createVictim().served, { ...options, platform });
    const lines: Line[] = [];
    for (const bytes of sent) {
      const line = await Line.to(listening.port);
      line.write(bytes);
      lines.push(line);
    }
    await Promise.all([listening.close({ drainMs: 0 }), listening.close()]);
    await Promise.all(lines.map((line) => line.closed));
    await listening.close();
    for (const line of lines) line.hangUp();
    expect(clock.waiting).toBe(0);
    const left = (): readonly string[] => [...census(), ...timers.left()];
    // Node takes a few turns to let go of a socket, and to say so of a timer.
    for (let turns = 0; turns < 100 && left().length > 0; turns++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(left()).toEqual([]);
    timers.stop();
    expect(await answers('127.0.0.1', listening.port)).toBe(false);
  });

  test('nor of one that could not begin', async () => {
    const port = await holdPort('127.0.0.1');
    const clock = countingClock();
    const platform = { ...systemPlatform, clock };
    for (const options of [{ port }, { host: '0.0.0.0' }, { trustedProxies: ['nonsense'] }]) {
      await expect(open({ ...options, platform })).rejects.toThrow(/./);
      expect(clock.waiting).toBe(0);
    }
  });
});

/** The sockets, servers and watchers of this process; the test runner talks by pipes. */
function census(): readonly string[] {
  const names = /^(?:TCP|TLS|FSEvent|StatWatcher)/;
  return process
    .getActiveResourcesInfo()
    .filter((name) => names.test(name))
    .sort();
}

/** Sees the timers that our code sets from here on and that neither fired nor were cleared. */
function watchTimers(): { left(): readonly string[]; stop(): void } {
  const timers = new Set<number>();
  const hook = createHook({
    init(id, type) {
      // Node has timers of its own, such as the one for the date in its answers.
      if (type === 'Timeout' && new Error('here').stack?.includes('/src/')) timers.add(id);
    },
    destroy: (id) => void timers.delete(id),
  }).enable();
  return { left: () => [...timers].map((id) => `timer ${id}`), stop: () => void hook.disable() };
}

function countingClock(): typeof systemClock & { readonly waiting: number } {
  const waiting = new Set<object>();
  return {
    ...systemClock,
    after(ms, action, options) {
      const timer = {};
      waiting.add(timer);
      const fire = (): void => {
        waiting.delete(timer);
        action();
      };
      const stop = systemClock.after(ms, fire, options);
      return () => {
        waiting.delete(timer);
        stop();
      };
    },
    get waiting() {
      return waiting.size;
    },
  };
}
