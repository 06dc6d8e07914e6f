import type { LegacySession } from '../../eras/legacy/session.js';
import { McpError } from '../../errors.js';
import { encodeError, encodeMessage } from '../../json-rpc/encode.js';
import type { JsonObject, RequestId } from '../../json-rpc/message.js';
import type { Limits } from '../../limits.js';
import type { Platform } from '../../platform/platform.js';
import type { Notification } from '../../exchange.js';
import type { Cluster } from '../../stores/cluster-store.js';
import type { EventStore, StreamKey, StreamState } from '../../stores/event-store.js';
import { nameStream } from './event-ids.js';
import { FollowedStream } from './follow.js';
import { topics } from './session-news.js';
import { keptNotice, type ReadableStream, ResumableStream } from './resume.js';

/** The streams of one legacy session: those written here, and those that others write. */
export interface SessionStreams {
  /** The stream of GET, where it is written here. */
  readonly announced: ResumableStream | undefined;
  /** Whether somebody reads unsolicited notices here, or what another node writes. */
  readonly isRead: boolean;
  /** A stream for the answers to `owed`. */
  answer(owed: readonly RequestId[]): ResumableStream;
  /** A stream for unsolicited notices, which go to it from now on. */
  announce(): ResumableStream;
  /** The name of the stream of GET, wherever it is written. */
  standing: string | undefined;
  /**
   * Takes over that stream, so that notices are written here from now on; undefined when there is
   * none to be had. Throws streamConflict while it has a reader elsewhere.
   */
  takeOver(name: string): Promise<ResumableStream | undefined>;
  /** The other node that writes the stream of GET, if one does. */
  announcer(): Promise<string | undefined>;
  /** The stream of that name, wherever it is written; undefined for what is not known here. */
  find(name: string): ReadableStream | undefined | Promise<ReadableStream | undefined>;
  /** Those that are written here. */
  written(name: string): ResumableStream | undefined;
  /** Whoever reads the stream here has come back elsewhere. */
  letGo(name: string): void;
  /** Steps that decide who writes the stream of GET come one after the other. */
  inTurn<T>(step: () => Promise<T>): Promise<T>;
  /** Whether the store knows all events of what is written here. */
  isWhole(): Promise<boolean>;
  /**
   * Nothing is written here any more. `isOver`: nor anywhere else. Resolves when the last readers
   * have what was written.
   */
  stop(isOver: boolean): Promise<void>;
}

export interface SessionStreamsOptions {
  readonly hash: string;
  readonly session: LegacySession;
  /** The name of the stream of GET, where there is one. */
  readonly standing?: string | undefined;
  /** Whether readers can come back to its streams. Default: yes. */
  readonly isResumable?: boolean;
  readonly limits: Limits;
  readonly platform: Platform;
  readonly events: EventStore;
  readonly cluster: Cluster;
  readonly onFault: (cause: unknown) => void;
  readonly onGap: () => void;
}

export function createSessionStreams(options: SessionStreamsOptions): SessionStreams {
  const { hash, session, limits, platform, events, cluster, onFault, onGap } = options;
  const isPrimed = session.primesStreams && options.isResumable !== false;
  const { retryMs } = limits;
  const streams = new Map<string, ResumableStream>();
  const followed = new Set<FollowedStream>();
  const finding = new Map<string, Promise<ReadableStream | Followed | undefined>>();
  let announced: ResumableStream | undefined;
  let { standing } = options;

  const keyOf = (stream: string): StreamKey => ({
    principal: session.principal.id,
    session: hash,
    stream,
  });
  // Finished streams stay readable for a while; only so many are remembered.
  const forgetOldest = (): void => {
    for (const [name, stream] of streams) {
      if (streams.size < limits.streamsKeptPerSessionMax) return;
      if (!stream.isFinished) continue;
      streams.delete(name);
      stream.forget();
    }
  };
  const open = (name: string, from?: StreamState): ResumableStream => {
    forgetOldest();
    const stream: ResumableStream = new ResumableStream({
      key: keyOf(name),
      store: events,
      owner: cluster.self,
      clock: platform.clock,
      storeRetryMs: limits.storeRetryMs,
      onFault,
      isPrimed,
      retryMs,
      farReaderMs: 3 * limits.writerCheckMs,
      unkeptBytesMax: limits.eventBytesPerStreamMax,
      ...(from === undefined ? {} : { from }),
      onLost() {
        if (streams.get(name) === stream) streams.delete(name);
        if (announced !== stream) return;
        announced = undefined;
        session.announce.pause();
      },
    });
    streams.set(name, stream);
    return stream;
  };
  const announceOn = (stream: ResumableStream): ResumableStream => {
    announced = stream;
    session.announce.start((notice) => stream.append(encoded(notice), keptNotice));
    return stream;
  };
  const tell = (owner: string, topic: string, body: JsonObject): void => {
    if (owner === cluster.self) return;
    // A node that cannot be reached finds out by itself, from the store.
    cluster.ask(owner, topic, { session: hash, ...body }).catch(() => undefined);
  };
  const takeOver = async (name: string, from: string): Promise<ResumableStream | undefined> => {
    // What changes while the stream is claimed is told on it, too.
    const early: Notification[] = [];
    session.announce.start((notice) => void early.push(notice));
    let state: StreamState | undefined;
    try {
      state = await events.claim(keyOf(name), from, cluster.self);
    } finally {
      if (state === undefined && announced === undefined) session.announce.pause();
    }
    if (state === undefined) return undefined;
    const stream = announceOn(open(name, state));
    for (const notice of early) void stream.append(encoded(notice), keptNotice);
    tell(from, topics.claimed, { stream: name });
    return stream;
  };
  /** Ends a stream whose writer is gone: what it still owed, nobody knows any more. */
  const endFor = async (name: string, from: string): Promise<ResumableStream | undefined> => {
    const state = await events.claim(keyOf(name), from, cluster.self);
    if (state === undefined) return undefined;
    const stream = open(name, state);
    for (const request of state.owed) stream.answer(request, encodeError(request, lost()));
    stream.finish();
    tell(from, topics.claimed, { stream: name });
    return stream;
  };
  const letFollowersGo = (name: string): void => {
    for (const stream of followed) if (stream.name === name) stream.letGo();
  };
  const follow = (name: string, owner: string): FollowedStream => {
    // A reader that has come back is one, and its older connection is over.
    letFollowersGo(name);
    const node = cluster.self;
    const stream = new FollowedStream(
      {
        ...{ key: keyOf(name), store: events, clock: platform.clock, isPrimed, retryMs },
        ...{ checkMs: limits.writerCheckMs, onGap, onFault },
        isWriterAlive: () => cluster.isAlive(owner),
        onReading: () => tell(owner, topics.reader, { stream: name, node, isThere: true }),
      },
      () => {
        followed.delete(stream);
        if ([...followed].some((other) => other.name === name)) return;
        tell(owner, topics.reader, { stream: name, node, isThere: false });
      },
    );
    followed.add(stream);
    cluster.tell(topics.followed, { session: hash, stream: name });
    return stream;
  };
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(step: () => Promise<T>): Promise<T> => {
    const done = turn.then(step);
    turn = done.catch(() => undefined);
    return done;
  };
  const lookFor = async (name: string): Promise<ReadableStream | Followed | undefined> => {
    const here = streams.get(name);
    if (here !== undefined) return here;
    const state = await events.state(keyOf(name));
    if (state === undefined) return undefined;
    if (state.isFinished) return open(name, state);
    const { owner, purpose } = state;
    if (purpose === 'notices') {
      // Nothing more comes on one that another has taken the place of.
      const isStanding = standing === undefined || standing === name;
      if (!isStanding) return (await endFor(name, owner)) ?? throwMoved();
      const isOrphan = owner === cluster.self || !(await cluster.isAlive(owner));
      const stream = (await takeOver(name, owner)) ?? throwMoved();
      // Between the end of its last writer and now nobody has listened for this session.
      if (isOrphan) await session.announce.tellAll();
      return stream;
    }
    if (owner !== cluster.self && (await cluster.isAlive(owner))) return { owner };
    return (await endFor(name, owner)) ?? throwMoved();
  };

  return {
    get announced() {
      return announced;
    },
    get standing() {
      return standing;
    },
    set standing(name) {
      standing = name;
    },
    get isRead() {
      return announced?.reader !== undefined || followed.size > 0;
    },
    answer(owed) {
      const stream = open(nameStream(platform.random));
      stream.begin({ purpose: 'answers', owed });
      return stream;
    },
    announce() {
      const stream = open(nameStream(platform.random));
      standing = stream.name;
      stream.begin({ purpose: 'notices', owed: [] });
      return announceOn(stream);
    },
    async takeOver(name) {
      const state = await events.state(keyOf(name));
      if (state === undefined || state.isFinished) return undefined;
      const { owner } = state;
      const isElsewhere = owner !== cluster.self && (await cluster.isAlive(owner));
      const body = { session: hash, stream: name };
      if (isElsewhere && (await cluster.ask(owner, topics.standing, body))) {
        throw streamConflict();
      }
      return takeOver(name, owner);
    },
    async announcer() {
      if (announced !== undefined || standing === undefined) return undefined;
      const state = await Promise.resolve(events.state(keyOf(standing))).catch(onFault);
      return state?.owner === cluster.self ? undefined : state?.owner;
    },
    find(name) {
      const here = streams.get(name);
      if (here !== undefined) return here;
      let found = finding.get(name);
      if (found === undefined) {
        found = inTurn(() => lookFor(name)).finally(() => finding.delete(name));
        finding.set(name, found);
      }
      // Each reader follows by itself what another node writes.
      return found.then((it) => (it !== undefined && 'owner' in it ? follow(name, it.owner) : it));
    },
    inTurn,
    letGo(name) {
      letFollowersGo(name);
      streams.get(name)?.letGo();
    },
    written: (name) => streams.get(name),
    async isWhole() {
      const all = [...streams.values()].map(async (stream) => {
        const seq = stream.settledSeq;
        const state = await events.state(keyOf(stream.name));
        if (state === undefined) return false;
        // What another node has claimed is its to answer for.
        return state.owner !== cluster.self || state.lastSeq >= seq;
      });
      return (await Promise.all(all)).every(Boolean);
    },
    async stop(isOver) {
      for (const stream of followed) stream.letGo();
      const written = [...streams.values()];
      if (isOver) for (const stream of written) stream.finish();
      await Promise.all(written.map((stream) => stream.settled()));
      // Whoever comes back elsewhere goes on with it there.
      for (const stream of written) stream.letGo();
    },
  };
}

/** A stream that another node writes. */
interface Followed {
  readonly owner: string;
}

function encoded(notice: Notification): string {
  return encodeMessage({ jsonrpc: '2.0', ...notice });
}

function lost(): McpError {
  return new McpError('outcomeUnknown', 'The server stopped while it worked on this request');
}

function throwMoved(): never {
  throw new McpError('unavailable', 'Another node is taking this stream over; try again');
}

/** A GET stream stands that is alive (decision 16). */
export function streamConflict(): McpError {
  return new McpError('streamConflict', 'This session has a GET stream already');
}
