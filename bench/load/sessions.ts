/** Legacy sessions, opened over raw sockets: their handshake, and the streams they hold open. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { postBytes } from './http.js';
import { bodyOf, initialize, isRight, legacyVersion } from './messages.js';
import { type Reply, ReplyReader } from './reply.js';

const initialized = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });

/** Opens one session; gives the headers that its requests carry. */
export async function openSession(
  port: number,
  asker: Asker = new Asker(port),
): Promise<{ [name: string]: string }> {
  const opened = await asker.ask(postBytes(port, bodyOf(initialize, 1, 'legacy'), {}));
  const id = /\nmcp-session-id: ([^\r\n]+)/i.exec(opened.head)?.[1];
  if (opened.status !== 200 || !isRight(initialize, opened.body)) {
    throw new Error(`No session: ${opened.status} ${opened.body.slice(0, 500)}`);
  }
  const headers = {
    // Servers without sessions give no id.
    ...(id === undefined ? {} : { 'mcp-session-id': id }),
    // What was agreed upon: not everybody knows the newest.
    'mcp-protocol-version': /"protocolVersion":"([^"]+)"/.exec(opened.body)?.[1] ?? legacyVersion,
  };
  const noted = await asker.ask(postBytes(port, initialized, headers));
  if (noted.status !== 202) throw new Error(`Not initialized: ${noted.status} ${noted.body}`);
  return headers;
}

/** Holds the stream of GET open; resolves once the server has begun to answer. */
export async function openStream(
  port: number,
  headers: { readonly [name: string]: string },
): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `GET /mcp HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\naccept: text/event-stream\r\n`;
  socket.write(`${head}${lines.join('')}\r\n`);
  const [first] = (await once(socket, 'data')) as [Buffer];
  if (!first.toString().startsWith('HTTP/1.1 200')) {
    socket.destroy();
    const { 'mcp-protocol-version': version, ...others } = headers;
    // One contestant refuses here the very version that it has agreed to.
    if (version !== undefined) return openStream(port, others);
    throw new Error(`No stream: ${first.toString().slice(0, 300)}`);
  }
  socket.on('error', () => undefined).resume();
  return socket;
}

/** One kept connection that asks one thing after another. */
export class Asker {
  readonly #port: number;
  #socket: Socket | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  async ask(request: Buffer): Promise<Reply> {
    const socket = (this.#socket ??= connect(this.#port, '127.0.0.1').setEncoding('latin1'));
    const reader = new ReplyReader();
    const reply = new Promise<Reply>((resolve, reject) => {
      socket.on('data', (text: string) => {
        const whole = reader.add(text);
        if (whole) resolve(whole);
      });
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('The server closed the connection')));
    });
    socket.write(request);
    try {
      const whole = await reply;
      if (whole.closes) this.end();
      return whole;
    } finally {
      socket.removeAllListeners('data').removeAllListeners('error').removeAllListeners('close');
    }
  }

  end(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }
}
