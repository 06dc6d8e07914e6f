/**
 * Not a client but the `fetch` function of a server, called without a network: what is measured is
 * the way of a message through `Request` and `Response`, by itself and with ours between them.
 */
import { resultOf } from '../servers/bare-answers.mjs';
import { bodyOf, headers, textOf } from './modern-call.mjs';

const url = 'http://127.0.0.1:3000/mcp';

async function bare(request) {
  const message = await request.json();
  return Response.json({ jsonrpc: '2.0', id: message.id, result: resultOf(message) });
}

async function ours() {
  const { createServer } = await import('../../dist/server/index.js');
  const { createEndpoint, fetchHandler } = await import('../../dist/transports/http/index.js');
  const server = createServer({ name: 'bench', version: '1.0.0' });
  const properties = { text: { type: 'string' } };
  const input = { type: 'object', additionalProperties: false, properties, required: ['text'] };
  server.tool('echo', { description: 'Says it again', input }, ({ text }) => text);
  return fetchHandler(createEndpoint(server));
}

export async function open({ url: which }) {
  const handle = which === 'ours' ? await ours() : bare;
  let id = 0;
  return {
    async call(text) {
      const body = bodyOf(++id, text);
      const response = await handle(new Request(url, { method: 'POST', headers, body }));
      const answer = await response.json();
      if (answer.id !== id) throw new Error(`The wrong answer: ${JSON.stringify(answer)}`);
      return textOf(answer);
    },
  };
}
