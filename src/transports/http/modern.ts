import type { Running } from '../../engine/drain.js';
import { startDeadline } from '../../engine/deadline.js';
import { Flight, run } from '../../engine/flight.js';
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
import { emptyHeaders, sendError } from './reply-headers.js';
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
    sendError(
      wire,
      new McpError('invalidRequest', 'Responses are not accepted: retry the request'),
    );
  };
}

function serveOne(
  exchange: Exchange,
  request: RequestMessage,
  head: Head,
  wire: WireReply,
  principal: Principal,
  { limits, clock, calls, streams }: ModernOptions,
): void {
  const mismatch = compareMirroredHeaders(request, head);
  if (mismatch !== undefined) return sendError(wire, mismatch, request.id);
  const isStream = request.method === 'subscriptions/listen';
  const flight = new Flight({
    peer: { principal, protocolVersion: '', capabilities: {} },
    emit: (notification) => reply.emit(notification),
    paramHeaders: () => head.params ?? noParams,
  });
  const group = isStream ? streams : calls;
  group.add(flight);
  const onVanish = (): void => void flight.end('disconnected');
  const reply = new Reply({ wire, id: request.id, clock, limits, onVanish });
  flight.onEnd((ending) => {
    group.delete(flight);
    if (ending === 'timedOut' || ending === 'shutDown') reply.settle(endError(ending));
  });
  if (!isStream) {
    const onExpire = (): void => void flight.end('timedOut');
    flight.deadline = startDeadline(clock, { ms: limits.serverCallMs, msMax: Infinity, onExpire });
  }
  run(exchange, request, flight, (outcome) => reply.settle(outcome));
}

/** What the caller of a call that was ended from here is told. */
export function endError(ending: 'timedOut' | 'shutDown'): McpError {
  return ending === 'timedOut'
    ? new McpError('timeout', 'The call took longer than the server allows')
    : new McpError('unavailable', 'The server is shutting down');
}
