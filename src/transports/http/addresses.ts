/** An IPv4 or IPv6 address. */
export interface Address {
  /** Its one spelling: IPv4 also where a socket for both families shows it as IPv6; no zone. */
  readonly text: string;
  readonly isIPv4: boolean;
  /** Eight times 16 bits; IPv4 stands in the last two, behind `::ffff:`. */
  readonly groups: readonly number[];
}

/** The addresses that begin with the same bits. */
export interface Network {
  readonly first: Address;
  /** Of the 128 of `groups`. */
  readonly bits: number;
}

/**
 * Reads an address as sockets, runtimes and proxies write it: also with a zone (`fe80::1%eth0`), or
 * with a port (`192.0.2.1:443`, `[2001:db8::1]:443`).
 */
export function readAddress(text: string | undefined): Address | undefined {
  if (text === undefined || text.length > lengthMax) return undefined;
  const [bare = ''] = text.split('%', 1);
  const [, ipv6, ipv4] = withPort.exec(bare) ?? [];
  if (ipv6 !== undefined) return ipv6.includes(':') ? readBare(ipv6) : undefined;
  return readBare(ipv4 ?? bare);
}

/** Reads `10.0.0.7`, `10.0.0.0/8` or `fd00::/8`: nothing beside it, and no zone. */
export function readNetwork(text: string): Network | undefined {
  if (text.length > lengthMax) return undefined;
  const [, written = '', length] = /^([0-9a-f.:]+)(?:\/([0-9]{1,3}))?$/i.exec(text) ?? [];
  const first = readBare(written);
  if (first === undefined) return undefined;
  const isShort = !written.includes(':');
  const bits = length === undefined ? 128 : Number(length) + (isShort ? 96 : 0);
  return bits > 128 || (first.isIPv4 && bits < 96) ? undefined : { first, bits };
}

export function isWithin({ groups, isIPv4 }: Address, { first, bits }: Network): boolean {
  if (isIPv4 !== first.isIPv4) return false;
  const whole = bits >> 4;
  for (let at = 0; at < whole; at++) if (groups[at] !== first.groups[at]) return false;
  const rest = 16 - (bits & 15);
  return rest === 16 || groups[whole]! >> rest === first.groups[whole]! >> rest;
}

/** Whether an address can only be this machine. */
export function isThisMachine({ groups, isIPv4 }: Address): boolean {
  if (isIPv4) return groups[6]! >> 8 === 127;
  return groups[7] === 1 && groups.every((group, at) => group === 0 || at === 7);
}

/** A zone may be as long as the name of an interface. */
const lengthMax = 64;

const withPort = /^(?:\[([0-9a-f.:]+)\]|([0-9.]+))(?::[0-9]{1,5})?$/i;

function readBare(text: string): Address | undefined {
  const groups = text.includes(':') ? groupsOfIPv6(text) : mapped(groupsOfIPv4(text));
  if (groups === undefined) return undefined;
  const isIPv4 = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  return { text: isIPv4 ? textOfIPv4(groups) : textOfIPv6(groups), isIPv4, groups };
}

function mapped(groups: readonly number[] | undefined): readonly number[] | undefined {
  return groups && [0, 0, 0, 0, 0, 0xffff, ...groups];
}

/** Four decimals and nothing cleverer: who takes `010.0.0.1` for octal reads another address. */
function groupsOfIPv4(text: string): readonly number[] | undefined {
  const parts = text.split('.', 5);
  if (parts.length !== 4) return undefined;
  const bytes = parts.map((part) => (/^(?:0|[1-9][0-9]{0,2})$/.test(part) ? Number(part) : 256));
  if (bytes.some((byte) => byte > 255)) return undefined;
  return [bytes[0]! * 256 + bytes[1]!, bytes[2]! * 256 + bytes[3]!];
}

/** RFC 4291, section 2.2. */
function groupsOfIPv6(text: string): readonly number[] | undefined {
  const [before = '', after, more] = text.split('::', 3);
  if (more !== undefined) return undefined;
  const first = groupsIn(before, after === undefined);
  const last = after === undefined ? [] : groupsIn(after, true);
  if (first === undefined || last === undefined) return undefined;
  const missing = 8 - first.length - last.length;
  // What "::" stands for is one group at least.
  if (after === undefined ? missing !== 0 : missing < 1) return undefined;
  return [...first, ...Array<number>(missing).fill(0), ...last];
}

/** `mayEndAsIPv4`: the last 32 bits of an address may be written in that way. */
function groupsIn(text: string, mayEndAsIPv4: boolean): readonly number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':', 9);
  for (const [at, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const ipv4 = mayEndAsIPv4 && at === parts.length - 1 ? groupsOfIPv4(part) : undefined;
    if (ipv4 === undefined) return undefined;
    groups.push(...ipv4);
  }
  return groups;
}

function textOfIPv4(groups: readonly number[]): string {
  return [groups[6]! >> 8, groups[6]! & 255, groups[7]! >> 8, groups[7]! & 255].join('.');
}

/** RFC 5952, section 4: the longest run of zeros is left out, the first of equals. */
function textOfIPv6(groups: readonly number[]): string {
  let [start, length] = [0, 1];
  for (let at = 0, run = 0; at < groups.length; at++) {
    run = groups[at] === 0 ? run + 1 : 0;
    if (run > length) [start, length] = [at + 1 - run, run];
  }
  const hex = (from: number, to?: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return length === 1 ? hex(0) : `${hex(0, start)}::${hex(start + length)}`;
}
