import type { Running } from '../../engine/drain.js';
import type { PipeReceiver } from '../../engine/pipe.js';
import type { Places } from '../../engine/places.js';
import { servePipe, type ServedPipe } from '../../eras/serve-pipe.js';
import { McpError } from '../../errors.js';
import type { Principal, Served } from '../../exchange.js';
import { encodeMessage } from '../../json-rpc/encode.js';
import type { Message } from '../../json-rpc/message.js';
import type { Limits } from '../../limits.js';
import type { Platform } from '../../platform/platform.js';
import { toBase64Url } from '../../platform/random.js';
import { noticeOfMessage } from '../../protocol/notice.js';
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
}

/** The pair of endpoints of 2024-11-05, for clients that know nothing newer. */
export interface HttpSse {
  /** GET: opens the stream on which everything is answered. */
  open(wire: WireReply, who: Principal): void;
  /** POST: one message for the stream named in the query. */
  post(query: string, message: Message, wire: WireReply, who: Principal): void;
  /** Lets running calls finish for up to `drainMs`, then ends every stream. */
  endAll(drainMs: number): Promise<void>;
}

interface Connection {
  readonly principal: Principal;
  readonly receiver: () => PipeReceiver | undefined;
  readonly served: ServedPipe;
}

export function createHttpSse(options: HttpSseOptions): HttpSse {
  const { served, limits, platform, streamPlaces, calls } = options;
  const connections = new Map<string, Connection>();

  return {
    open(wire, who) {
      streamPlaces.take(who);
      const id = toBase64Url(platform.random.bytes(32));
      let receiver: PipeReceiver | undefined;
      const onVanish = (): void => receiver?.end();
      const onClose = (): void => streamPlaces.leave(who);
      const { clock } = platform;
      const writer = openSse(wire, { clock, limits, onVanish, onClose, reader: who });
      void writer.write(
        encodeSseEvent({ event: 'endpoint', data: `${messagePath}?sessionId=${id}` }),
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
    post(query, message, wire, who) {
      const id = new URLSearchParams(query).get('sessionId') ?? '';
      const connection = connections.get(id);
      // What comes over it runs with the scopes of the stream: nobody may borrow them.
      if (connection === undefined || !isSame(connection.principal, who)) {
        throw new McpError('sessionNotFound', 'No open stream has this sessionId');
      }
      wire.send(202, emptyHeaders);
      connection.receiver()?.receive(message);
    },
    async endAll(drainMs) {
      const all = [...connections.values()];
      await Promise.all(all.map((connection) => connection.served.close({ drainMs })));
    },
  };
}

function isSame(one: Principal, other: Principal): boolean {
  const scopesOf = ({ scopes = [] }: Principal): string => scopes.toSorted().join(' ');
  return one.id === other.id && scopesOf(one) === scopesOf(other);
}
