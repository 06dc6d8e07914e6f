import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createServer } from '../../src/index.js';
import type { JsonObject } from '../../src/json-rpc/message.js';
import { serveStdio } from '../../src/transports/stdio/index.js';
import { initialize, initialized, legacy, modern } from './raw-pipe.js';

/** A pipe keeps no message together: how its bytes are cut must not matter. */
const conversations: { readonly [era: string]: readonly JsonObject[] } = {
  modern: [
    modern(1, 'tools/list'),
    modern('two', 'tools/call', { name: 'echo', arguments: { said: 'grüß dich 🚪' } }),
  ],
  legacy: [
    initialize(1),
    initialized,
    legacy(2, 'tools/call', { name: 'echo', arguments: { said: 'grüß dich 🚪' } }),
    legacy(3, 'ping'),
  ],
};

test.each(Object.entries(conversations))(
  'the %s era is answered alike however lines are split and joined',
  { timeout: 60_000 },
  async (_era, messages) => {
    const bytes = Buffer.from(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
    const whole = await answersTo([bytes]);
    expect(whole.length).toBe(messages.filter((message) => 'id' in message).length);
    expect(await answersTo([...bytes].map((byte) => Buffer.of(byte)))).toEqual(whole);
    for (let at = 1; at < bytes.length; at++) {
      expect(await answersTo([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole);
    }
  },
);

async function answersTo(chunks: readonly Buffer[]): Promise<JsonObject[]> {
  const server = createServer({ name: 'chunks', version: '1.0.0' });
  server.tool('echo', { input: { type: 'object' } }, (args) => JSON.stringify(args));
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const serving = serveStdio(server, { stdin, stdout, exitAtEnd: false });
  const said: Buffer[] = [];
  stdout.on('data', (chunk: Buffer) => said.push(chunk));
  for (const chunk of chunks) stdin.write(chunk);
  stdin.end();
  await serving.closed;
  await serving.close();
  const lines = Buffer.concat(said).toString().trimEnd().split('\n');
  const answers = lines.map((line) => JSON.parse(line) as JsonObject);
  return answers.toSorted((a, b) => String(a['id']).localeCompare(String(b['id'])));
}
