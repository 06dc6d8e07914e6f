import { McpError } from '../../errors.js';
import type { Message } from '../../json-rpc/message.js';
import { type ParseBounds, ParseFailure, parseMessage } from '../../json-rpc/parse.js';
import type { Clock } from '../../platform/clock.js';
import { type ByteList, createByteList } from '../byte-list.js';
import type { HttpResponse } from './requests.js';
import { createSseDecoder } from './sse-decode.js';

/** What was seen of an event stream, for coming back to it. */
export interface StreamPlace {
  lastEventId: string;
  /** What the server asked a cut reader to wait, in ms. */
  retryMs: number | undefined;
}

export interface ReplyReader {
  readonly bounds: ParseBounds;
  /** Gets each message. Throwing ends the stream. */
  readonly onMessage: (message: Message) => void;
  /** Gets each event of another type than `message`: HTTP+SSE has one. */
  readonly onOtherEvent?: (type: string, data: string) => void;
  readonly place?: StreamPlace;
  /** What an event id may have to be a place that one can come back to. Default: any length. */
  readonly tokenLengthMax?: number;
  /** How long the stream may be silent, comments included, before it is cut. Default: for ever. */
  readonly idle?: {
    readonly clock: Clock;
    readonly ms: number;
    /** Asked when the time has come. */
    readonly mayCut: () => boolean;
  };
}

/** Whether a header can carry `text` as it is: visible ASCII, of a bounded length. */
export function isToken(text: string, lengthMax: number = Infinity): boolean {
  return text.length <= lengthMax && /^[\x21-\x7e]*$/.test(text);
}

/** Reads an event stream to its end. Rejects when it breaks off. */
export async function readEvents(response: HttpResponse, reader: ReplyReader): Promise<void> {
  const { place } = reader;
  const decoder = createSseDecoder({
    eventBytesMax: reader.bounds.bytesMax,
    onEvent(event) {
      if (event.event !== 'message') return reader.onOtherEvent?.(event.event, event.data);
      // Priming events have an id and nothing to say.
      if (event.bytes.length > 0) reader.onMessage(oneMessage(event.bytes, reader.bounds));
    },
    onRetry: (ms) => {
      if (place !== undefined) place.retryMs = ms;
    },
    onId: (id) => {
      // An id that no header can carry back is no place to come back to.
      if (place !== undefined) place.lastEventId = isToken(id, reader.tokenLengthMax) ? id : '';
    },
  });
  const stopIdling = cutWhenIdle(response, reader.idle);
  response.whenOver(stopIdling.stop);
  try {
    await response.read((chunk) => {
      stopIdling.heard();
      decoder.feed(chunk);
    });
  } finally {
    stopIdling.stop();
  }
  decoder.end();
}

/** Ends a stream on which nothing comes: it may have been dead for long. */
function cutWhenIdle(
  response: HttpResponse,
  idle: ReplyReader['idle'],
): { readonly heard: () => void; readonly stop: () => void } {
  const nothing = (): void => undefined;
  if (idle === undefined) return { heard: nothing, stop: nothing };
  const { clock, ms, mayCut } = idle;
  let heardAt = clock.now();
  // One timer that looks back, instead of one for each piece.
  const look = (): void => {
    const restMs = heardAt + ms - clock.now();
    if (restMs <= 0 && mayCut()) response.cut();
    else stop = clock.after(restMs > 0 ? restMs : ms, look);
  };
  let stop = clock.after(ms, look);
  return { heard: () => void (heardAt = clock.now()), stop: () => stop() };
}

/** Reads a JSON body: one message. */
export async function readJson(response: HttpResponse, bounds: ParseBounds): Promise<Message> {
  return oneMessage(await readBytes(response, bounds.bytesMax), bounds);
}

export async function readBytes(response: HttpResponse, bytesMax: number): Promise<Uint8Array> {
  // What is announced as too large need not be waited for.
  if (Number(response.header('content-length')) > bytesMax) {
    response.cut();
    throw tooLarge(bytesMax);
  }
  // Most bodies come in one piece, and need no list.
  let first: Uint8Array | undefined;
  let list: ByteList | undefined;
  await response.read((chunk) => {
    const length = list?.length ?? first?.length ?? 0;
    if (length + chunk.length > bytesMax) throw tooLarge(bytesMax);
    if (first === undefined) {
      first = chunk;
      return;
    }
    if (list === undefined) (list = createByteList()).append(first);
    list.append(chunk);
  });
  return list?.take() ?? first ?? new Uint8Array(0);
}

function tooLarge(bytesMax: number): McpError {
  return new McpError('tooLarge', `The answer has over ${bytesMax} bytes`);
}

/** Which of the two kinds of body an answer has. */
export function bodyKind(response: HttpResponse): 'json' | 'stream' | 'other' {
  const header = response.header('content-type');
  if (header === 'application/json') return 'json';
  const type = header?.split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/json') return 'json';
  return type === 'text/event-stream' ? 'stream' : 'other';
}

function oneMessage(bytes: Uint8Array, bounds: ParseBounds): Message {
  const parsed = parseMessage(bytes, bounds);
  if (parsed instanceof ParseFailure) {
    const text = `The server sent what is no message: ${parsed.error.message}`;
    throw new McpError('badResponse', text, { cause: parsed.error });
  }
  if (Array.isArray(parsed)) throw new McpError('badResponse', 'The server sent a batch');
  return parsed as Message;
}
