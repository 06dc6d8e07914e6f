/**
 * A server over HTTP with a store in a file, that says something all the time.
 *
 *     node server.js FILE PORT
 */
import { EventEmitter, once } from 'node:events';
import { writeSync } from 'node:fs';
import { createServer } from '../../../src/index.js';
import { sqliteStore } from '../../../src/stores/sqlite.js';
import { listen } from '../../../src/transports/http/index.js';

const [file = '', port = '0'] = process.argv.slice(2);
const uris = Array.from({ length: 8 }, (_, at) => `test://r${at}`);

const ticks = new EventEmitter().setMaxListeners(0);
const server = createServer({ name: 's', version: '1' });
for (const uri of uris) server.resource(uri, {}, () => 'r');
server.tool('work', {}, async (_args, call) => {
  for (let count = 1; !call.signal.aborted; count++) {
    await call.progress(count);
    await once(ticks, 'tick');
  }
  return 'stopped';
});
let turn = 0;
setInterval(() => {
  server.resourceUpdated(uris[turn++ % uris.length]!);
  ticks.emit('tick');
}, 2);

const { port: bound } = await listen(server, {
  port: Number(port),
  store: await sqliteStore(file),
});
writeSync(1, `${bound}\n`);
