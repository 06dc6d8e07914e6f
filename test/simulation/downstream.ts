import { McpError } from '../../src/errors.js';
import type { HttpAnswer } from '../../src/transports/http/send.js';
import { textOf, type WireHeaders, type WireReply } from '../../src/transports/http/wire.js';
import type { AnswerKind, ConnectionOptions } from './connection.js';

const encoder = new TextEncoder();

export interface DownstreamOptions extends ConnectionOptions {
  readonly onHead: (answer: HttpAnswer) => void;
  readonly cut: (by: string) => void;
  /** The client has all of it. */
  readonly over: () => void;
}

/** The way of an answer to its reader. */
export interface Downstream {
  readonly reply: WireReply;
  /** Nothing more reaches the reader, who is told. */
  cut(): void;
  /** The server is told that nobody reads any more. */
  vanish(): void;
}

interface Head {
  readonly status: number;
  readonly headers: WireHeaders;
}
type Item = Head | Uint8Array | 'end';

interface Reader {
  take(piece: Uint8Array): void;
  end(): void;
  fail(): void;
}

export function createDownstream(options: DownstreamOptions): Downstream {
  const { name, scheduler, dice, faults, note } = options;
  const items: Item[] = [];
  const roomBytes = dice.pick([200, 1000, 4000]);
  let leftBytes = dice.chance(faults().cut) ? dice.between(0, 1200) : Infinity;
  let [waiting, intoNothing] = [0, 0];
  let kind: AnswerKind = 'refusal';
  let [isMoving, isCut, hasVanished, isDone] = [false, false, false, false];
  let reader: Reader | undefined;
  let onDrain = (_isRoom: boolean): void => undefined;
  let onVanish = (): void => undefined;

  const put = (item: Item): void => {
    if (isCut) return;
    items.push(item);
    move();
  };
  const move = (): void => {
    const next = items[0];
    if (isMoving || isCut || next === undefined) return;
    // Bytes wait for somebody to read them; the head does not.
    if ((next instanceof Uint8Array || next === 'end') && reader === undefined) return;
    isMoving = true;
    const ms = dice.chance(faults().stall) ? dice.between(1000, 9000) : dice.between(0, 20);
    scheduler.after(ms, `${name} moves`, () => {
      isMoving = false;
      if (!isCut) step();
      move();
    });
  };
  const step = (): void => {
    const item = items.shift();
    if (item === undefined) return;
    if (item === 'end') {
      note('ends');
      options.over();
      return reader?.end();
    }
    if (!(item instanceof Uint8Array)) return takeHead(item);
    const wanted = dice.chance(0.5) ? item.length : dice.between(1, item.length);
    const length = Math.min(wanted, leftBytes);
    if (length < item.length) items.unshift(item.subarray(length));
    leftBytes -= length;
    takePiece(item.subarray(0, length));
    if (leftBytes <= 0) options.cut('the way back');
  };
  const takeHead = ({ status, headers }: Head): void => {
    note(`answers ${status}`);
    if (leftBytes <= 0) return options.cut('the way back');
    const header = (wanted: string): string | undefined => headers[wanted];
    const isStream = header('content-type') === 'text/event-stream';
    kind = status !== 200 ? 'refusal' : isStream ? 'stream' : 'message';
    options.onHead({ status, header, read });
  };
  const takePiece = (piece: Uint8Array): void => {
    note(`gets ${piece.length} bytes`);
    waiting -= piece.length;
    for (const one of options.onPiece(piece, kind)) reader?.take(one);
    if (waiting === 0) onDrain(true);
    else if (waiting > roomBytes) onDrain(false);
  };
  const read = (onChunk: (chunk: Uint8Array) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      const fail = (): void => reject(new McpError('connectionClosed', 'The body broke off'));
      const take = (piece: Uint8Array): void => {
        if (isCut) return;
        try {
          onChunk(piece);
        } catch (thrown) {
          reject(thrown);
          options.cut('its reader');
        }
      };
      if (isCut) return fail();
      reader = { take, end: resolve, fail };
      move();
    });

  const reply: WireReply = {
    get vanished() {
      return hasVanished;
    },
    send(status, headers, body = '') {
      if (isDone || hasVanished) return;
      reply.open(status, headers);
      if (body !== '') reply.write(textOf(body));
      reply.end();
    },
    open: (status, headers) => put({ status, headers }),
    write(text) {
      if (hasVanished) return true;
      const bytes = encoder.encode(text);
      // Until the server learns that nobody reads, its system keeps what there is room for.
      if (isCut) return (intoNothing += bytes.length) <= roomBytes;
      waiting += bytes.length;
      options.onWaiting(waiting);
      put(bytes);
      return waiting <= roomBytes || options.hidesStalls;
    },
    end() {
      isDone = true;
      put('end');
    },
    cut: () => options.cut('its server'),
    onDrain: (listener) => void (onDrain = listener),
    onVanish(listener) {
      if (hasVanished) queueMicrotask(listener);
      else onVanish = listener;
    },
  };
  return {
    reply,
    cut() {
      isCut = true;
      waiting = 0;
      items.length = 0;
      reader?.fail();
    },
    vanish() {
      if (hasVanished) return;
      hasVanished = true;
      // As with a socket: who has said all is not told.
      if (!isDone) onVanish();
    },
  };
}
