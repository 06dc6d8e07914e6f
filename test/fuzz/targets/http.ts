/** Bytes on a real connection: whatever they are, the server lives and says only HTTP. */
import { listen, type Listening } from '../../../src/transports/http/index.js';
import { answersOf, talk } from '../connections.js';
import { mutateBytes, oddText, piecesOf } from '../json.js';
import { readAnswer } from '../answers.js';
import { makeMessage } from '../messages.js';
import type { Random } from '../random.js';
import { createFuzzServer, type FuzzServer } from '../server.js';
import { fewerBytes, fewerItems } from '../shrink.js';
import { defineTarget, insist, type Target } from '../target.js';
import { joined, latin1 } from './sse.js';

interface Input {
  readonly pieces: readonly Uint8Array[];
  /** What follows: the end of what is sent, a good request that is the last, or nothing. */
  readonly then: 'end' | 'good' | 'nothing';
}

/** Every connection must be over this long after its last byte, whatever was sent. */
const hangMsMax = 3000;

const piecesMax = 12;

const limits = {
  headersMs: 100,
  bodyMs: 100,
  bodyGraceMs: 50,
  idleConnectionMs: 50,
  slowCheckMs: 20,
  requestsPerConnectionMax: 20,
};

export function httpTarget(): Target {
  let fuzzed: FuzzServer;
  let listening: Listening | undefined;
  let last = 0;
  return defineTarget<Input>({
    name: 'http',
    share: 2,
    atOnce: 96,
    async open() {
      fuzzed = createFuzzServer();
      listening = await listen(fuzzed.server, { limits });
    },
    async check() {
      const id = `check ${++last}`;
      const bytes = await talk(listening!.port, [good(id)], { isOver: true, ms: hangMsMax });
      const answers = answersOf(bytes);
      insist(
        answers.length === 1 && readAnswer(answers[0]!.body)?.id === id,
        () => `a good request was answered: ${latin1(bytes)}`,
      );
      const fault = fuzzed.takeFault();
      insist(fault === undefined, () => `failed inside: ${fault}`);
    },
    close: async () => listening?.close({ drainMs: 0 }),
    make: makeInput,
    async run({ pieces, then }) {
      const sent = then === 'good' ? [...pieces, good('last')] : pieces;
      const bytes = await talk(listening!.port, sent, { isOver: then === 'end', ms: hangMsMax });
      for (const { status, type, body } of answersOf(bytes)) {
        const told = (): string => `${status} ${type} ${body}`;
        insist(status >= 100 && status < 600 && status !== 101, told);
        if (body === '') continue;
        if (type === 'text/event-stream') readEvents(body);
        else insist(type === 'application/json' && readAnswer(body) !== undefined, told);
      }
    },
    *smaller({ pieces, then }) {
      if (then !== 'end') yield { pieces, then: 'end' };
      if (pieces.length > 1) yield { pieces: [joined(pieces)], then };
      for (const fewer of fewerItems(pieces)) yield { pieces: fewer, then };
      for (const [at, piece] of pieces.entries()) {
        for (const less of fewerBytes(piece)) yield { pieces: pieces.with(at, less), then };
      }
    },
    show: ({ pieces, then }) => JSON.stringify({ then, pieces: pieces.map(latin1) }),
  });
}

function readEvents(body: string): void {
  const events = body.split('\n\n');
  // What was cut off in the middle is no event.
  for (const event of events.slice(0, -1)) {
    for (const line of event.split('\n')) {
      insist(/^(?:: |data: |id: |retry: )/.test(line), () => `no line of an event: ${line}`);
      if (line.startsWith('data: {')) readAnswer(line.slice(6));
    }
  }
}

const version = '2026-07-28';
const meta = {
  'io.modelcontextprotocol/protocolVersion': version,
  'io.modelcontextprotocol/clientInfo': { name: 'fuzz', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

function good(id: string): Uint8Array {
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id,
    method: 'server/discover',
    params: { _meta: meta },
  });
  return Buffer.from(
    `POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n` +
      `Content-Type: application/json\r\nMCP-Protocol-Version: ${version}\r\n` +
      `Mcp-Method: server/discover\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
}

function makeInput(random: Random): Input {
  const count = random.chance(75) ? 1 : random.between(2, 4);
  const requests = Array.from({ length: count }, () => makeRequest(random));
  let bytes: Uint8Array = joined(requests);
  if (random.chance(60)) bytes = mutateBytes(bytes, random);
  const way = random.below(20);
  const pieces = piecesOf(bytes, random);
  // Each is a packet of its own; the last has what is left.
  const sent = [...pieces.slice(0, piecesMax - 1), joined(pieces.slice(piecesMax - 1))];
  return { pieces: sent, then: way === 0 ? 'nothing' : way < 8 ? 'good' : 'end' };
}

const firstLines = [
  'POST /mcp HTTP/1.1',
  'POST /mcp HTTP/1.1',
  'POST /mcp HTTP/1.1',
  'GET /mcp HTTP/1.1',
  'DELETE /mcp HTTP/1.1',
  'GET /healthz HTTP/1.1',
  'HEAD /readyz HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'OPTIONS /mcp HTTP/1.1',
  'CONNECT localhost:80 HTTP/1.1',
  'POST http://localhost/mcp HTTP/1.1',
  'POST /mcp HTTP/1.0',
  'POST /mcp HTTP/2.0',
  'POST  /mcp HTTP/1.1',
  'post /mcp HTTP/1.1',
  'POST /mcp?x HTTP/1.1',
  'POST /mcp',
  'PRI * HTTP/2.0',
  '\x16\x03\x01',
];

const headers = [
  'Host: localhost',
  'Host: evil.example',
  'Content-Type: application/json',
  'Content-Type: text/plain',
  'Content-Encoding: gzip',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip, chunked',
  'Content-Length: 0',
  'Content-Length: 5',
  'Content-Length: 99999999999',
  'Content-Length: -1',
  'Expect: 100-continue',
  'Expect: tea',
  'Connection: close',
  'Connection: keep-alive',
  'Upgrade: h2c',
  'Connection: upgrade',
  'Trailer: x',
  'Origin: null',
  'Sec-Fetch-Mode: navigate',
  'Mcp-Session-Id: AAAA',
  'Last-Event-ID: 1-2',
  'MCP-Protocol-Version: 2025-11-25',
  'Mcp-Method: tools/call',
  'Mcp_Method: x',
  'X: ',
  ' folded',
  ': x',
  'Accept: text/html',
  'Authorization: Bearer x',
  `X-Long: ${'x'.repeat(17_000)}`,
];

function makeRequest(random: Random): Uint8Array {
  const body = makeMessage(random, true);
  const lines = [
    random.chance(75) ? firstLines[0]! : random.pick(firstLines),
    random.chance(95) ? 'Host: localhost' : '',
    'Content-Type: application/json',
    'MCP-Protocol-Version: 2026-07-28',
    `Mcp-Method: ${random.pick(['tools/call', 'tools/list', 'server/discover', 'resources/read'])}`,
  ].filter((line) => line !== '');
  for (let more = random.chance(50) ? random.between(1, 4) : 0; more > 0; more--) {
    const line = random.chance(90) ? random.pick(headers) : `X: ${oddText(random)}`;
    lines.splice(random.between(1, lines.length), 0, line);
  }
  const chunked = random.chance(20);
  if (chunked) lines.push('Transfer-Encoding: chunked');
  else if (random.chance(95)) lines.push(`Content-Length: ${body.length}`);
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return Buffer.concat([head, ...(chunked ? chunksOf(body, random) : [body])]);
}

function chunksOf(body: Uint8Array, random: Random): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < body.length;) {
    const part = body.subarray(at, at + random.between(1, 200));
    const extension = random.chance(10) ? random.pick([';x=y', ';', ';x="\\"', ' ']) : '';
    chunks.push(Buffer.from(`${part.length.toString(16)}${extension}\r\n`), part, crlf);
    at += part.length;
  }
  return [...chunks, Buffer.from(random.chance(90) ? '0\r\n\r\n' : '0\r\nX: y\r\n\r\n')];
}

const crlf = Buffer.from('\r\n');
