/** The limit: node:http with JSON.parse and JSON.stringify, and nothing else. `bare.mjs --port P`. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { isWork, resultOf, writeWork } from './bare-answers.mjs';

const { values } = parseArgs({ options: { port: { type: 'string' } } });
/** Each session with the stream that its client holds open, if it does. */
const sessions = new Map();

const server = createServer((request, response) => {
  if (request.method === 'GET') return openStream(request, response);
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => answer(JSON.parse(Buffer.concat(chunks).toString()), response));
});

function answer(message, response) {
  if (message.id === undefined) return response.writeHead(202).end();
  if (isWork(message)) return stream(message, response);
  const { id, method } = message;
  const body = JSON.stringify({ jsonrpc: '2.0', id, result: resultOf(message) });
  const length = Buffer.byteLength(body);
  const head = { 'content-type': 'application/json', 'content-length': length };
  if (method === 'initialize') {
    head['mcp-session-id'] = randomUUID();
    sessions.set(head['mcp-session-id'], undefined);
  }
  response.writeHead(200, head);
  response.end(body);
}

function stream(message, response) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const last = writeWork(message, (event) => {
    response.write(`event: message\ndata: ${event}\n\n`);
  });
  response.end(`event: message\ndata: ${last}\n\n`);
}

function openStream(request, response) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  sessions.set(request.headers['mcp-session-id'], response);
}

server.listen(Number(values.port), '127.0.0.1');
