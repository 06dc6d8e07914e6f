/** A load generator that costs little: prepared bytes over raw sockets, one request at a time each. */
import { connect, type Socket } from 'node:net';
import { ReplyReader } from './reply.js';
import { endOf, type Until } from './until.js';

export interface HttpLoad {
  readonly port: number;
  /** The bytes that each connection sends, again and again. */
  readonly requests: readonly Buffer[];
  /** Whether the body of an answer is the right one; the run fails at the first that is not. */
  readonly isRight: (answer: string, connection: number) => boolean;
  readonly until: Until;
}

export function postBytes(
  port: number,
  body: string,
  headers: { readonly [name: string]: string },
): Buffer {
  const lines = Object.entries({
    host: `127.0.0.1:${port}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST /mcp HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
}

/** Sends as many requests as are answered until then; returns how many. */
export async function runHttpLoad(load: HttpLoad): Promise<number> {
  const ends = endOf(load.until);
  let [sent, answered] = [0, 0];
  const goesOn = (): boolean => {
    if (ends(sent, answered)) return false;
    sent++;
    return true;
  };
  const onAnswer = (): void => void answered++;
  const runs = load.requests.map((bytes, at) => runConnection(load, bytes, at, goesOn, onAnswer));
  await Promise.all(runs);
  return answered;
}

function runConnection(
  load: HttpLoad,
  request: Buffer,
  at: number,
  goesOn: () => boolean,
  onAnswer: () => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let waits = false;
    const begin = (): void => {
      const socket: Socket = connect(load.port, '127.0.0.1');
      const reader = new ReplyReader();
      const next = (): void => {
        if (!waits && !goesOn()) return void socket.destroy();
        waits = true;
        socket.write(request);
      };
      socket.setNoDelay(true);
      socket.setEncoding('latin1');
      socket.on('connect', next);
      socket.on('error', reject);
      // A server renews connections now and then; so does every client.
      socket.on('close', () => (waits ? begin() : resolve()));
      socket.on('data', (text: string) => {
        const reply = reader.add(text);
        if (reply === undefined) return;
        waits = false;
        if (reply.status !== 200 || !load.isRight(reply.body, at)) {
          reject(new Error(`A wrong answer: ${reply.status} ${reply.body.slice(0, 500)}`));
          return void socket.destroy();
        }
        onAnswer();
        // What the server is about to close takes no more requests.
        if (reply.closes) socket.destroy();
        else next();
      });
    };
    begin();
  });
}
