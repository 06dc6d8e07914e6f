import { StringDecoder } from 'node:string_decoder';
import type { Oracle } from './oracle.js';
import type { SentLog } from './stores.js';

/** What reaches one client, byte by byte; read by a reader that is not the library's own. */
export interface Received {
  take(piece: Uint8Array): void;
}

export interface ReceivedOptions {
  readonly client: string;
  readonly oracle: Oracle;
}

/** Lines of JSON. */
export function receiveLines({ client, oracle }: ReceivedOptions): Received {
  return byLine((line) => {
    if (line === '') return;
    oracle.note(`${client} reads ${line}`);
    oracle.hear(client, line);
  });
}

/** Lines that a client has written, for the trace. */
export function noteLines({ client, oracle }: ReceivedOptions): Received {
  return byLine((line) => oracle.note(`${client} has written ${line}`));
}

/** One message as a whole, if it comes whole. */
export function receiveBody({ client, oracle }: ReceivedOptions): Received & { end(): void } {
  const decode = createDecode();
  let text = '';
  return {
    take: (piece) => void (text += decode(piece)),
    end() {
      if (text !== '' && isWhole(text)) oracle.hear(client, text);
      text = '';
    },
  };
}

/** How far each stream has come at one client. */
export type Places = Map<string, number>;

export interface ReceivedEventsOptions extends ReceivedOptions {
  readonly sent: SentLog;
  readonly places: Places;
  /** Its reader names no place: it begins anew, and knows that something may lie before. */
  readonly isAnew: boolean;
}

/** Server-sent events; those of one stream go on over any number of connections. */
export function receiveEvents(options: ReceivedEventsOptions): Received {
  const { client, oracle, sent, places } = options;
  let [id, data]: [string | undefined, string] = [undefined, ''];
  let mayBeFarOn = options.isAnew;
  const judge = (stream: string, seq: number): void => {
    const place = places.get(stream);
    if (data === '') {
      if (place !== undefined && seq !== place && !sent.hasFailed && !mayBeFarOn) {
        oracle.violate('no gap', `${client}: ${stream} goes from ${place} to ${seq} unsaid`);
      }
    } else if (seq <= (place ?? 0)) {
      oracle.violate('no duplicate', `${client}: ${stream} brings ${seq} after ${place}`);
    } else if (place !== undefined && seq !== place + 1 && !sent.hasFailed && !mayBeFarOn) {
      oracle.violate('no gap', `${client}: ${stream} brings ${seq} after ${place}`);
    }
    const said = sent.at(stream, seq);
    if (data !== '' && said !== undefined && said !== data) {
      oracle.violate('no crossing', `${client}: ${stream} ${seq} is ${data}, not ${said}`);
    }
    places.set(stream, Math.max(seq, place ?? 0));
    mayBeFarOn = false;
  };
  const over = (): void => {
    const [, stream, seq] = /^(.*)\.(\d+)$/.exec(id ?? '') ?? [];
    if (stream !== undefined) judge(stream, Number(seq));
    if (data !== '') oracle.hear(client, data);
    [id, data] = [undefined, ''];
  };
  return byLine((line) => {
    if (line === '') over();
    else if (line.startsWith('id: ')) id = line.slice('id: '.length);
    else if (line.startsWith('data: ')) data += line.slice('data: '.length);
  });
}

function isWhole(json: string): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}

function byLine(onLine: (line: string) => void): Received {
  const decode = createDecode();
  let rest = '';
  return {
    take(piece) {
      const lines = (rest + decode(piece)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    },
  };
}

/** Text of bytes that come in pieces. Made only for those that get any: most connections get none. */
function createDecode(): (piece: Uint8Array) => string {
  let decoder: StringDecoder | undefined;
  return ({ buffer, byteOffset, length }) =>
    (decoder ??= new StringDecoder()).write(Buffer.from(buffer, byteOffset, length));
}
