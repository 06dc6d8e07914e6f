/** The official clients, by the messages that their transports take off the wire. */
import {
  Client as V2Client,
  StreamableHTTPClientTransport as V2Transport,
} from '@modelcontextprotocol/client';
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as V1Transport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { type ConnectReceiver, type Ears, patience, type Receiver, textOf } from './receiver.js';
import { placeOf, rememberPlaces } from './sdk-places.js';

const info = { name: 'delivery', version: '1.0.0' };
const reconnectionOptions = {
  initialReconnectionDelay: patience.firstMs,
  maxReconnectionDelay: patience.longestMs,
  reconnectionDelayGrowFactor: 1.5,
  maxRetries: patience.retriesMax,
};

export const connectV1: ConnectReceiver = (url, ...rest) => {
  const transport = new V1Transport(new URL(url), { reconnectionOptions });
  const client = new V1Client(info);
  return receive(
    client,
    transport,
    (given, how) => client.callTool(given, undefined, how),
    ...rest,
  );
};

export const connectV2: ConnectReceiver = (url, ...rest) => {
  const transport = new V2Transport(new URL(url), { reconnectionOptions });
  const client = new V2Client(info, { versionNegotiation: { mode: 'legacy' } });
  return receive(client, transport, (given, how) => client.callTool(given, how), ...rest);
};

/** What the clients have in common. */
interface SdkClient<Transport> {
  connect(transport: Transport): Promise<void>;
  setLoggingLevel(level: 'info'): Promise<unknown>;
  subscribeResource(params: { uri: string }): Promise<unknown>;
  close(): Promise<void>;
}

async function receive<Transport extends Parameters<typeof rememberPlaces>[0]>(
  client: SdkClient<Transport>,
  transport: Transport,
  call: Call,
  uris: readonly string[],
  ears: Ears,
): Promise<Receiver> {
  const places = rememberPlaces(transport);
  await client.connect(transport);
  await client.setLoggingLevel('info');
  for (const uri of uris) await client.subscribeResource({ uri });
  await places.stands;
  hear(transport, ears);
  return receiverOf(call, places.forgotten, () => client.close());
}

interface Message {
  readonly method?: string;
  readonly params?: {
    readonly message?: string;
    readonly data?: unknown;
    readonly uri?: string;
  };
  readonly result?: { readonly content?: unknown };
}

function hear(transport: { onmessage?: unknown }, ears: Ears): void {
  const { onmessage } = transport as { onmessage: (message: Message, extra?: unknown) => void };
  transport.onmessage = (message: Message, extra?: unknown): void => {
    const { method, params = {}, result } = message;
    if (method === 'notifications/progress') ears.event(params.message ?? '');
    else if (method === 'notifications/message') ears.event(String(params.data));
    else if (method === 'notifications/resources/updated') ears.notice(params.uri ?? '');
    else if (result?.content !== undefined) ears.event(textOf(result));
    onmessage(message, extra);
  };
}

type Call = (
  params: { readonly name: string; readonly arguments: { readonly [name: string]: unknown } },
  options: {
    readonly signal: AbortSignal;
    readonly timeout: number;
    readonly onprogress: () => void;
    readonly onresumptiontoken: (id: string) => void;
  },
) => Promise<unknown>;

function receiverOf(send: Call, forgotten: () => number, close: () => Promise<void>): Receiver {
  return {
    async call(tag, events, holds = false) {
      const stopper = new AbortController();
      const place = placeOf(() => stopper.abort());
      try {
        await send(
          { name: 'count', arguments: { tag, events, holds } },
          {
            signal: stopper.signal,
            timeout: patience.callMs,
            onprogress: () => undefined,
            onresumptiontoken: place,
          },
        );
        return { kind: 'answered' };
      } catch (thrown) {
        // Without an event id there is nothing that was promised.
        if ((place as { id?: string }).id === undefined) return { kind: 'unknown' };
        const { code } = thrown as { code?: unknown };
        return { kind: 'failed', why: `${String(code)} ${String(thrown)}` };
      }
    },
    forgotten,
    close,
  };
}
