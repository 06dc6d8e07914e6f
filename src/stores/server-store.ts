import type { Cluster } from './cluster-store.js';
import type { EventStore } from './event-store.js';
import type { KeyStore } from './key-store.js';
import type { RateStore } from './rate-store.js';
import type { SessionStore } from './session-store.js';
import type { TaskStore } from './task-store.js';

/** All that a server has to remember beyond one request, and with whom it shares it. */
export interface ServerStore {
  /** Legacy sessions. */
  readonly sessions: SessionStore;
  /** The events of their streams. */
  readonly events: EventStore;
  /** How often callers have come. */
  readonly rates: RateStore;
  readonly tasks: TaskStore;
  /** What seals the state that callers carry. */
  readonly keys: KeyStore;
  readonly cluster: Cluster;
  /** Lets go of files and connections; once the servers that use it are closed. */
  close(): Promise<void>;
}

/** The part of a store that a server itself uses, behind whatever transport. */
export type KeptByServer = Pick<ServerStore, 'tasks' | 'keys' | 'cluster'>;
