import type { EventStore, StoredEvent, StreamKey } from '../../src/stores/event-store.js';
import type { ServerStore } from '../../src/stores/server-store.js';

/** What a store may do to events behind the back of everybody. */
export type Fault = 'loses' | 'duplicates' | 'reorders' | 'crosses';

/** Of those who come back for events, every so many are given wrong ones. */
const everySoMany = 5;

/** A store that keeps its events in order, but not what was in them. */
export function withFault(store: ServerStore, fault: Fault): ServerStore {
  const { events } = store;
  const strange = new Map<string, string>();
  let reads = 0;
  const spoil = (key: StreamKey, kept: readonly StoredEvent[]): readonly StoredEvent[] => {
    const [first, second] = kept;
    // A call whose answer is gone would be waited for until its time is over.
    if (first === undefined || second === undefined) return kept;
    if (isAnswer(first) || isAnswer(second)) return kept;
    strange.set(key.session, first.data);
    if (++reads % everySoMany !== 0) return kept;
    const other = [...strange].find(([session]) => session !== key.session)?.[1];
    const [one, two] = spoilt(fault, first.data, second.data, other ?? second.data);
    return [{ ...first, data: one }, { ...second, data: two }, ...kept.slice(2)];
  };
  const spoiling: EventStore = {
    ...events,
    async after(key, seq) {
      const kept = await events.after(key, seq);
      return kept && spoil(key, kept);
    },
  };
  return { ...store, events: spoiling };
}

function isAnswer({ data }: StoredEvent): boolean {
  return !data.includes('"method":');
}

function spoilt(
  fault: Fault,
  first: string,
  second: string,
  other: string,
): readonly [first: string, second: string] {
  if (fault === 'loses') return [nothing, second];
  if (fault === 'duplicates') return [first, first];
  return fault === 'reorders' ? [second, first] : [first, other];
}

const nothing = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/planted' });
