import { FewMap } from '../../engine/few-map.js';
import { InOrder } from '../../engine/in-order.js';
import { McpError } from '../../errors.js';
import { encodeError, encodeNotification } from '../../json-rpc/encode.js';
import type { JsonObject, RequestId } from '../../json-rpc/message.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import type { Notification } from '../../exchange.js';
import type { EventStore, StreamKey, StreamState } from '../../stores/event-store.js';
import { nameStream } from './event-ids.js';
import { Followers } from './followers.js';
import type { SessionStreams, Streaming, StreamsOptions } from './streams.js';
import { sessionLeft, sessionNotFound, streamConflict } from './session-errors.js';
import { topics } from './session-news.js';
import type { ReadableStream } from './readable-stream.js';
import { keptNotice, type ResumableOptions, ResumableStream } from './resume.js';

/** `standing`: the name of the stream of GET, where there is one. */
export function createSessionStreams(
  options: StreamsOptions,
  owner: Streaming,
  standing: string | undefined,
): SessionStreams {
  return new StreamsOfSession(options, owner, standing);
}

// Small, because a server holds many that do nothing: what is rarely needed is made when it is.
class StreamsOfSession implements SessionStreams, ResumableOptions {
  standing: string | undefined;
  announced: ResumableStream | undefined;
  lostAt: number | undefined;
  readonly #options: StreamsOptions;
  readonly #of: Streaming;
  readonly #streams = new FewMap<string, ResumableStream>();
  #followers: Followers | undefined;
  #finding: Map<string, Promise<Found>> | undefined;
  #turns: InOrder | undefined;
  #stopped: 'here' | 'everywhere' | undefined;

  constructor(options: StreamsOptions, of: Streaming, standing: string | undefined) {
    this.#options = options;
    this.#of = of;
    this.standing = standing;
  }

  get store(): EventStore {
    return this.#options.events;
  }

  get owner(): string {
    return this.#options.cluster.self;
  }

  get clock(): Clock {
    return this.#options.platform.clock;
  }

  get limits(): Limits {
    return this.#options.limits;
  }

  get isPrimed(): boolean {
    return this.#of.session.primesStreams && this.#options.isResumable !== false;
  }

  get isRead(): boolean {
    return this.announced?.reader !== undefined || (this.#followers?.size ?? 0) > 0;
  }

  onFault(cause: unknown): void {
    this.#options.onFault(cause);
  }

  stand(name: string | undefined): void {
    this.standing = name;
    const { announced } = this;
    if (announced === undefined || announced.name === name) return;
    announced.finish();
    this.#announceNoMore();
  }

  onLost(stream: ResumableStream): void {
    if (this.#streams.get(stream.name) === stream) this.#streams.delete(stream.name);
    if (this.announced === stream) this.#announceNoMore();
  }

  answer(owed: readonly RequestId[]): ResumableStream {
    const stream = this.#open(nameStream(this.#options.platform.random));
    stream.begin({ purpose: 'answers', owed });
    return stream;
  }

  announce(): ResumableStream {
    this.refuseIfStopped();
    const stream = this.#open(nameStream(this.#options.platform.random));
    this.standing = stream.name;
    stream.begin({ purpose: 'notices', owed: [] });
    return this.#announceOn(stream);
  }

  async takeOver(name: string): Promise<ResumableStream | undefined> {
    const { events, cluster } = this.#options;
    const state = await events.state(this.#keyOf(name));
    if (state === undefined || state.isFinished) return undefined;
    const { owner } = state;
    const isElsewhere = owner !== cluster.self && (await cluster.isAlive(owner));
    const body = { session: this.#of.hash, stream: name };
    if (isElsewhere && (await cluster.ask(owner, topics.standing, body))) {
      throw streamConflict();
    }
    return this.#takeOver(name, owner, true);
  }

  async announcer(): Promise<string | undefined> {
    const { events, cluster, onFault } = this.#options;
    if (this.announced !== undefined || this.standing === undefined) return undefined;
    const state = await Promise.resolve(events.state(this.#keyOf(this.standing))).catch(onFault);
    return state?.owner === cluster.self ? undefined : state?.owner;
  }

  find(
    name: string,
    seq: number,
  ): ReadableStream | undefined | Promise<ReadableStream | undefined> {
    const here = this.#streams.get(name);
    if (here !== undefined) return here;
    const finding = (this.#finding ??= new Map<string, Promise<Found>>());
    let found = finding.get(name);
    if (found === undefined) {
      found = this.inTurn(() => this.#lookFor(name, seq)).finally(() => finding.delete(name));
      finding.set(name, found);
    }
    // Each reader follows by itself what another node writes.
    return found.then((it) =>
      it !== undefined && 'owner' in it ? this.#follow(name, it.owner) : it,
    );
  }

  inTurn<T>(step: () => Promise<T>): Promise<T> {
    return (this.#turns ??= new InOrder()).run(step);
  }

  letGo(name: string): void {
    this.#followers?.letGo(name);
    this.#streams.get(name)?.letGo();
  }

  written(name: string): ResumableStream | undefined {
    return this.#streams.get(name);
  }

  refuseIfStopped(): void {
    if (this.#stopped === undefined) return;
    throw this.#stopped === 'here' ? sessionLeft() : sessionNotFound();
  }

  async isWhole(): Promise<boolean> {
    const { events, cluster } = this.#options;
    const all = [...this.#streams.values()].map(async (stream) => {
      const seq = stream.settledSeq;
      const state = await events.state(this.#keyOf(stream.name));
      if (state === undefined) return false;
      // What another node has claimed is its to answer for.
      return state.owner !== cluster.self || state.lastSeq >= seq;
    });
    return (await Promise.all(all)).every(Boolean);
  }

  async stop(isOver: boolean): Promise<void> {
    this.#stopped = isOver ? 'everywhere' : 'here';
    this.#followers?.letGo();
    const written = [...this.#streams.values()];
    if (isOver) for (const stream of written) stream.finish();
    await Promise.all(written.map((stream) => stream.settled()));
    // Whoever comes back elsewhere goes on with it there.
    for (const stream of written) stream.letGo();
  }

  #keyOf(stream: string): StreamKey {
    const { hash, session } = this.#of;
    return { principal: session.principal.id, session: hash, stream };
  }

  #open(name: string, from?: StreamState): ResumableStream {
    this.#forgetOldest();
    const stream = new ResumableStream(this, this.#keyOf(name), from);
    this.#streams.set(name, stream);
    return stream;
  }

  // Finished streams stay readable for a while; only so many are remembered.
  #forgetOldest(): void {
    const { streamsKeptPerSessionMax } = this.#options.limits;
    if (this.#streams.size < streamsKeptPerSessionMax) return;
    for (const [name, stream] of this.#streams) {
      if (!stream.isFinished) continue;
      this.#streams.delete(name);
      stream.forget();
      if (this.#streams.size < streamsKeptPerSessionMax) return;
    }
  }

  #announceNoMore(): void {
    this.announced = undefined;
    this.lostAt = this.clock.now();
    this.#of.session.announce.pause();
  }

  #announceOn(stream: ResumableStream): ResumableStream {
    this.announced = stream;
    this.#of.session.announce.start((notice) =>
      stream.append(encodeNotification(notice), keptNotice),
    );
    return stream;
  }

  /** Resolves with whether it was of use to that node. */
  async #tell(owner: string, topic: string, body: JsonObject): Promise<boolean> {
    const { cluster } = this.#options;
    if (owner === cluster.self) return false;
    // A node that cannot be reached finds out by itself, from the store.
    return cluster.ask(owner, topic, { session: this.#of.hash, ...body }).catch(() => false);
  }

  /** `isOrphan`: for a while nobody may have listened for this session. */
  async #takeOver(
    name: string,
    from: string,
    isOrphan: boolean,
  ): Promise<ResumableStream | undefined> {
    const { announce } = this.#of.session;
    // What changes while the stream is claimed is told on it, too.
    const early: Notification[] = [];
    announce.start((notice) => void early.push(notice));
    let state: StreamState | undefined;
    try {
      state = await this.#claim(name, from);
    } finally {
      if (state === undefined && this.announced === undefined) announce.pause();
    }
    if (state === undefined) return undefined;
    const stream = this.#open(name, state);
    // Meanwhile another one may have begun to stand.
    if (this.standing !== undefined && this.standing !== name) {
      stream.finish();
      if (this.announced === undefined) announce.pause();
      return undefined;
    }
    // Nobody knows what has changed meanwhile; it is told before whatever changes from now on.
    if (isOrphan) early.unshift(...(await announce.everything()));
    this.#announceOn(stream);
    for (const notice of early) void stream.append(encodeNotification(notice), keptNotice);
    void this.#tell(from, topics.claimed, { stream: name }).then(async (wasWhole) => {
      // It may have listened to nothing for a while, or have told what the store did not take.
      if (wasWhole || isOrphan || this.announced !== stream) return;
      await announce.tellEverything();
    });
    return stream;
  }

  /** Ends a stream whose writer is gone: what it still owed, nobody knows any more. */
  async #endFor(name: string, from: string): Promise<ResumableStream | undefined> {
    const state = await this.#claim(name, from);
    if (state === undefined) return undefined;
    const stream = this.#open(name, state);
    for (const request of state.owed) stream.answer(request, encodeError(request, lost()));
    stream.finish();
    void this.#tell(from, topics.claimed, { stream: name });
    return stream;
  }

  async #claim(name: string, from: string): Promise<StreamState | undefined> {
    this.refuseIfStopped();
    return this.store.claim(this.#keyOf(name), from, this.owner);
  }

  #follow(name: string, owner: string): ReadableStream {
    const { cluster, onFault } = this.#options;
    const { store, clock, limits, isPrimed } = this;
    const options = {
      ...{ key: this.#keyOf(name), store, clock, limits, isPrimed, onFault },
      onGap: () => this.#of.onGap(),
      isWriterAlive: () => cluster.isAlive(owner),
    };
    const stream = (this.#followers ??= new Followers()).follow(options, (isThere, seq = 0) => {
      void this.#tell(owner, topics.reader, { stream: name, node: cluster.self, isThere, seq });
    });
    cluster.tell(topics.followed, { session: this.#of.hash, stream: name });
    return stream;
  }

  async #lookFor(name: string, seq: number): Promise<Found> {
    const here = this.#streams.get(name);
    if (here !== undefined) return here;
    const { events, cluster } = this.#options;
    const state = await events.state(this.#keyOf(name));
    if (state === undefined) return undefined;
    // Nothing is given to a reader that the store does not have: it has lost something.
    if (seq > state.lastSeq) return lostStream;
    if (state.isFinished) return this.#open(name, state);
    const { owner, purpose } = state;
    if (purpose === 'notices') {
      // Nothing more comes on one that another has taken the place of.
      const isStanding = this.standing === undefined || this.standing === name;
      if (!isStanding) return (await this.#endFor(name, owner)) ?? throwMoved();
      const isOrphan = owner === cluster.self || !(await cluster.isAlive(owner));
      return (await this.#takeOver(name, owner, isOrphan)) ?? throwMoved();
    }
    if (owner !== cluster.self && (await cluster.isAlive(owner))) return { owner };
    return (await this.#endFor(name, owner)) ?? throwMoved();
  }
}

/** A stream that another node writes. */
interface Followed {
  readonly owner: string;
}

type Found = ReadableStream | Followed | undefined;

const lostStream: ReadableStream = { attach: () => Promise.resolve('lost') };

function lost(): McpError {
  return new McpError('outcomeUnknown', 'The server stopped while it worked on this request');
}

function throwMoved(): never {
  throw new McpError('unavailable', 'Another node is taking this stream over; try again');
}
