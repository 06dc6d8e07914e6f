import { fileURLToPath } from 'node:url';
import {
  SSEClientTransport as V2Sse,
  StreamableHTTPClientTransport as V2Http,
} from '@modelcontextprotocol/client';
import { SSEClientTransport as V1Sse } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport as V1Http } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { InteropClient } from './clients/interop-client.js';
import { connectOurs } from './clients/ours.js';
import { connectPython } from './clients/python.js';
import { connectV1, v1Stdio } from './clients/v1.js';
import { connectV2, v2Stdio } from './clients/v2.js';
import type { Host } from './hosts/host.js';
import { hostOurs } from './hosts/ours.js';
import { hostPython } from './hosts/python.js';
import { hostV1, hostV1Json, hostV1Sse } from './hosts/v1.js';
import { hostV2 } from './hosts/v2.js';
import { pythonProgram } from './python/python.js';

export type Side = 'ours' | 'v1' | 'v2' | 'python';
export type Carrier = 'stdio' | 'http' | 'sse' | 'json';
export type Era = 'legacy' | 'modern';

/** One way in which a client and a server can meet. */
export interface Column {
  readonly client: Side;
  readonly server: Side;
  /** `sse` is HTTP+SSE of 2024-11-05; `json` is HTTP without sessions and streams. */
  readonly carrier: Carrier;
  readonly era: Era;
}

export const columns: readonly Column[] = [
  { client: 'ours', server: 'v1', carrier: 'stdio', era: 'legacy' },
  { client: 'ours', server: 'v1', carrier: 'http', era: 'legacy' },
  { client: 'ours', server: 'v1', carrier: 'sse', era: 'legacy' },
  { client: 'ours', server: 'v1', carrier: 'json', era: 'legacy' },
  { client: 'ours', server: 'v2', carrier: 'stdio', era: 'legacy' },
  { client: 'ours', server: 'v2', carrier: 'http', era: 'legacy' },
  { client: 'ours', server: 'v2', carrier: 'stdio', era: 'modern' },
  { client: 'ours', server: 'v2', carrier: 'http', era: 'modern' },
  { client: 'v1', server: 'ours', carrier: 'stdio', era: 'legacy' },
  { client: 'v1', server: 'ours', carrier: 'http', era: 'legacy' },
  { client: 'v1', server: 'ours', carrier: 'sse', era: 'legacy' },
  { client: 'v2', server: 'ours', carrier: 'stdio', era: 'legacy' },
  { client: 'v2', server: 'ours', carrier: 'http', era: 'legacy' },
  { client: 'v2', server: 'ours', carrier: 'sse', era: 'legacy' },
  { client: 'v2', server: 'ours', carrier: 'stdio', era: 'modern' },
  { client: 'v2', server: 'ours', carrier: 'http', era: 'modern' },
];

/** The official Python SDK, which is there only where Python and its package are. */
export const pythonColumns: readonly Column[] = [
  { client: 'ours', server: 'python', carrier: 'stdio', era: 'legacy' },
  { client: 'ours', server: 'python', carrier: 'http', era: 'legacy' },
  { client: 'ours', server: 'python', carrier: 'stdio', era: 'modern' },
  { client: 'ours', server: 'python', carrier: 'http', era: 'modern' },
  { client: 'python', server: 'ours', carrier: 'stdio', era: 'legacy' },
  { client: 'python', server: 'ours', carrier: 'http', era: 'legacy' },
  { client: 'python', server: 'ours', carrier: 'stdio', era: 'modern' },
  { client: 'python', server: 'ours', carrier: 'http', era: 'modern' },
];

export function nameOf({ client, server, carrier, era }: Column): string {
  return `${client} → ${server}, ${carrier}, ${era}`;
}

/** A client that is connected, along with what has to be closed after it. */
export interface Meeting {
  readonly client: InteropClient;
  close(): Promise<void>;
}

export async function meet(column: Column): Promise<Meeting> {
  if (column.carrier === 'stdio') {
    const client = await connectProgram(column);
    return { client, close: () => client.close() };
  }
  const host = await hostFor(column);
  try {
    const client = await connectTo(host.url, column, host);
    return {
      client,
      async close() {
        await client.close();
        await host.close();
      },
    };
  } catch (thrown) {
    await host.close();
    throw thrown;
  }
}

/** How a demo server is started as a program. */
export function commandOf(server: Side): readonly [string, ...string[]] {
  if (server === 'python') return pythonProgram('server');
  return [process.execPath, '--import', 'tsx', fileURLToPath(programs[server])];
}

const programs: { readonly [server in Exclude<Side, 'python'>]: URL } = {
  ours: new URL('programs/ours.ts', import.meta.url),
  v1: new URL('programs/v1.ts', import.meta.url),
  v2: new URL('programs/v2.ts', import.meta.url),
};

function connectProgram({ client, server, era }: Column): Promise<InteropClient> {
  const [command, ...args] = commandOf(server);
  if (client === 'ours') return connectOurs({ command, args, stderr: 'capture' }, { era });
  if (client === 'v1') return connectV1(v1Stdio([command, ...args]));
  if (client === 'python') {
    return connectPython({ program: { command, args }, era, mode: pythonMode(era) });
  }
  return connectV2(v2Stdio([command, ...args]), modeOf(era));
}

function hostFor({ server, carrier }: Column): Promise<Host> {
  if (server === 'ours') return hostOurs();
  if (server === 'v2') return hostV2();
  if (server === 'python') return hostPython();
  if (carrier === 'sse') return hostV1Sse();
  return carrier === 'json' ? hostV1Json() : hostV1();
}

/** A client over HTTP that has its standing stream, where its era knows such a thing. */
export async function connectTo(
  address: string,
  { client, carrier, era }: Column,
  host: Host,
): Promise<InteropClient> {
  if (client === 'ours') {
    const connected = await connectOurs(address, { era });
    if (carrier === 'http' && era === 'legacy') await host.stands(1);
    return connected;
  }
  if (client === 'python') return connectPython({ url: address, era, mode: pythonMode(era) });
  const stand = standingFetch();
  const isSse = carrier === 'sse';
  const url = new URL(isSse ? '/sse' : '/mcp', address);
  const options = { fetch: stand.fetch, reconnectionOptions: soon };
  const connected =
    client === 'v1'
      ? await connectV1(isSse ? new V1Sse(url, options) : new V1Http(url, options))
      : await connectV2(isSse ? new V2Sse(url, options) : new V2Http(url, options), modeOf(era));
  if (era === 'legacy') await stand.standing;
  return connected;
}

// The SDKs wait a second before they come back, and come back twice.
const soon = {
  initialReconnectionDelay: 20,
  maxReconnectionDelay: 100,
  reconnectionDelayGrowFactor: 1.5,
  maxRetries: 50,
};

export function modeOf(era: Era): 'legacy' | { pin: string } {
  return era === 'legacy' ? 'legacy' : { pin: '2026-07-28' };
}

/** Without a pin it would ask what the server can do, which is what is wanted here. */
function pythonMode(era: Era): string {
  return era === 'legacy' ? 'legacy' : 'auto';
}

/** A fetch that tells when the client has got its standing stream. */
export function standingFetch(): { fetch: typeof fetch; standing: Promise<void> } {
  let stood = (): void => undefined;
  const standing = new Promise<void>((resolve) => (stood = resolve));
  return {
    standing,
    async fetch(input, init) {
      const response = await fetch(input, init);
      const { method = 'GET' } = init ?? {};
      if (method === 'GET' && response.status === 200) stood();
      return response;
    },
  };
}
