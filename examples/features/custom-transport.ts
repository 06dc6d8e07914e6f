/** A transport of your own: messages as lines over a TCP socket. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  type AddressInfo,
  connect as dial,
  createServer as listenTcp,
  type Socket,
} from 'node:net';
import { createInterface } from 'node:readline';
import { connect, createServer, type Pipe, servePipe, text } from 'sallyport';
import { run } from './run.js';

const server = createServer({ name: 'far', version: '1.0.0' });
server.tool('greet', {}, (_args, call) => `Hello, ${call.peer.clientInfo?.name}`);

// #region client
/** Whole messages in and out: that is all a transport is. */
function pipeOver(socket: Socket): Pipe {
  return {
    async send(message) {
      if (!socket.write(`${JSON.stringify(message)}\n`)) await once(socket, 'drain');
    },
    start(receiver) {
      const lines = createInterface(socket);
      lines.on('line', (line) => receiver.receive(JSON.parse(line)));
      lines.on('close', () => receiver.end());
    },
    async close() {
      if (!socket.destroyed) await once(socket.end(), 'close');
    },
  };
}
// #endregion

await run({
  url: import.meta.url,
  server,
  async check(_connect, { era }) {
    // #region server
    const listener = listenTcp((socket) => {
      servePipe(server, pipeOver(socket));
    });
    // #endregion
    await once(listener.listen(0, '127.0.0.1'), 'listening');
    const { port } = listener.address() as AddressInfo;
    const client = await connect(pipeOver(dial(port, '127.0.0.1')), {
      era,
      client: { name: 'near', version: '1.0.0' },
    });
    assert.deepEqual((await client.callTool('greet')).content, [text('Hello, near')]);
    await client.close();
    listener.close();
    return 'a client and a server spoke over a transport of their own';
  },
});
