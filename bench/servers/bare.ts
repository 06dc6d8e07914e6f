/** The limit: node:http with JSON.parse and JSON.stringify, and nothing else. */
import { createServer } from 'node:http';
import { reportCpu } from './report-cpu.js';

interface Call {
  readonly id: number;
  readonly params: { readonly arguments: { readonly text: string } };
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { id, params } = JSON.parse(Buffer.concat(chunks).toString()) as Call;
    const result = { content: [{ type: 'text', text: params.arguments.text }] };
    const body = JSON.stringify({ jsonrpc: '2.0', id, result });
    const length = Buffer.byteLength(body);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': length });
    response.end(body);
  });
});

server.listen(0, '127.0.0.1', () => reportCpu(server.address()));
