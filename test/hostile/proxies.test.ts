/** Whom a server believes about who is calling: proxies that are declared, and nobody else. */
import { afterEach, describe, expect, test } from 'vitest';
import { createEndpoint, type EndpointOptions, listen } from '../../src/transports/http/index.js';
import { readProxies } from '../../src/transports/http/proxies.js';
import { type Headers, wipe } from './attack.js';
import { type Door, openDoor, rawDoorNames } from './doors.js';
import { createVictim } from './victim.js';
import { letIn } from '../let-in.js';

const trusted = ['10.0.0.0/8', '192.0.2.1', 'fd00::/8', '2001:db8:1::7'];
const client = '203.0.113.9';
const net = '2001:db8:0:0';

interface Walk {
  readonly name: string;
  readonly peer: string | undefined;
  /** The lines of X-Forwarded-For. */
  readonly says: readonly string[];
  readonly caller: string | undefined;
  /** Default: the caller, where it is no proxy. */
  readonly key?: string | undefined;
  /** The proxy did not say for whom, so that the log is told. */
  readonly isUntold?: true;
}

const walks: readonly Walk[] = [
  { name: 'one proxy', peer: '10.1.2.3', says: [client], caller: client },
  { name: 'a chain of proxies', peer: '10.1.2.3', says: [`${client}, 10.9.9.9`], caller: client },
  {
    name: 'a client that writes hops of its own',
    peer: '10.1.2.3',
    says: [`1.1.1.1, 10.0.0.1, ${client}`],
    caller: client,
  },
  {
    name: 'a client that is a proxy to believe its words',
    peer: '10.1.2.3',
    says: [`1.1.1.1, ${client}, 10.0.0.1`],
    caller: client,
  },
  {
    name: 'several lines, in their order',
    peer: '192.0.2.1',
    says: ['1.1.1.1', client],
    caller: client,
  },
  {
    name: 'lines of proxies only',
    peer: '10.1.2.3',
    says: ['10.0.0.2', '10.0.0.1'],
    caller: '10.0.0.2',
    key: undefined,
    isUntold: true,
  },
  {
    name: 'nothing said',
    peer: '10.1.2.3',
    says: [],
    caller: '10.1.2.3',
    key: undefined,
    isUntold: true,
  },
  { name: 'IPv6', peer: 'fd00::1', says: ['2001:db8::9'], caller: '2001:db8::9', key: net },
  {
    name: 'IPv6 in capital letters',
    peer: 'fd00::1',
    says: ['2001:DB8:0:0::9'],
    caller: '2001:db8::9',
    key: net,
  },
  {
    name: 'a trusted IPv6 address in another spelling',
    peer: 'fd00::1',
    says: [`${client}, 2001:db8:1:0:0:0:0:7`],
    caller: client,
  },
  {
    name: 'a peer in the form for both families',
    peer: '::ffff:10.1.2.3',
    says: [client],
    caller: client,
  },
  { name: 'the same in hex', peer: '::ffff:a01:203', says: [client], caller: client },
  {
    name: 'a hop in that form',
    peer: '10.1.2.3',
    says: [`${client}, ::ffff:10.0.0.1`],
    caller: client,
  },
  { name: 'a client in that form', peer: '10.1.2.3', says: [`::ffff:${client}`], caller: client },
  {
    name: 'a link-local peer, whose zone is ours',
    peer: 'fe80::1%eth0',
    says: [client],
    caller: 'fe80::1',
    key: 'fe80:0:0:0',
  },
  {
    name: 'hops with ports',
    peer: '10.1.2.3',
    says: [`${client}:1234, 10.0.0.1:80`],
    caller: client,
  },
  {
    name: 'IPv6 with a port',
    peer: '10.1.2.3',
    says: ['[2001:db8::9]:1234'],
    caller: '2001:db8::9',
    key: net,
  },
  {
    name: 'IPv6 in brackets',
    peer: '10.1.2.3',
    says: ['[2001:db8::9]'],
    caller: '2001:db8::9',
    key: net,
  },
  { name: 'no proxy', peer: client, says: ['127.0.0.1'], caller: client },
  {
    name: 'a neighbour of a proxy',
    peer: '192.0.2.2',
    says: ['127.0.0.1'],
    caller: '192.0.2.2',
  },
  {
    name: 'a peer that is gone',
    peer: undefined,
    says: [client],
    caller: undefined,
  },
  // What is malformed ends the walk: the client is whoever brought it.
  ...[
    'unknown',
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '0x7f000001',
    '2130706433',
    '010.0.0.1',
    '127.1',
    'localhost',
    'fe80::1%lo',
    '[1.2.3.4]',
    '[::1',
    '1.2.3.4:99999999',
    '1.2.3.4:',
    '10.0.0.0/8',
    '"[2001:db8::9]"',
    'for=1.1.1.1',
    '1.2.3.4 5.6.7.8',
    '\u0000',
    '1'.repeat(16_000),
    // This machine, of which nothing is counted.
    '127.0.0.1',
    '127.9.9.9',
    '::1',
    '0:0:0:0:0:0:0:1',
    '::FFFF:7f00:1',
    '[::1]:80',
  ].flatMap((hop): Walk[] => [
    {
      name: `only ${JSON.stringify(hop.slice(0, 20))}`,
      peer: '10.1.2.3',
      says: [hop],
      caller: '10.1.2.3',
      isUntold: true,
    },
    {
      name: `${JSON.stringify(hop.slice(0, 20))} left of a proxy`,
      peer: '10.1.2.3',
      says: [`127.0.0.1, ${hop}, 10.0.0.7`],
      caller: '10.0.0.7',
      isUntold: true,
    },
  ]),
];

describe('the caller of a request with', () => {
  const proxies = readProxies(trusted);
  test.each(walks)('$name', (walk) => {
    const { peer, says, caller, isUntold = false } = walk;
    const key = 'key' in walk ? walk.key : caller;
    const headers = says.flatMap((line) => ['X-Forwarded-For', line]);
    const raw = ['Host', 'a', ...headers, 'x-forwarded-for-me', '1.1.1.1'];
    expect(proxies.callerOf(peer, raw)).toEqual({ remoteAddress: caller, key, isUntold });
  });

  test('very many hops is found in linear time', () => {
    const timeOf = (hops: number): number => {
      const raw = ['X-Forwarded-For', '10.0.0.1,'.repeat(hops) + '10.0.0.1'];
      return Math.min(
        ...Array.from({ length: 5 }, () => {
          const start = performance.now();
          proxies.callerOf('10.1.2.3', raw);
          return performance.now() - start;
        }),
      );
    };
    timeOf(2000);
    expect(timeOf(40_000) / timeOf(10_000)).toBeLessThan(8);
  });
});

const publicUrl = 'https://mcp.example';

describe('a list of proxies', () => {
  const server = (): Parameters<typeof listen>[0] => createVictim().served;
  test.each([
    '',
    'proxy.example',
    '10.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    'fd00::/129',
    '::ffff:10.0.0.0/95',
    '256.0.0.1',
    ' 10.0.0.1',
    '10.0.0.1,10.0.0.2',
    'fe80::1%eth0',
    '*',
    '0.0.0.0/0',
    '::/0',
  ])('does not begin with %j in it', async (entry) => {
    const trustedProxies = ['10.0.0.1', entry];
    const named = { name: 'RangeError', message: expect.stringContaining(`"${entry}"`) as string };
    await expect(listen(server(), { trustedProxies, publicUrl })).rejects.toMatchObject(named);
    const make = (): unknown => createEndpoint(server(), { trustedProxies, publicUrl });
    expect(make).toThrow(expect.objectContaining(named));
  });

  test.each(['0.0.0.0/0', '::/0', '::ffff:0:0/96'])('says that %s is everybody', (entry) => {
    expect(() => readProxies([entry])).toThrow('is everybody');
  });

  test.each([
    ['10.0.0.0/8', '10.255.0.1', '11.0.0.1'],
    ['192.0.2.7', '::ffff:192.0.2.7', '192.0.2.8'],
    ['::ffff:10.0.0.0/104', '10.1.1.1', '11.0.0.1'],
    ['fd00::/8', 'fdff::1', 'fe00::1'],
    ['127.0.0.0/8', '127.9.9.9', '128.0.0.1'],
    ['::1', '::1', '::2'],
  ])('with %s trusts %s and not %s', (entry, one, other) => {
    const { isTrusted } = readProxies([entry]);
    expect([isTrusted(one), isTrusted(other)]).toEqual([true, false]);
  });

  test.each(['10.0.0.1', '127.0.0.1'])('with %s only needs auth or a name', (entry) => {
    const make = (options: EndpointOptions): unknown =>
      createEndpoint(server(), { trustedProxies: [entry], ...options });
    expect(() => make({})).toThrow(RangeError);
    expect(() => make({})).toThrow(
      'trustedProxies: a server behind a proxy needs auth, or the pub',
    );
    expect(make({ publicUrl })).toMatchObject({ isPrivate: false });
    expect(make({ publicUrl, auth: letIn(() => 'x') })).toMatchObject({ isPrivate: false });
    expect(createEndpoint(server(), { trustedProxies: [] })).toMatchObject({ isPrivate: true });
  });

  test('that is empty trusts nobody', () => {
    const { isTrusted } = readProxies([]);
    expect([isTrusted('127.0.0.1'), isTrusted('::1'), isTrusted(undefined)]).toEqual([
      false,
      false,
      false,
    ]);
  });
});

const open = new Set<Door>();
afterEach(async () => {
  await Promise.all([...open].map((door) => door.close()));
  open.clear();
});

describe.each(rawDoorNames)('by %s', (name) => {
  async function statusOf(headers: Headers, options: EndpointOptions): Promise<number | undefined> {
    const door = await openDoor(name, options);
    open.add(door);
    const { heard } = await door.send({ ...wipe, headers: { ...wipe.headers, ...headers } });
    return heard?.status;
  }

  async function callerSeen(
    headers: Headers,
    trustedProxies?: readonly string[],
  ): Promise<unknown> {
    const seen: unknown[] = [];
    await statusOf(
      { ...headers, authorization: 'Bearer x' },
      {
        ...(trustedProxies === undefined ? {} : { trustedProxies }),
        auth: letIn((_token, { remoteAddress }) => {
          seen.push(remoteAddress);
          return 'x';
        }),
      },
    );
    return seen[0];
  }

  const forwarded = { 'x-forwarded-for': [`10.0.0.1, ${client}`, '127.0.0.1'] };

  test('verify is told who the client of a declared proxy is', async () => {
    expect(await callerSeen(forwarded, ['127.0.0.1'])).toBe(client);
  });

  test.each([[undefined], [[]], [['10.0.0.0/8']]])(
    'what others say counts for nothing (%j)',
    async (proxies) => expect(await callerSeen(forwarded, proxies)).toBe('127.0.0.1'),
  );

  test.each(['x-real-ip', 'forwarded', 'true-client-ip', 'cf-connecting-ip', 'x-forwarded-host'])(
    'nor what a proxy says by %s',
    async (header) =>
      expect(await callerSeen({ [header]: client }, ['127.0.0.1'])).toBe('127.0.0.1'),
  );

  test('a server that everybody is welcome at is told who they are, and counts them', async () => {
    const limits = { strangerRequestBurstMax: 1 };
    const door = await openDoor(name, { publicUrl, trustedProxies: ['127.0.0.1'], limits });
    open.add(door);
    const from = async (address: string): Promise<number | undefined> => {
      const headers = { ...wipe.headers, 'x-forwarded-for': address };
      return (await door.send({ ...wipe, headers })).heard?.status;
    };
    // Connections that are kept are tried with a second request, which has no such header.
    expect([await from(client), await from(client), await from('::1, 203.0.113.8')]).toEqual([
      200, 429, 200,
    ]);
  });

  test('but not to a name that is not served', async () => {
    const headers = { ...forwarded, host: 'evil.example', 'x-forwarded-host': 'localhost' };
    expect(await statusOf(headers, { publicUrl, trustedProxies: ['127.0.0.1'] })).toBe(403);
  });
});
