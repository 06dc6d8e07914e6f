import type {
  EventStore,
  StoredEvent,
  StreamKey,
  StreamPurpose,
} from '../../stores/event-store.js';
import { inTime, same } from './cases.js';

/** The stream that most cases are about. */
export const key: StreamKey = { principal: 'ann', session: 's', stream: 'a' };

export const bySelf: StreamPurpose = { owner: 'node 1', purpose: 'answers', owed: [] };

export function eventsOf(texts: readonly string[], from = 1): readonly StoredEvent[] {
  return texts.map((data, at) => ({ seq: from + at, data }));
}

/** Appends texts as `node 1`, one after the other. */
export async function appendAll(
  store: EventStore,
  texts: readonly string[],
  { from = 1, to = key }: { readonly from?: number; readonly to?: StreamKey } = {},
): Promise<void> {
  for (const event of eventsOf(texts, from)) {
    same(await store.append(to, 'node 1', event), true, `append ${event.seq}`);
  }
}

/** Begins the streams, and appends a text each to them. */
export async function beginAll(
  store: EventStore,
  streams: readonly (readonly [StreamKey, string])[],
): Promise<void> {
  for (const [to, text] of streams) {
    await store.begin(to, bySelf);
    await appendAll(store, [text], { to });
  }
}

/** A watcher that tells when it next hears of a change. */
export interface Watching {
  readonly changed: () => void;
  /** Does `step`, and resolves once a change was told of after that began. */
  expect(what: string, step: () => unknown): Promise<void>;
  /** How often a change was told of. */
  readonly count: number;
}

export function watching(): Watching {
  let count = 0;
  let told = (): void => undefined;
  return {
    changed() {
      count++;
      told();
    },
    async expect(what, step) {
      const heard = new Promise<void>((resolve) => (told = resolve));
      await step();
      await inTime(heard, what);
    },
    get count() {
      return count;
    },
  };
}
