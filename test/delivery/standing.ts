import { once } from 'node:events';
import { connect } from 'node:net';
import { onSession } from '../hostile/attack.js';
import { textOf } from '../floods/streams.js';

/** A stream of notices that is read as cheaply as can be: load must not slow itself down. */
export interface Standing {
  end(): Promise<void>;
}

/** Resolves once the stream is open; `hear` gets what each notice names. */
export async function openStanding(
  port: number,
  session: string,
  hear: (uri: string) => void,
): Promise<Standing> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true }).setEncoding('latin1');
  const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()));
  socket.on('error', () => undefined);
  socket.write(textOf(onSession('GET', session), port));
  const [head] = (await once(socket, 'data')) as [string];
  if (!head.startsWith('HTTP/1.1 200')) throw new Error(`No stream: ${head}`);
  let rest = '';
  const read = (piece: string): void => {
    const text = rest + piece;
    const end = text.lastIndexOf('\n') + 1;
    rest = text.slice(end);
    for (const [, uri = ''] of text.slice(0, end).matchAll(/"uri":"([^"]*)"/g)) hear(uri);
  };
  read(head);
  socket.on('data', read);
  return {
    async end() {
      socket.destroy();
      await closed;
    },
  };
}
