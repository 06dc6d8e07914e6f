import { BlockList, isIP, SocketAddress } from 'node:net';

/** Who sent a request, as far as it can be believed. */
export interface Caller {
  readonly remoteAddress: string | undefined;
  /** A proxy that is trusted brought it. */
  readonly isProxied: boolean;
}

export interface Proxies {
  isTrusted(address: string | undefined): boolean;
  /** `peer` is the other end of the socket. Never throws, whatever the headers say. */
  callerOf(peer: string | undefined, rawHeaders: readonly string[]): Caller;
}

/** Throws a RangeError that names an entry which is neither an address nor a network. */
export function readProxies(entries: readonly string[]): Proxies {
  const list = new BlockList();
  for (const entry of entries) addTo(list, entry);
  const isTrusted = (address: string): boolean =>
    entries.length > 0 && list.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
  return {
    isTrusted(address) {
      const plain = plainAddress(address);
      return plain !== undefined && isTrusted(plain);
    },
    callerOf(peer, rawHeaders) {
      const plain = plainAddress(peer);
      if (plain === undefined || !isTrusted(plain)) {
        return { remoteAddress: plain ?? peer, isProxied: false };
      }
      let client = plain;
      for (const hop of hopsFromRight(rawHeaders)) {
        const address = addressOfHop(hop);
        // Whoever wrote nonsense here is not to be believed about what stands left of it.
        if (address === undefined) break;
        client = address;
        if (!isTrusted(address)) break;
      }
      return { remoteAddress: client, isProxied: true };
    },
  };
}

function addTo(list: BlockList, entry: string): void {
  const [, written = '', bits] = /^([0-9a-fA-F.:]+)(?:\/([0-9]{1,3}))?$/.exec(entry) ?? [];
  const address = plainAddress(written);
  if (address === undefined) throw malformed(entry);
  const isMapped = written.includes(':') && !address.includes(':');
  const bitsMax = address.includes(':') ? 128 : 32;
  const prefix = bits === undefined ? bitsMax : Number(bits) - (isMapped ? 96 : 0);
  if (prefix === 0) {
    throw new RangeError(`trustedProxies: "${entry}" is everybody. Name your own proxies.`);
  }
  if (!(prefix > 0 && prefix <= bitsMax)) throw malformed(entry);
  list.addSubnet(address, prefix, bitsMax === 128 ? 'ipv6' : 'ipv4');
}

function malformed(entry: string): RangeError {
  return new RangeError(
    `trustedProxies: "${entry}" is neither an address nor a network. ` +
      'Write it like 10.0.0.7, 10.0.0.0/8 or fd00::/8.',
  );
}

/** One spelling for each address: IPv4 where a socket for both families shows IPv6, no zone. */
function plainAddress(address: string | undefined): string | undefined {
  const bare = address?.split('%', 1)[0] ?? '';
  const family = isIP(bare);
  if (family !== 6) return family === 4 ? bare : undefined;
  const canonical = new SocketAddress({ address: bare, family: 'ipv6' }).address;
  return canonical.startsWith('::ffff:') && canonical.includes('.')
    ? canonical.slice('::ffff:'.length)
    : canonical;
}

/** The hops of X-Forwarded-For, the newest first; several lines are one list. */
function* hopsFromRight(rawHeaders: readonly string[]): Generator<string> {
  for (let at = rawHeaders.length - 2; at >= 0; at -= 2) {
    if (rawHeaders[at]!.toLowerCase() !== 'x-forwarded-for') continue;
    let rest = rawHeaders[at + 1]!;
    for (let comma = rest.lastIndexOf(','); comma >= 0; comma = rest.lastIndexOf(',')) {
      yield rest.slice(comma + 1).trim();
      rest = rest.slice(0, comma);
    }
    yield rest.trim();
  }
}

/** `192.0.2.1`, `2001:db8::1`, and with a port, as some proxies write it: `[2001:db8::1]:443`. */
function addressOfHop(hop: string): string | undefined {
  if (hop.length > 64 || hop.includes('%')) return undefined;
  const [, inBrackets, ipv4] =
    /^(?:\[([0-9a-fA-F.:]+)\]|([0-9.]+))(?::[0-9]{1,5})?$/.exec(hop) ?? [];
  if (inBrackets !== undefined)
    return isIP(inBrackets) === 6 ? plainAddress(inBrackets) : undefined;
  return plainAddress(ipv4 ?? hop);
}
