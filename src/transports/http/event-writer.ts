import type { RequestId } from '../../json-rpc/message.js';
import type { Clock } from '../../platform/clock.js';
import type {
  EventStore,
  StoredEvent,
  StreamKey,
  StreamPurpose,
} from '../../stores/event-store.js';

/**
 * What the store made of an event: it took it, it takes none from this node any more, it has
 * failed, or nobody can tell.
 */
export type Kept = boolean | 'failed' | 'unknown';

export interface EventWriterOptions {
  readonly key: StreamKey;
  readonly store: EventStore;
  /** This node, which writes the stream. */
  readonly owner: string;
  readonly clock: Clock;
  /** How soon a store that has failed is tried again, in ms. */
  readonly storeRetryMs: number;
  /** How many bytes may be on their way to the store. */
  readonly unkeptBytesMax: number;
  /** Told what the store threw. */
  readonly onFault: (cause: unknown) => void;
}

/** Something for the store, in the place that it has in the stream. */
interface Step {
  readonly place: number;
  readonly work: () => Kept | Promise<Kept>;
  readonly done: (kept: Kept) => void;
}

/**
 * Brings the events of one stream to the store, all at once as they come. When a store that may
 * come back has failed, they wait, and go to it one by one, in order.
 */
export class EventWriter {
  readonly #options: EventWriterOptions;
  #beginning: Promise<void> | undefined;
  /** The store does not know of the stream. */
  #isUnkept = false;
  #bytes = 0;
  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #waiting: Step[] = [];
  #isRetrying = false;

  constructor(options: EventWriterOptions) {
    this.#options = options;
  }

  /** Begins the stream, before anything else. */
  begin(purpose: Omit<StreamPurpose, 'owner'>): void | Promise<void> {
    const { store, key, owner, onFault } = this.#options;
    const failed = (cause: unknown): void => {
      this.#isUnkept = true;
      onFault(cause);
    };
    const begun = orReport(() => store.begin(key, { ...purpose, owner }), failed);
    if (begun === undefined) return;
    this.#beginning = begun.finally(() => (this.#beginning = undefined));
    return begun;
  }

  keep(event: StoredEvent, settled?: RequestId): Kept | Promise<Kept> {
    const { store, key, owner, unkeptBytesMax } = this.#options;
    const size = event.data.length;
    if (this.#bytes > 0 && this.#bytes + size > unkeptBytesMax) return 'unknown';
    const kept = this.#give(event.seq, () => store.append(key, owner, event, settled));
    if (typeof kept !== 'object') return kept;
    this.#bytes += size;
    return kept.finally(() => (this.#bytes -= size));
  }

  /** Nothing follows after the event `lastSeq`. */
  async finish(lastSeq: number): Promise<void> {
    const { store, key, owner } = this.#options;
    await this.#give(lastSeq + 0.5, async () => {
      await store.finish(key, owner, lastSeq);
      return true;
    });
  }

  #give(place: number, work: Step['work']): Kept | Promise<Kept> {
    if (this.#isRetrying) return this.#later(place, work);
    const kept = this.#try(work);
    if (typeof kept === 'object') return this.#orLater(place, work, kept);
    return kept === 'failed' && this.#mayComeBack ? this.#later(place, work) : kept;
  }

  get #mayComeBack(): boolean {
    return this.#options.store.outageMs !== undefined && !this.#isUnkept;
  }

  async #orLater(place: number, work: Step['work'], first: Promise<Kept>): Promise<Kept> {
    this.#inFlight.add(first);
    const kept = await first.finally(() => this.#inFlight.delete(first));
    return kept === 'failed' && this.#mayComeBack ? this.#later(place, work) : kept;
  }

  #later(place: number, work: Step['work']): Promise<Kept> {
    return new Promise((done) => {
      // Nearly always behind all others: there may be tens of thousands.
      let at = this.#waiting.length;
      while (at > 0 && this.#waiting[at - 1]!.place > place) at--;
      this.#waiting.splice(at, 0, { place, work, done });
      if (!this.#isRetrying) void this.#retry();
    });
  }

  async #retry(): Promise<void> {
    this.#isRetrying = true;
    const { clock, store, storeRetryMs } = this.#options;
    const until = clock.now() + (store.outageMs ?? 0);
    for (;;) {
      // What was given to it before comes first, or comes back to wait as well.
      while (this.#inFlight.size > 0) await Promise.allSettled([...this.#inFlight]);
      const [next] = this.#waiting;
      if (next === undefined) break;
      const kept = clock.now() < until ? await this.#try(next.work) : 'unknown';
      if (kept === 'failed')
        await new Promise<void>((resolve) => clock.after(storeRetryMs, resolve));
      else {
        this.#waiting.shift();
        next.done(kept);
      }
    }
    this.#isRetrying = false;
  }

  #try(work: Step['work']): Kept | Promise<Kept> {
    const { onFault } = this.#options;
    const failed = (cause: unknown): Kept => {
      // An outage is told of once, by what has found it.
      if (!this.#isRetrying) onFault(cause);
      return 'failed';
    };
    const attempt = (): Kept | Promise<Kept> => (this.#isUnkept ? 'failed' : work());
    try {
      const kept = this.#beginning === undefined ? attempt() : this.#beginning.then(attempt);
      return typeof kept === 'object' ? kept.catch(failed) : kept;
    } catch (cause) {
      return failed(cause);
    }
  }
}

/** What a store throws or rejects with goes to `onFault`, where nobody else waits for it. */
export function orReport(
  step: () => void | Promise<void>,
  onFault: (cause: unknown) => void,
): void | Promise<void> {
  try {
    const done = step();
    return done === undefined ? undefined : done.catch(onFault);
  } catch (cause) {
    onFault(cause);
  }
}
