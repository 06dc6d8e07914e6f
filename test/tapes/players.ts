import { hostServer, manualPlatform, type TransportName } from '../../src/testing/index.js';
import { type RawEvent, rawHttp, type RawStream } from '../matrix/raw-http.js';
import { rawPipe } from '../matrix/raw-pipe.js';
import { createTapeServer } from './server.js';
import { asLine } from './tape.js';

/** A connection to the server of the tapes, in lines of a tape. */
export interface Player {
  /** Sends one message, or one HTTP request with all of its lines. */
  send(lines: readonly string[]): Promise<void>;
  /** The next line of the server. */
  next(): Promise<string>;
  /** All that the server says before it falls silent: for writing a tape, not for checking one. */
  settled(): Promise<string[]>;
  /** The reader of the newest answer goes. */
  cut(): void;
  /** Ends the connection; what was said beyond what was asked for. */
  close(): Promise<string[]>;
}

export function playStdio(): Promise<Player> {
  const platform = manualPlatform();
  const pipe = rawPipe(createTapeServer(platform), platform);
  const takeAll = (): string[] => pipe.waiting.splice(0).map(asLine);
  return Promise.resolve({
    async send(lines) {
      for (const line of lines) pipe.write(line);
    },
    next: async () => asLine(await pipe.next()),
    async settled() {
      await silence(() => pipe.waiting.length);
      return takeAll();
    },
    cut: () => undefined,
    async close() {
      await pipe.end();
      return takeAll();
    },
  });
}

export async function playHttp(transport: TransportName): Promise<Player> {
  const platform = manualPlatform();
  const host = await hostServer(transport, createTapeServer(platform), { platform });
  const raw = rawHttp(host.url!, host.fetch!);
  const waiting: string[] = [];
  const gone = new Set<RawStream>();
  let wake = (): void => undefined;
  let answer: RawStream | undefined;

  const say = (...lines: string[]): void => {
    waiting.push(...lines);
    wake();
  };
  const follow = async (stream: RawStream): Promise<void> => {
    for (let one = await stream.next(); one !== undefined; one = await stream.next()) {
      say(eventLine(one));
    }
    // A reader that has gone hears no end.
    if (!gone.has(stream)) say('end');
  };
  return {
    async send([method = '', ...lines]) {
      const body = lines.find((line) => line.startsWith('{'));
      const given = lines.filter((line) => line !== body).map((line) => line.split(': '));
      const headers = {
        accept: method === 'POST' ? 'application/json, text/event-stream' : 'text/event-stream',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(Object.fromEntries(given) as { [name: string]: string }),
      };
      answer = await raw.stream(method, headers, body && JSON.parse(body));
      say(...(await headLines(answer)));
      if (isStream(answer)) void follow(answer).catch(() => undefined);
    },
    async next() {
      while (waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return waiting.shift()!;
    },
    async settled() {
      await silence(() => waiting.length);
      return waiting.splice(0);
    },
    cut() {
      if (answer === undefined) return;
      gone.add(answer);
      answer.cut();
    },
    async close() {
      const said = [...waiting];
      await host.close();
      return said;
    },
  };
}

/** The status of an answer, its session, and its body where that is no stream. */
async function headLines(answer: RawStream): Promise<string[]> {
  const type = answer.header('content-type');
  const session = answer.header('mcp-session-id');
  const lines = [type === undefined ? `${answer.status}` : `${answer.status} ${type}`];
  if (session !== undefined) lines.push(`Mcp-Session-Id: ${session}`);
  if (type === 'application/json') lines.push(asLine(JSON.parse(await answer.text())));
  return lines;
}

function isStream(answer: RawStream): boolean {
  return answer.header('content-type') === 'text/event-stream';
}

function eventLine({ id, retry, message }: RawEvent): string {
  const parts = [
    id,
    retry === undefined ? undefined : `retry ${retry}`,
    message && asLine(message),
  ];
  return ['event', ...parts.filter((part) => part !== undefined)].join(' ');
}

async function silence(count: () => number): Promise<void> {
  let before = -1;
  for (let quiet = 0; quiet < 3000; quiet++) {
    if (count() !== before) quiet = 0;
    before = count();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
