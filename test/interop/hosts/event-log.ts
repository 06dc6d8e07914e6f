import type { EventStore, JSONRPCMessage } from '@modelcontextprotocol/server';

/**
 * An event store for the official SDKs' servers, in order of arrival. The one that comes with their
 * examples sorts events of one millisecond by chance, and loses standing streams.
 */
export function eventLog(): EventStore {
  const events: { readonly streamId: string; readonly message: JSONRPCMessage }[] = [];
  const streamOf = (eventId: string): string | undefined => events[Number(eventId)]?.streamId;
  return {
    storeEvent: (streamId, message) =>
      Promise.resolve(String(events.push({ streamId, message }) - 1)),
    getStreamIdForEventId: (eventId) => Promise.resolve(streamOf(eventId)),
    async replayEventsAfter(lastEventId, { send }) {
      const stream = streamOf(lastEventId) ?? '';
      for (const [at, { streamId, message }] of events.entries()) {
        // The event that opens a stream has no message.
        const isOpening = Object.keys(message).length === 0;
        if (at > Number(lastEventId) && streamId === stream && !isOpening) {
          await send(String(at), message);
        }
      }
      return stream;
    },
  };
}
