import { compose, type Exchange, type Io, type Middleware } from '../exchange.js';
import type { CallIo } from './retry-lost.js';

/**
 * As `compose`, for middleware that others have written: what it gets is a plain object, which can
 * be copied and wrapped, and whose `signal` is the only one. Where there is none, nothing is added.
 */
export function composePlain(middleware: readonly Middleware[], exchange: Exchange): Exchange {
  return middleware.length === 0 ? exchange : compose([plainly, ...middleware], exchange);
}

const plainly: Middleware = (next) => (request, io) => next(request, plain(io));

function plain(io: CallIo): CallIo {
  const emit: Io['emit'] = (notification) => io.emit(notification);
  const { signal, peer, deadline, idempotent, onTask } = io;
  return { signal, peer, emit, deadline, idempotent, onTask };
}
