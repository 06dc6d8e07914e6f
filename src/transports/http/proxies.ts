import { keyOf } from './address-key.js';
import { type Address, isThisMachine, isWithin, readAddress, readNetwork } from './addresses.js';

/** Who sent a request, as far as it can be believed. */
export interface Caller {
  readonly remoteAddress: string | undefined;
  /** As whom limits count it; undefined where that would be everybody at once, or this machine. */
  readonly key: string | undefined;
  /** A proxy that is trusted brought the request, and did not say for whom. */
  readonly isUntold: boolean;
}

export interface Proxies {
  isTrusted(address: string | undefined): boolean;
  /** `peer` is the other end of the connection. Never throws, whatever the headers say. */
  callerOf(peer: string | undefined, rawHeaders: readonly string[]): Caller;
}

/** Throws a RangeError that names an entry which is neither an address nor a network. */
export function readProxies(entries: readonly string[]): Proxies {
  const networks = entries.map(readEntry);
  const isTrusted = (address: Address): boolean =>
    networks.some((network) => isWithin(address, network));
  return {
    isTrusted(address) {
      // Asked of each connection.
      if (networks.length === 0) return false;
      const read = readAddress(address);
      return read !== undefined && isTrusted(read);
    },
    callerOf(peer, rawHeaders) {
      let client = readAddress(peer);
      if (client === undefined) return { remoteAddress: peer, key: undefined, isUntold: false };
      if (!isTrusted(client)) return callerAt(client);
      for (const hop of hopsFromRight(rawHeaders)) {
        const next = hop.includes('%') ? undefined : readAddress(hop);
        // Whoever wrote nonsense here is not to be believed about what stands left of it; and this
        // machine, of which nothing is counted, is named by nobody else than proxies on it.
        if (next === undefined || (isThisMachine(next) && !isTrusted(next))) {
          return { remoteAddress: client.text, key: client.text, isUntold: true };
        }
        client = next;
        if (!isTrusted(client)) return callerAt(client);
      }
      return { remoteAddress: client.text, key: undefined, isUntold: true };
    },
  };
}

function callerAt(address: Address): Caller {
  return { remoteAddress: address.text, key: keyOf(address), isUntold: false };
}

function readEntry(entry: string): ReturnType<typeof readNetwork> & object {
  const network = readNetwork(entry);
  if (network === undefined) {
    throw new RangeError(
      `trustedProxies: "${entry}" is neither an address nor a network. ` +
        'Write it like 10.0.0.7, 10.0.0.0/8 or fd00::/8.',
    );
  }
  if (network.bits === (network.first.isIPv4 ? 96 : 0)) {
    throw new RangeError(`trustedProxies: "${entry}" is everybody. Name your own proxies.`);
  }
  return network;
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
