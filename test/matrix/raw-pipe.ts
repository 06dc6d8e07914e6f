import { PassThrough } from 'node:stream';
import type { Server } from '../../src/index.js';
import type { JsonObject } from '../../src/json-rpc/message.js';
import type { Limits } from '../../src/limits.js';
import type { Platform } from '../../src/platform/platform.js';
import { serveStdio } from '../../src/transports/stdio/index.js';

/** The client's end of stdio as bare lines: whatever a stranger may write. */
export interface RawPipe {
  write(line: string | JsonObject): void;
  /** The next line of the server. */
  next(): Promise<JsonObject>;
  /** Lines that have come and were not looked at. */
  readonly waiting: JsonObject[];
  /** Ends the input; resolves when the server has said its last. */
  end(): Promise<void>;
}

export function rawPipe(server: Server, platform: Platform, limits: Partial<Limits> = {}): RawPipe {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const serving = serveStdio(server, { stdin, stdout, platform, limits, exitAtEnd: false });
  const waiting: JsonObject[] = [];
  let wake = (): void => undefined;
  let rest = '';
  stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    waiting.push(...lines.map((line) => JSON.parse(line) as JsonObject));
    wake();
  });
  return {
    waiting,
    write: (line) => {
      stdin.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
    },
    async next() {
      while (waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return waiting.shift()!;
    },
    async end() {
      stdin.end();
      await serving.closed;
    },
  };
}

/** `_meta` of a modern request. */
export const modernMeta = Object.freeze({
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
});

export function modern(id: unknown, method: string, params: object = {}): JsonObject {
  return { jsonrpc: '2.0', id, method, params: { ...params, _meta: modernMeta } };
}

export function legacy(id: unknown, method: string, params?: object): JsonObject {
  return { jsonrpc: '2.0', id, method, ...(params === undefined ? {} : { params }) };
}

export function initialize(id: unknown, protocolVersion = '2025-11-25'): JsonObject {
  const clientInfo = { name: 'raw', version: '1' };
  return legacy(id, 'initialize', { protocolVersion, capabilities: {}, clientInfo });
}

export const initialized: JsonObject = { jsonrpc: '2.0', method: 'notifications/initialized' };
