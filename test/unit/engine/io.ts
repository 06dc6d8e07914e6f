import type { Io, Notification, Peer } from '../../../src/exchange.js';

export const peer: Peer = {
  principal: { id: 'tester' },
  protocolVersion: '2026-07-28',
  capabilities: {},
};

/** An Io that keeps what is emitted. */
export function ioFor(
  signal: AbortSignal = new AbortController().signal,
  emitted: Notification[] = [],
): Io {
  return { signal, peer, emit: (notification) => void emitted.push(notification) };
}
