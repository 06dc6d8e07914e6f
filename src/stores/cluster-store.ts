import type { JsonObject } from '../json-rpc/message.js';

/** The nodes (processes, on one machine or many) that share what a store keeps. */
export interface Cluster {
  /** The name of this node, another one each time that it starts. */
  readonly self: string;
  /** Whether a node is at work, as far as is known; it has to say so every few seconds. */
  isAlive(node: string): boolean | Promise<boolean>;
  /**
   * Tells all other nodes. Those that cannot be reached just now do not hear of it, but learn
   * later that they have missed something: see `onMissed`.
   */
  tell(topic: string, body: JsonObject): void;
  /**
   * Hands something to one node. True once that has taken it; false when it is not there or has no
   * use for it. Rejects when nobody can say.
   */
  ask(node: string, topic: string, body: JsonObject): Promise<boolean>;
  /** Hears what others say; returns whether it was of use. The returned function ends it. */
  hear(topic: string, heard: (body: JsonObject) => boolean | Promise<boolean>): () => void;
  /**
   * Calls `listener` when another server may have taken the place of the one that kept everything,
   * as after a fail-over: what was taken last may be gone, so whoever wrote should compare.
   */
  onEpoch?(listener: () => void): () => void;
  /**
   * Calls `listener` when this node may have missed what others told, or was taken for dead by
   * them: whatever it knows of what they change may have changed.
   */
  onMissed?(listener: () => void): () => void;
}
