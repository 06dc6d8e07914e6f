import { isLoopback } from './guards/host.js';

/**
 * One caller as far as addresses tell: an IPv4 address, or the network of an IPv6 address, of which
 * a household has a whole one (RFC 6177). Undefined where addresses tell nobody apart: unknown, or
 * this machine.
 */
export function addressKey(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  const plain = unmapped(address);
  if (isLoopback(plain)) return undefined;
  return plain.includes(':') ? networkOf(plain) : plain;
}

/** The IPv4 address that a socket for both families shows as IPv6. */
export function unmapped(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.')
    ? address.slice('::ffff:'.length)
    : address;
}

/** The first 64 bits. */
function networkOf(address: string): string {
  const [before = '', after] = address.split('%', 1)[0]!.split('::', 2);
  const groups = (text: string | undefined): string[] => (text ? text.split(':') : []);
  const [first, last] = [groups(before), groups(after)];
  const between = Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0');
  const all = after === undefined ? first : [...first, ...between, ...last];
  return all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
