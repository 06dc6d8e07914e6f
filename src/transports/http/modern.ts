import type { Running } from '../../engine/drain.js';
import { createWork, type WorkOptions } from '../../engine/detached.js';
import { serveModern } from '../../eras/modern/serve.js';
import { McpError } from '../../errors.js';
import type { Exchange, Principal, Served } from '../../exchange.js';
import type { Message, RequestMessage } from '../../json-rpc/message.js';
import { isNotification, isRequest } from '../../json-rpc/message.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import type { Head } from './head.js';
import { compareMirroredHeaders } from './mirrored-headers.js';
import { Reply } from './reply.js';
import { emptyHeaders } from './reply-headers.js';
import type { WireReply } from './wire.js';

export interface ModernOptions {
  readonly served: Served;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly calls: Running;
  readonly streams: Running;
}

export type ModernPost = (
  message: Message,
  head: Head,
  wire: WireReply,
  principal: Principal,
) => void;

const noParams: ReadonlyMap<string, string> = new Map();

/** One POST of the stateless era: one exchange, which ends when its reader goes. */
export function createModernPost(options: ModernOptions): ModernPost {
  const exchange = serveModern(options.served);
  return (message, head, wire, principal) => {
    if (isRequest(message)) return serveOne(exchange, message, head, wire, principal, options);
    // The era knows no notification from clients over HTTP; one that comes is taken and forgotten.
    if (isNotification(message)) return wire.send(202, emptyHeaders);
    throw new McpError('invalidRequest', 'Responses are not accepted: retry the request');
  };
}

function serveOne(
  exchange: Exchange,
  request: RequestMessage,
  head: Head,
  wire: WireReply,
  principal: Principal,
  { served, limits, clock, calls, streams }: ModernOptions,
): void {
  const mismatch = compareMirroredHeaders(request, head, served.methods);
  if (mismatch !== undefined) throw mismatch;
  const isStream = request.method === 'subscriptions/listen';
  const onVanish = (): void => work.detach();
  // A listener comes back with a new token; whether a call may be made again, its caller knows.
  const onExpire = (): void => void (isStream ? work.flight.wrapUp() : work.flight.end('expired'));
  const { id } = request;
  const reply = new Reply({ wire, id, clock, limits, onVanish, reader: principal, onExpire });
  const options: WorkOptions = {
    clock,
    peer: { principal, protocolVersion: '', capabilities: {} },
    paramHeaders: () => head.params ?? noParams,
    group: isStream ? streams : calls,
    whenDetached: 'cancel',
    noticesMax: 0,
    callMs: isStream ? undefined : limits.serverCallMs,
  };
  const work = createWork(options, reply);
  work.start(exchange, request);
}
