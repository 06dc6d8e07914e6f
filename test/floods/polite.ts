/** A well-behaved client: calls at a steady pace, in both eras, on old and on new connections. */
import { Agent, type IncomingMessage, request as httpRequest } from 'node:http';
import { initialize, inSession, modernCall, type Parts } from '../hostile/attack.js';
import { bodyBytes, headerLines } from '../hostile/bytes.js';
import { percentile } from './figures.js';

export interface Steady {
  /** Resolves with the first call that comes to an end after so many ms. */
  pass(ms: number): Promise<void>;
  /** Ends the pace, waits for what is under way, and tells. */
  stop(): Promise<SteadyFigures>;
}

export interface SteadyFigures {
  readonly calls: number;
  /** What went wrong, one text each. */
  readonly failures: readonly string[];
  /** From when a call was due until its answer was whole, in ms. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * Calls every so many ms, whether earlier calls have been answered or not. `keeps`: half of them on
 * connections that are kept.
 */
export async function callSteadily(port: number, everyMs = 10, keeps = true): Promise<Steady> {
  const kept = new Agent({ keepAlive: true, maxSockets: 8 });
  const session = await openSession(port);
  const legacy = (id: number): Parts =>
    inSession({ id, method: 'tools/call', params: { name: 'look', arguments: {} } }, session);
  const modern = modernCall('look');
  const took: number[] = [];
  const failures: string[] = [];
  const underWay = new Set<Promise<void>>();
  let count = 0;
  let wake = (): void => undefined;

  const call = async (parts: Parts, agent: Agent | false): Promise<void> => {
    const due = performance.now();
    try {
      const { status, body } = await send(port, parts, agent);
      if (status !== 200 || !body.includes('a harmless look')) {
        failures.push(`${status} ${body.slice(0, 200)}`);
      }
    } catch (thrown) {
      failures.push(String(thrown));
    }
    took.push(performance.now() - due);
    wake();
  };
  const timer = setInterval(() => {
    const at = count++;
    const parts = at % 2 === 0 ? modern : legacy(at);
    const one = call(parts, keeps && at % 4 < 2 ? kept : false).then(
      () => void underWay.delete(one),
    );
    underWay.add(one);
  }, everyMs);

  return {
    pass(ms) {
      const until = performance.now() + ms;
      return new Promise((resolve) => {
        wake = () => {
          if (performance.now() >= until) resolve();
        };
      });
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(underWay);
      kept.destroy();
      const [p50, p99, max] = [50, 99, 100].map((percent) => percentile(took, percent));
      return { calls: took.length, failures, p50: p50!, p99: p99!, max: max! };
    },
  };
}

/** Begins a session; returns its id. */
export async function openSession(port: number, agent: Agent | false = false): Promise<string> {
  const { headers } = await send(port, initialize, agent);
  const session = String(headers['mcp-session-id']);
  await send(port, inSession({ method: 'notifications/initialized' }, session), agent);
  return session;
}

export interface Heard {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Sends one request and takes the whole answer. */
export function send(port: number, parts: Parts, agent: Agent | false = false): Promise<Heard> {
  const words = { port };
  const body = bodyBytes(parts.body, words);
  const headers = Object.fromEntries(headerLines(parts.headers, words));
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method: parts.method, path: parts.target, agent };
    const request = httpRequest({ ...options, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      response.on('end', () => {
        const { statusCode = 0, headers: answered } = response;
        resolve({
          status: statusCode,
          headers: answered,
          body: Buffer.concat(chunks).toString(),
        });
      });
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      // A kept connection may have been closed for being idle while the request was on its way.
      const isStale = request.reusedSocket && error.code === 'ECONNRESET';
      if (isStale) resolve(send(port, parts, agent));
      else reject(error);
    });
    request.end(body);
  });
}
