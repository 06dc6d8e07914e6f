/** A connection that says something and hears all that comes back, and a strict reading of that. */
import { connect } from 'node:net';
import { insist } from './target.js';

export interface TalkOptions {
  /** Says that nothing more comes, once everything is sent. */
  readonly isOver: boolean;
  /** Rejects when the connection is still open after so long. */
  readonly ms: number;
}

/** Sends the pieces one by one and resolves to what came back until the server closed. */
export function talk(
  port: number,
  pieces: readonly Uint8Array[],
  { isOver, ms }: TalkOptions,
): Promise<Uint8Array> {
  const heard: Uint8Array[] = [];
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  return new Promise((resolve, reject) => {
    const patience = AbortSignal.timeout(ms);
    const giveUp = (): void => {
      socket.destroy();
      reject(new Error(`the connection was left open: ${Buffer.concat(heard).toString('latin1')}`));
    };
    patience.addEventListener('abort', giveUp, { once: true });
    const done = (): void => {
      patience.removeEventListener('abort', giveUp);
      socket.destroy();
      resolve(Buffer.concat(heard));
    };
    socket.on('data', (bytes) => heard.push(bytes));
    // A reset is an end like any other: what was sent may not have been read.
    socket.on('end', done).on('close', done).on('error', done);
    socket.once('connect', () => send(0));
    const send = (at: number): void => {
      if (socket.destroyed || !socket.writable) return;
      const piece = pieces[at];
      if (piece !== undefined) {
        // Written by itself, so that the server sees the pieces as they are.
        socket.write(piece, () => (at < 20 ? setImmediate(send, at + 1) : send(at + 1)));
      } else if (isOver) {
        socket.end();
      }
    };
  });
}

export interface HttpAnswer {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: string;
}

/** The answers, one after the other; throws for what is no HTTP. The last may be cut off. */
export function answersOf(bytes: Uint8Array): HttpAnswer[] {
  let rest = Buffer.from(bytes).toString('latin1');
  const answers: HttpAnswer[] = [];
  while (rest !== '') {
    const found = /^HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n((?:[\w-]+: [^\r\n]*\r\n)*)\r\n/.exec(rest);
    insist(found !== null, () => `no HTTP: ${rest.slice(0, 300)}`);
    const status = Number(found[1]);
    const headers = new Map(
      found[2]!
        .split('\r\n')
        .slice(0, -1)
        .map((line) => [
          line.slice(0, line.indexOf(':')).toLowerCase(),
          line.slice(line.indexOf(':') + 2),
        ]),
    );
    rest = rest.slice(found[0].length);
    const [body, length] = bodyOf(rest, status, headers);
    rest = rest.slice(length);
    const text = Buffer.from(body, 'latin1').toString();
    answers.push({ status, type: headers.get('content-type'), body: text });
  }
  return answers;
}

function bodyOf(
  rest: string,
  status: number,
  headers: ReadonlyMap<string, string>,
): readonly [body: string, length: number] {
  const length = headers.get('content-length');
  if (status < 200 || status === 204 || status === 304) return ['', 0];
  if (headers.get('transfer-encoding') === 'chunked') return chunksIn(rest);
  if (length === undefined) return [rest, rest.length];
  // To HEAD the length is said without a body: then another answer follows, or nothing.
  if (rest === '' || rest.startsWith('HTTP/1.1 ')) return ['', 0];
  insist(/^\d+$/.test(length) && rest.length >= Number(length), () => `cut off: ${rest}`);
  return [rest.slice(0, Number(length)), Number(length)];
}

function chunksIn(rest: string): readonly [body: string, length: number] {
  let body = '';
  let at = 0;
  while (at < rest.length) {
    const end = rest.indexOf('\r\n', at);
    const size = end === -1 ? NaN : Number.parseInt(rest.slice(at, end), 16);
    insist(size >= 0, () => `no chunk: ${rest.slice(at, at + 100)}`);
    body += rest.slice(end + 2, end + 2 + size);
    at = end + 4 + size;
    if (size === 0) break;
  }
  return [body, at];
}
