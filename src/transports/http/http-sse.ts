import type { Running } from '../../engine/drain.js';
import type { PipeReceiver } from '../../engine/pipe.js';
import type { Places } from '../../engine/places.js';
import { servePipe, type ServedPipe } from '../../eras/serve-pipe.js';
import { McpError } from '../../errors.js';
import type { Principal, Served } from '../../exchange.js';
import { encodeMessage } from '../../json-rpc/encode.js';
import { isJsonObject, type JsonObject, type Message } from '../../json-rpc/message.js';
import type { Limits } from '../../limits.js';
import type { Platform } from '../../platform/platform.js';
import { toBase64Url } from '../../platform/random.js';
import { noticeOfMessage } from '../../protocol/notice.js';
import type { Cluster } from '../../stores/cluster-store.js';
import { emptyHeaders } from './reply-headers.js';
import { encodeSseEvent } from './sse-encode.js';
import { openSse } from './sse-writer.js';
import type { WireReply } from './wire.js';

/** Where the event stream is, and where messages go. */
export const ssePath = '/sse';
export const messagePath = '/messages';

export interface HttpSseOptions {
  readonly served: Served;
  readonly limits: Limits;
  readonly platform: Platform;
  readonly streamPlaces: Places;
  readonly calls: Running;
  /** The stream of a message may be open at another node. */
  readonly cluster: Cluster;
}

/** What nodes hand to each other. */
const topic = 'http-sse/message';

/** The pair of endpoints of 2024-11-05, for clients that know nothing newer. */
export interface HttpSse {
  /** GET: opens the stream on which everything is answered. */
  open(wire: WireReply, who: Principal): void;
  /** POST: one message for the stream named in the query. */
  post(query: string, message: Message, wire: WireReply, who: Principal): Promise<void>;
  /** Lets running calls finish for up to `drainMs`, then ends every stream. */
  endAll(drainMs: number): Promise<void>;
}

interface Connection {
  readonly principal: Principal;
  readonly receiver: () => PipeReceiver | undefined;
  readonly served: ServedPipe;
}

export function createHttpSse(options: HttpSseOptions): HttpSse {
  const { served, limits, platform, streamPlaces, calls, cluster } = options;
  const connections = new Map<string, Connection>();

  /** False where no stream of that name is open here for just this caller. */
  const take = (id: string, who: Caller, message: Message): boolean => {
    const connection = connections.get(id);
    // What comes over it runs with the scopes of the stream: nobody may borrow them.
    if (connection === undefined || !isSame(connection.principal, who)) return false;
    connection.receiver()?.receive(message);
    return true;
  };
  const stopHearing = cluster.hear(topic, ({ id, who, message }) =>
    typeof id === 'string' && isJsonObject(who) && isJsonObject(message)
      ? take(id, who as unknown as Principal, message as unknown as Message)
      : false,
  );
  const passOn = (id: string, who: Principal, message: Message): Promise<boolean> => {
    const node = id.slice(0, Math.max(0, id.lastIndexOf('.')));
    if (node === '' || node === cluster.self) return Promise.resolve(false);
    const { scopes } = who;
    const caller: JsonObject = scopes === undefined ? { id: who.id } : { id: who.id, scopes };
    const said = { id, who: caller, message: { ...message } };
    return cluster.ask(node, topic, said).catch((cause: unknown) => {
      const text = 'The node of this stream cannot be reached just now; try again';
      throw new McpError('unavailable', text, { cause });
    });
  };

  return {
    open(wire, who) {
      streamPlaces.take(who);
      const id = `${cluster.self}.${toBase64Url(platform.random.bytes(32))}`;
      let receiver: PipeReceiver | undefined;
      const onVanish = (): void => receiver?.end();
      const onClose = (): void => streamPlaces.leave(who);
      const { clock } = platform;
      const writer = openSse(wire, { clock, limits, onVanish, onClose, reader: who });
      void writer.write(
        encodeSseEvent({
          event: 'endpoint',
          data: `${messagePath}?sessionId=${encodeURIComponent(id)}`,
        }),
      );
      const pipe = servePipe(
        served,
        {
          send: (message) =>
            writer.write(
              encodeSseEvent({ event: 'message', data: encodeMessage(message) }),
              noticeOfMessage(message),
            ),
          start: (begun) => (receiver = begun),
          async close() {
            writer.end();
          },
        },
        { limits, platform, principal: who, calls },
      );
      connections.set(id, { principal: who, receiver: () => receiver, served: pipe });
      void pipe.closed.then(() => {
        connections.delete(id);
        writer.end();
      });
    },
    async post(query, message, wire, who) {
      const id = new URLSearchParams(query).get('sessionId') ?? '';
      if (!take(id, who, message) && !(await passOn(id, who, message))) {
        throw new McpError('sessionNotFound', 'No open stream has this sessionId');
      }
      wire.send(202, emptyHeaders);
    },
    async endAll(drainMs) {
      stopHearing();
      const all = [...connections.values()];
      await Promise.all(all.map((connection) => connection.served.close({ drainMs })));
    },
  };
}

type Caller = Pick<Principal, 'id' | 'scopes'>;

function isSame(one: Caller, other: Caller): boolean {
  const scopesOf = ({ scopes = [] }: Caller): string => scopes.toSorted().join(' ');
  return one.id === other.id && scopesOf(one) === scopesOf(other);
}
