/** A load generator that costs little: prepared bytes over raw sockets, one request at a time each. */
import { connect, type Socket } from 'node:net';

export interface Load {
  readonly port: number;
  readonly headers: { readonly [name: string]: string };
  /** The body for each connection: a session refuses an id that is in use. */
  readonly body: (connection: number) => string;
  readonly connections: number;
  readonly seconds: number;
  /** Every answer must hold this, or it does not count and the run fails. */
  readonly expect: string;
}

/** Sends as many requests as are answered in the time; returns how many. */
export async function runLoad(load: Load): Promise<number> {
  const until = performance.now() + load.seconds * 1000;
  const counts = await Promise.all(
    Array.from({ length: load.connections }, (_, at) =>
      runConnection(load, requestBytes(load, load.body(at + 1)), until),
    ),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

function requestBytes({ port, headers }: Load, body: string): Buffer {
  const lines = Object.entries({
    host: `127.0.0.1:${port}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST /mcp HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
}

function runConnection(load: Load, request: Buffer, until: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let answered = 0;
    const begin = (): void => {
      const socket: Socket = connect(load.port, '127.0.0.1');
      let received = '';
      socket.setNoDelay(true);
      socket.setEncoding('latin1');
      socket.on('connect', () => socket.write(request));
      socket.on('error', reject);
      // A server renews connections now and then; so does every client.
      socket.on('close', () => (performance.now() < until ? begin() : resolve(answered)));
      socket.on('data', (text: string) => {
        received += text;
        if (!isWhole(received)) return;
        if (!received.startsWith('HTTP/1.1 200') || !received.includes(load.expect)) {
          reject(new Error(`An answer was wrong: ${received.slice(0, 500)}`));
          return void socket.destroy();
        }
        received = '';
        answered++;
        if (performance.now() < until) socket.write(request);
        else socket.destroy();
      });
    };
    begin();
  });
}

function isWhole(received: string): boolean {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const length = /content-length: (\d+)/i.exec(received.slice(0, end))?.[1];
  return length !== undefined && received.length >= end + 4 + Number(length);
}
