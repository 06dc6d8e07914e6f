/** Base64 (RFC 4648, section 4) on any runtime: the encoder is fast, the decoder is strict. */

/** Uses the runtime's own encoder where there is one. */
export function toBase64(bytes: Uint8Array): string {
  const native = (bytes as { toBase64?: () => string }).toBase64;
  return typeof native === 'function' ? native.call(bytes) : encodeByTable(bytes);
}

/** The bytes; nothing where padding, alphabet or unused bits are not as an encoder makes them. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  const digits = text.length - padding;
  let bits = 0;
  let bitCount = 0;
  let at = 0;
  for (let index = 0; index < digits; index++) {
    const digit = digitValues[text.charCodeAt(index)] ?? noDigit;
    if (digit === noDigit) return undefined;
    bits = ((bits << 6) | digit) & 0xffff;
    bitCount += 6;
    if (bitCount >= 8) {
      bitCount -= 8;
      bytes[at++] = bits >> bitCount;
    }
  }
  return (bits & ((1 << bitCount) - 1)) === 0 ? bytes : undefined;
}

/** For runtimes without an encoder of their own: Node before 25, and older browsers. */
export function encodeByTable(bytes: Uint8Array): string {
  const out = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  const whole = bytes.length - (bytes.length % 3);
  let at = 0;
  for (let index = 0; index < whole; index += 3) {
    const bits = (bytes[index]! << 16) | (bytes[index + 1]! << 8) | bytes[index + 2]!;
    out[at++] = digits[bits >> 18]!;
    out[at++] = digits[(bits >> 12) & 63]!;
    out[at++] = digits[(bits >> 6) & 63]!;
    out[at++] = digits[bits & 63]!;
  }
  if (whole < bytes.length) {
    const two = whole + 1 < bytes.length;
    const bits = (bytes[whole]! << 16) | ((two ? bytes[whole + 1]! : 0) << 8);
    out[at++] = digits[bits >> 18]!;
    out[at++] = digits[(bits >> 12) & 63]!;
    out[at++] = two ? digits[(bits >> 6) & 63]! : padding;
    out[at] = padding;
  }
  return ascii.decode(out);
}

const padding = '='.charCodeAt(0);
const noDigit = 255;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const digits: Uint8Array = Uint8Array.from(alphabet, (digit) => digit.charCodeAt(0));
const digitValues: Uint8Array = new Uint8Array(128).fill(noDigit);
for (const [value, code] of digits.entries()) digitValues[code] = value;
const ascii: TextDecoder = new TextDecoder();
