import type { LegacySession } from '../../eras/legacy/session.js';
import type { RequestId } from '../../json-rpc/message.js';
import type { Limits } from '../../limits.js';
import type { Platform } from '../../platform/platform.js';
import type { Cluster } from '../../stores/cluster-store.js';
import type { EventStore } from '../../stores/event-store.js';
import type { ReadableStream } from './readable-stream.js';
import type { ResumableStream } from './resume.js';

/** The streams of one legacy session: those written here, and those that others write. */
export interface SessionStreams {
  /** The stream of GET, where it is written here. */
  readonly announced: ResumableStream | undefined;
  /** When it was last written here, where it is not any more. */
  readonly lostAt: number | undefined;
  /** Whether somebody reads unsolicited notices here, or what another node writes. */
  readonly isRead: boolean;
  /** A stream for the answers to `owed`. */
  answer(owed: readonly RequestId[]): ResumableStream;
  /** A stream for unsolicited notices, which go to it from now on. */
  announce(): ResumableStream;
  /** The name of the stream of GET, wherever it is written. */
  readonly standing: string | undefined;
  /** That stream is the one of GET: another that was begun here is over. */
  stand(name: string | undefined): void;
  /**
   * Takes over that stream, so that notices are written here from now on; undefined when there is
   * none to be had. Throws streamConflict while it has a reader elsewhere.
   */
  takeOver(name: string): Promise<ResumableStream | undefined>;
  /** The other node that writes the stream of GET, if one does. */
  announcer(): Promise<string | undefined>;
  /** The stream of that name, wherever it is written; undefined for what is not known here. */
  find(name: string, seq: number): ReadableStream | undefined | Promise<ReadableStream | undefined>;
  /** Those that are written here. */
  written(name: string): ResumableStream | undefined;
  /** Whoever reads the stream here has come back elsewhere. */
  letGo(name: string): void;
  /** Steps that decide who writes the stream of GET come one after the other. */
  inTurn<T>(step: () => Promise<T>): Promise<T>;
  /** Throws once `stop` was called: what was under way then begins nothing here any more. */
  refuseIfStopped(): void;
  /** Whether the store knows all events of what is written here. */
  isWhole(): Promise<boolean>;
  /**
   * Nothing is written here any more. `isOver`: nor anywhere else. Resolves when the last readers
   * have what was written.
   */
  stop(isOver: boolean): Promise<void>;
}

/** What all sessions of an endpoint have in common. */
export interface StreamsOptions {
  /** Whether readers can come back to streams. Default: yes. */
  readonly isResumable?: boolean;
  readonly limits: Limits;
  readonly platform: Platform;
  readonly events: EventStore;
  readonly cluster: Cluster;
  readonly onFault: (cause: unknown) => void;
}

/** The session whose streams they are. */
export interface Streaming {
  readonly hash: string;
  readonly session: LegacySession;
  /** Events are lost for good: the session has to end. */
  onGap(): void;
}
