import { BlockList, isIP } from 'node:net';

export interface Address {
  readonly address: string;
  readonly family: number;
}

/** How far an address is from the public: each kind may be asked where a later one may. */
export type Nearness = 'public' | 'private' | 'loopback' | 'special';

const order: readonly Nearness[] = ['public', 'private', 'loopback', 'special'];

export function isNearer(one: Nearness, other: Nearness): boolean {
  return order.indexOf(one) > order.indexOf(other);
}

/** `special` is what nobody means: link-local addresses, tunnels, examples, and so on. */
export function nearnessOf(address: Address): Nearness {
  if (isIn(loopback, address)) return 'loopback';
  if (isIn(own, address)) return 'private';
  return isIn(special, address) ? 'special' : 'public';
}

/** One list for each family: in a common one, `::/3` would hold all of IPv4. */
export interface Networks {
  readonly ipv4: BlockList;
  readonly ipv6: BlockList;
}

export function isIn({ ipv4, ipv6 }: Networks, { address, family }: Address): boolean {
  return family === 6 ? ipv6.check(address, 'ipv6') : ipv4.check(address, 'ipv4');
}

/** Throws a RangeError for what is no network. */
export function networksOf(networks: readonly string[]): Networks {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const network of networks) {
    const [address = '', prefix] = network.split('/', 2);
    const family = isIP(address);
    const bits = prefix === undefined ? (family === 6 ? 128 : 32) : Number(prefix);
    if (family === 0 || !Number.isInteger(bits) || bits < 1 || bits > (family === 6 ? 128 : 32)) {
      throw new RangeError(`allowedNetworks: "${network}" is no network like 10.0.0.0/8`);
    }
    const type = family === 6 ? 'ipv6' : 'ipv4';
    lists[type].addSubnet(address, bits, type);
  }
  return lists;
}

const loopback: Networks = networksOf(['127.0.0.0/8', '::1']);

/** Networks that belong to whoever is in them, with those between a provider and its customers. */
const own: Networks = networksOf([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
]);

/** What else is no global unicast: the special-purpose registries of IANA, what wraps an IPv4. */
const special: Networks = networksOf([
  '0.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Everything outside of 2000::/3, and within it tunnels and what is for examples.
  '::/3',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  '4000::/2',
  '8000::/1',
]);
