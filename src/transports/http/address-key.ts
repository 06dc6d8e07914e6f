import { type Address, isThisMachine, readAddress } from './addresses.js';

/**
 * One caller as far as addresses tell: an IPv4 address, or the network of an IPv6 address, of which
 * a household has a whole one (RFC 6177). Undefined where addresses tell nobody apart: unknown, or
 * this machine.
 */
export function addressKey(address: string | undefined): string | undefined {
  return keyOf(readAddress(address));
}

export function keyOf(address: Address | undefined): string | undefined {
  if (address === undefined || isThisMachine(address)) return undefined;
  return address.isIPv4 ? address.text : networkOf(address);
}

/** The first 64 bits. */
function networkOf({ groups }: Address): string {
  return groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':');
}
