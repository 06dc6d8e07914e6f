/**
 * Bytes that arrive in pieces and are wanted in one. Each byte is copied at most twice, however
 * small the pieces: large ones are kept as they are, small ones are packed together, so that a peer
 * that sends single bytes costs no more memory than what it sent.
 */
export interface ByteList {
  readonly length: number;
  append(bytes: Uint8Array): void;
  /** All bytes in one piece; the list is empty afterwards. */
  take(): Uint8Array;
  clear(): void;
}

const smallPieceBytesMax = 4096;
const packBytesMax = 65_536;

export function createByteList(): ByteList {
  let pieces: Uint8Array[] = [];
  let length = 0;
  // Small pieces are copied into `pack`; those from `packStart` on are not in `pieces` yet.
  let pack = new Uint8Array(0);
  let packStart = 0;
  let packEnd = 0;

  const sealPack = (): void => {
    if (packStart === packEnd) return;
    pieces.push(pack.subarray(packStart, packEnd));
    packStart = packEnd;
  };
  const addToPack = (bytes: Uint8Array): void => {
    if (packEnd + bytes.length > pack.length) {
      sealPack();
      pack = new Uint8Array(Math.min(packBytesMax, Math.max(smallPieceBytesMax, length)));
      packStart = packEnd = 0;
    }
    // For a few bytes, a loop is faster than a call.
    if (bytes.length < 16) {
      for (let i = 0; i < bytes.length; i++) pack[packEnd++] = bytes[i] as number;
      return;
    }
    pack.set(bytes, packEnd);
    packEnd += bytes.length;
  };
  const clear = (): void => {
    pieces = [];
    length = 0;
    // What was handed out may still be read: the rest of the pack is used, never its beginning.
    packStart = packEnd;
  };

  return {
    get length() {
      return length;
    },
    append(bytes) {
      length += bytes.length;
      if (bytes.length <= smallPieceBytesMax) return addToPack(bytes);
      sealPack();
      pieces.push(bytes);
    },
    take() {
      sealPack();
      const whole = pieces.length === 1 ? (pieces[0] as Uint8Array) : join(pieces, length);
      clear();
      return whole;
    },
    clear,
  };
}

function join(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
