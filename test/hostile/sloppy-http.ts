/** HTTP as one reads it in an afternoon: forgiving, and so in ways that nobody else shares. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface SloppyRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: { readonly [name: string]: string | undefined };
  readonly body: Buffer;
}

export interface SloppyServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves every request that it finds in what clients send until they stop sending. */
export async function serveSloppily(
  answer: (request: SloppyRequest) => string,
): Promise<SloppyServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    let bytes = Buffer.alloc(0);
    socket.on('data', (chunk) => (bytes = Buffer.concat([bytes, chunk])));
    socket.on('end', () => {
      for (const request of requestsIn(bytes)) {
        const body = answer(request);
        socket.write(
          `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        );
      }
      socket.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function requestsIn(bytes: Buffer): SloppyRequest[] {
  const requests: SloppyRequest[] = [];
  let rest = bytes.toString('latin1');
  while (rest.trim() !== '') {
    const [head = '', end = ''] = /^[^]*?(\r?\n\r?\n)/.exec(rest) ?? [rest];
    rest = rest.slice(head.length);
    const [first = '', ...lines] = head.slice(0, head.length - end.length).split(/\r\n|\n|\r/);
    const [method = '', url = ''] = first.split(' ');
    const headers = headersIn(lines);
    const taken = bodyOf(headers, rest);
    rest = rest.slice(taken.length);
    const body = Buffer.from(taken.body, 'latin1');
    requests.push({ method: method.toUpperCase(), url, headers, body });
  }
  return requests;
}

function headersIn(lines: readonly string[]): { [name: string]: string } {
  const headers: { [name: string]: string } = {};
  for (const line of lines) {
    const [name = '', ...value] = line.split(':');
    headers[name.trim().toLowerCase()] = value.join(':').trim();
  }
  return headers;
}

interface Body {
  readonly body: string;
  /** How many characters it took on the wire. */
  readonly length: number;
}

function bodyOf(headers: { readonly [name: string]: string }, rest: string): Body {
  const coding = headers['transfer-encoding']?.split(',').at(-1)?.split(';', 1)[0]?.trim();
  if (coding === 'chunked') return chunksOf(rest);
  if (coding !== undefined) return { body: '', length: 0 };
  const stated = Number(headers['content-length']?.split(',', 1)[0] ?? 0);
  const length = Math.min(Math.max(stated || 0, 0), rest.length);
  return { body: rest.slice(0, length), length };
}

function chunksOf(rest: string): Body {
  let body = '';
  let at = 0;
  for (;;) {
    const lineEnd = rest.indexOf('\n', at);
    const size = Number.parseInt(rest.slice(at, lineEnd), 16) || 0;
    if (lineEnd === -1) return { body, length: rest.length };
    body += rest.slice(lineEnd + 1, lineEnd + 1 + size);
    at = rest.indexOf('\n', lineEnd + 1 + size) + 1;
    if (size === 0 || at === 0) return { body, length: at === 0 ? rest.length : at };
  }
}
