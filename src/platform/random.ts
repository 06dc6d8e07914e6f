/** Unpredictable bytes, injected so that tests can replay them. */
export interface Random {
  bytes(count: number): Uint8Array;
}

/** Asking the system costs the same for a few bytes as for many. */
const poolBytes = 1024;
let pool: Uint8Array<ArrayBuffer> | undefined;
let poolAt = poolBytes;

export const systemRandom: Random = {
  bytes(count) {
    if (count > poolBytes / 4) return globalThis.crypto.getRandomValues(new Uint8Array(count));
    if (poolAt + count > poolBytes) {
      pool = globalThis.crypto.getRandomValues(pool ?? new Uint8Array(poolBytes));
      poolAt = 0;
    }
    const bytes = pool!.slice(poolAt, poolAt + count);
    // What was given once is nowhere else any more.
    pool!.fill(0, poolAt, (poolAt += count));
    return bytes;
  },
};

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Base64url without padding (RFC 4648, section 5). */
export function toBase64Url(bytes: Uint8Array): string {
  const digits: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = [bytes[i], bytes[i + 1], bytes[i + 2]];
    const word = (a << 16) | (b << 8) | c;
    const count = Math.min(4, Math.ceil(((bytes.length - i) * 8) / 6));
    for (let d = 0; d < count; d++) digits.push(alphabet[(word >> (18 - 6 * d)) & 63]!);
  }
  // What grows by one digit after another would be kept as so many pieces, for as long as it lives.
  return digits.join('');
}

const digitOf = new Map([...alphabet].map((char, digit) => [char, digit]));

/** Undefined for anything that `toBase64Url` would not have written. */
export function fromBase64Url(text: string): Uint8Array | undefined {
  if (text.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 6) / 8));
  let word = 0;
  let bits = 0;
  let at = 0;
  for (const char of text) {
    const digit = digitOf.get(char);
    if (digit === undefined) return undefined;
    word = ((word << 6) | digit) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (word >> bits) & 255;
    }
  }
  // Spare bits must be zero, or two texts would stand for the same bytes.
  return (word & ((1 << bits) - 1)) === 0 ? bytes : undefined;
}
