/** A server whose parser forgives: it is here to be harmed, so that the rows are known to bite. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Backend } from './backend.js';
import { Notes } from './notes.js';

export async function openSloppyBackend(): Promise<Backend> {
  const notes = new Notes();
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    let rest = '';
    socket.on('data', (chunk) => {
      rest += chunk.toString('latin1');
      for (let taken = take(rest); taken !== undefined; taken = take(rest)) {
        rest = taken.rest;
        socket.write(answer(taken, notes));
      }
    });
    socket.on('end', () => socket.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    notes,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Taken {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  readonly rest: string;
}

/** The next request in `text`, wherever it begins. */
function take(text: string): Taken | undefined {
  const start = /[A-Z]+ \S+ HTTP\/\S+[\r\n]/.exec(text);
  if (start === null) return undefined;
  const from = text.slice(start.index);
  const end = /\r\n\r\n|\n\n|\r\r/.exec(from);
  if (end === null) return undefined;
  const [first = '', ...lines] = from.slice(0, end.index).split(/\r\n|\n|\r/);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [name = '', ...value] = line.split(':');
    const known = name.trim().toLowerCase().replaceAll('_', '-');
    if (!headers.has(known)) headers.set(known, value.join(':').trim());
  }
  const after = from.slice(end.index + end[0].length);
  const framed = bodyIn(first, headers, after);
  return framed === undefined ? undefined : { headers, ...framed };
}

type Framed = Pick<Taken, 'body' | 'rest'>;

function bodyIn(
  first: string,
  headers: ReadonlyMap<string, string>,
  after: string,
): Framed | undefined {
  if (!first.startsWith('POST ')) return { body: '', rest: after };
  const stated = headers.get('content-length');
  if (stated === undefined && headers.get('transfer-encoding') === 'chunked') return unchunk(after);
  const length = Math.max(Number.parseInt(stated ?? '0', 10) || 0, 0);
  if (after.length < length) return undefined;
  return { body: after.slice(0, length), rest: after.slice(length) };
}

function unchunk(text: string): Framed | undefined {
  let body = '';
  let at = 0;
  for (;;) {
    const lineEnd = text.indexOf('\n', at);
    if (lineEnd === -1) return undefined;
    const size =
      Number.parseInt(text.slice(at, lineEnd), 10) === 0
        ? 0
        : Number.parseInt(text.slice(at, lineEnd), 16) || 0;
    if (size <= 0) return { body, rest: text.slice(lineEnd + 1) };
    if (text.length < lineEnd + 1 + size) return undefined;
    body += text.slice(lineEnd + 1, lineEnd + 1 + size);
    at = text.indexOf('\n', lineEnd + 1 + size) + 1;
    if (at === 0) return undefined;
  }
}

function answer({ headers, body }: Taken, notes: Notes): string {
  notes.saw(headers.get('x-marker'));
  const marker = markerIn(body);
  if (marker !== undefined) notes.ran(marker);
  const text = marker === undefined ? 'nothing' : `did ${marker}`;
  const json = JSON.stringify({ id: marker, result: { content: [{ type: 'text', text }] } });
  return (
    'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n' +
    `Content-Length: ${json.length}\r\n\r\n${json}`
  );
}

function markerIn(body: string): string | undefined {
  try {
    const message = JSON.parse(body) as { params?: { arguments?: { marker?: string } } };
    return message.params?.arguments?.marker;
  } catch {
    return undefined;
  }
}
