import { pause } from '../../engine/back-off.js';
import type { RequestId } from '../../json-rpc/message.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import type {
  EventStore,
  StoredEvent,
  StreamKey,
  StreamPurpose,
} from '../../stores/event-store.js';
import { orReport } from './store-faults.js';

/**
 * What the store made of an event: it took it, it takes none from this node any more, it has
 * failed, or nobody can tell.
 */
export type Kept = boolean | 'failed' | 'unknown';

/** The same for all streams of a session. */
export interface EventWriterOptions {
  readonly store: EventStore;
  /** This node, which writes the stream. */
  readonly owner: string;
  readonly clock: Clock;
  /** As many bytes may be on their way to the store as it keeps of a stream. */
  readonly limits: Pick<Limits, 'storeRetryMs' | 'eventBytesPerStreamMax'>;
  /** Told what the store threw. */
  onFault(cause: unknown): void;
}

/** Something for the store, in the place that it has in the stream. It never throws or rejects. */
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
  readonly #key: StreamKey;
  #beginning: Promise<void> | undefined;
  /** The store does not know of the stream. */
  #isUnkept = false;
  #bytes = 0;
  // A store in this process leaves nothing in flight, and hardly ever has anything wait.
  #inFlight: Set<Promise<unknown>> | undefined;
  #waiting: Step[] | undefined;
  #isRetrying = false;

  constructor(options: EventWriterOptions, key: StreamKey) {
    this.#options = options;
    this.#key = key;
  }

  /** Begins the stream, before anything else. */
  begin(purpose: Omit<StreamPurpose, 'owner'>): void | Promise<void> {
    const { store, owner } = this.#options;
    const failed = (cause: unknown): void => {
      this.#isUnkept = true;
      this.#options.onFault(cause);
    };
    const begun = orReport(() => store.begin(this.#key, { ...purpose, owner }), failed);
    if (begun === undefined) return;
    this.#beginning = begun.finally(() => (this.#beginning = undefined));
    return begun;
  }

  keep(event: StoredEvent, settled?: RequestId): Kept | Promise<Kept> {
    const size = event.data.length;
    if (this.#bytes > 0 && this.#bytes + size > this.#options.limits.eventBytesPerStreamMax)
      return 'unknown';
    // Nothing is made for an event that is kept at once.
    const first = this.#isHindered ? undefined : this.#append(event, settled);
    if (typeof first === 'boolean') return first;
    return this.#keepLater(event, settled, first);
  }

  #keepLater(
    event: StoredEvent,
    settled: RequestId | undefined,
    first: 'failed' | Promise<Kept> | undefined,
  ): Kept | Promise<Kept> {
    const kept = this.#give(event.seq, () => this.#append(event, settled), first);
    if (typeof kept !== 'object') return kept;
    const size = event.data.length;
    this.#bytes += size;
    return kept.finally(() => (this.#bytes -= size));
  }

  /** What is given to the store now would not be the first that it is given. */
  get #isHindered(): boolean {
    return this.#isRetrying || this.#isUnkept || this.#beginning !== undefined;
  }

  #append(
    event: StoredEvent,
    settled: RequestId | undefined,
  ): boolean | 'failed' | Promise<boolean | 'failed'> {
    const { store, owner } = this.#options;
    try {
      const kept = store.append(this.#key, owner, event, settled);
      return typeof kept === 'object' ? this.#orFailed(kept) : kept;
    } catch (cause) {
      return this.#failed(cause);
    }
  }

  #end(lastSeq: number): true | 'failed' | Promise<true | 'failed'> {
    const { store, owner } = this.#options;
    try {
      const ended = store.finish(this.#key, owner, lastSeq);
      return ended === undefined ? true : this.#orFailed(ended.then(() => true as const));
    } catch (cause) {
      return this.#failed(cause);
    }
  }

  #orFailed<T>(kept: Promise<T>): Promise<T | 'failed'> {
    return kept.catch((cause: unknown) => this.#failed(cause));
  }

  #failed(cause: unknown): 'failed' {
    // An outage is told of once, by what has found it.
    if (!this.#isRetrying) this.#options.onFault(cause);
    return 'failed';
  }

  /** Nothing follows after the event `lastSeq`. */
  finish(lastSeq: number): void | Promise<void> {
    const first = this.#isHindered ? undefined : this.#end(lastSeq);
    if (first === true) return;
    const ended = this.#give(lastSeq + 0.5, () => this.#end(lastSeq), first);
    if (typeof ended === 'object') return ended.then(() => undefined);
  }

  /** `first`: what became of it already. */
  #give(place: number, work: Step['work'], first?: 'failed' | Promise<Kept>): Kept | Promise<Kept> {
    if (this.#isRetrying) return this.#later(place, work);
    const kept = first ?? this.#try(work);
    if (typeof kept === 'object') return this.#orLater(place, work, kept);
    return kept === 'failed' && this.#mayComeBack ? this.#later(place, work) : kept;
  }

  get #mayComeBack(): boolean {
    return this.#options.store.outageMs !== undefined && !this.#isUnkept;
  }

  async #orLater(place: number, work: Step['work'], first: Promise<Kept>): Promise<Kept> {
    const inFlight = (this.#inFlight ??= new Set());
    let later: Promise<Kept> | undefined;
    // It is in flight until it waits: what was given to the store after it must not go first.
    const answered = first.then((kept) => {
      inFlight.delete(answered);
      if (kept === 'failed' && this.#mayComeBack) later = this.#later(place, work);
      return kept;
    });
    inFlight.add(answered);
    const kept = await answered;
    return later ?? kept;
  }

  #later(place: number, work: Step['work']): Promise<Kept> {
    return new Promise((done) => {
      const waiting = (this.#waiting ??= []);
      // Nearly always behind all others: there may be tens of thousands.
      let at = waiting.length;
      while (at > 0 && waiting[at - 1]!.place > place) at--;
      waiting.splice(at, 0, { place, work, done });
      if (!this.#isRetrying) void this.#retry();
    });
  }

  async #retry(): Promise<void> {
    this.#isRetrying = true;
    const { clock, store, limits } = this.#options;
    const until = clock.now() + (store.outageMs ?? 0);
    for (;;) {
      // What was given to it before comes first, or comes back to wait as well.
      while (this.#inFlight !== undefined && this.#inFlight.size > 0) {
        await Promise.allSettled(this.#inFlight);
      }
      const next = this.#waiting?.[0];
      if (next === undefined) break;
      const kept = clock.now() < until ? await this.#try(next.work) : 'unknown';
      if (kept === 'failed') await pause(clock, limits.storeRetryMs);
      else {
        this.#waiting?.shift();
        next.done(kept);
      }
    }
    this.#isRetrying = false;
  }

  #try(work: Step['work']): Kept | Promise<Kept> {
    const attempt = (): Kept | Promise<Kept> => (this.#isUnkept ? 'failed' : work());
    return this.#beginning === undefined ? attempt() : this.#beginning.then(attempt);
  }
}
