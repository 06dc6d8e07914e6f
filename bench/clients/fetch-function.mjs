/**
 * Not a client but the `fetch` function of a server, called without a network: what is measured is
 * the way of a message through `Request` and `Response`, by itself and with ours between them.
 */
import { resultOf } from '../servers/bare-answers.mjs';

const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
const url = 'http://127.0.0.1:3000/mcp';
const headers = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  'mcp-protocol-version': '2026-07-28',
  'mcp-method': 'tools/call',
  'mcp-name': 'echo',
};

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
      const params = { name: 'echo', arguments: { text }, _meta: meta };
      const body = JSON.stringify({ jsonrpc: '2.0', id: ++id, method: 'tools/call', params });
      const response = await handle(new Request(url, { method: 'POST', headers, body }));
      const answer = await response.json();
      if (answer.id !== id) throw new Error(`The wrong answer: ${JSON.stringify(answer)}`);
      return answer.result.content[0].text;
    },
  };
}
