import type { JsonObject } from '../json-rpc/message.js';
import type { Cluster } from '../stores/cluster-store.js';
import { createListeners, type Listeners } from '../stores/listeners.js';
import { createTopics, type Topics } from '../stores/topics.js';

/** Nodes in one process that hear each other, for tests of what several servers share. */
export interface MemoryNodes {
  /** A new node, in the place that a `cluster` has in a store. */
  join(name?: string): Cluster;
  /** Nothing that one of the two says reaches the other; both know that the other is at work. */
  part(one: string, other: string): void;
  /** They hear each other again, but nothing of what was said meanwhile, and are told so. */
  mend(one: string, other: string): void;
  /** It says nothing more, hears nothing more, and the others know that it is gone. */
  die(name: string): void;
  /**
   * The others take it for dead and hear nothing of it, as one that hangs or is cut off from the
   * store for long; it does not know that, and goes on.
   */
  lose(name: string): void;
}

interface Node {
  readonly name: string;
  readonly topics: Topics;
  readonly missers: Listeners;
  /** How the others see it. */
  isAlive: boolean;
}

/** What is said arrives as a copy, in order, once the current step is over. */
export function memoryNodes(): MemoryNodes {
  const nodes = new Map<string, Node>();
  const parted = new Set<string>();
  const hears = (from: Node, to: Node): boolean =>
    from === to || (from.isAlive && to.isAlive && !parted.has(pairOf(from.name, to.name)));
  const remove = (name: string): void => {
    const node = nodes.get(name);
    if (node === undefined) throw new Error(`There is no node named "${name}"`);
    node.isAlive = false;
  };

  return {
    join(name = `node ${nodes.size + 1}`) {
      if (nodes.has(name)) throw new Error(`There was a node named "${name}" already`);
      const node: Node = {
        name,
        topics: createTopics(),
        missers: createListeners(),
        isAlive: true,
      };
      nodes.set(name, node);
      return clusterOf(node, nodes, hears);
    },
    part: (one, other) => void parted.add(pairOf(one, other)),
    mend(one, other) {
      if (!parted.delete(pairOf(one, other))) return;
      for (const name of [one, other]) nodes.get(name)?.missers.tell();
    },
    die(name) {
      remove(name);
      nodes.get(name)!.topics.clear();
    },
    lose: remove,
  };
}

function clusterOf(
  node: Node,
  nodes: ReadonlyMap<string, Node>,
  hears: (from: Node, to: Node) => boolean,
): Cluster {
  const { name, topics, missers } = node;
  return {
    self: name,
    isAlive: (other) => other === name || nodes.get(other)?.isAlive === true,
    tell(topic, body) {
      const text = JSON.stringify(body);
      for (const other of nodes.values()) {
        if (other === node || !hears(node, other)) continue;
        void Promise.resolve()
          .then(() => deliver(other, topic, text))
          // Whoever tells does not learn what came of it.
          .catch(() => undefined);
      }
    },
    async ask(to, topic, body) {
      const text = JSON.stringify(body);
      await Promise.resolve();
      const other = nodes.get(to);
      if (other === undefined || !other.isAlive) return false;
      if (!hears(node, other)) throw new Error(`"${to}" cannot be reached`);
      return deliver(other, topic, text);
    },
    hear: topics.hear,
    onMissed: missers.add,
  };
}

function deliver({ topics }: Node, topic: string, text: string): Promise<boolean> {
  return topics.deliver(topic, JSON.parse(text) as JsonObject);
}

function pairOf(one: string, other: string): string {
  return JSON.stringify([one, other].toSorted());
}
