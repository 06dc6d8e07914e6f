import type { JsonObject } from '../../src/json-rpc/message.js';
import type { Cluster } from '../../src/stores/cluster-store.js';
import { createListeners, type Listeners } from '../../src/stores/listeners.js';
import { createTopics, type Topics } from '../../src/stores/topics.js';
import type { Dice } from './dice.js';
import type { Faults } from './faults.js';
import type { Plant } from './plant.js';
import type { Process, Scheduler } from './scheduler.js';

export interface SimClusterOptions {
  readonly scheduler: Scheduler;
  readonly dice: Dice;
  readonly faults: () => Faults;
  readonly plant: Plant;
  readonly note: (text: string) => void;
}

/** What nodes say to each other, and what each believes of the others. */
export interface SimCluster {
  join(process: Process): Cluster;
  /** It is gone; the others learn of it late. */
  leave(name: string): void;
  /** For a while nothing goes from it or to it and all take it for dead; it does not know. */
  lose(name: string): void;
}

interface Node {
  readonly process: Process;
  readonly topics: Topics;
  readonly missers: Listeners;
  /** It is told later that something was not heard. */
  hasMissed: boolean;
  /** When the others know that it is gone. */
  goneAt: number;
  /** Until when nobody hears of it. */
  lostUntil: number;
}

export function createSimCluster(options: SimClusterOptions): SimCluster {
  const { scheduler, dice, faults, plant, note } = options;
  const nodes = new Map<string, Node>();
  /** When the last message between two arrives: none overtakes another. */
  const arrivals = new Map<string, number>();
  const isReached = ({ lostUntil }: Node): boolean => lostUntil <= scheduler.now;
  const knownAlive = (node: Node | undefined): boolean =>
    node !== undefined && node.goneAt > scheduler.now && isReached(node);

  /** Some time later, and not while nobody reaches it. */
  const tellMissed = (node: Node): void => {
    if (node.hasMissed || plant.hidesMissed === true) return;
    node.hasMissed = true;
    const after = Math.max(0, node.lostUntil - scheduler.now) + dice.between(0, 2000);
    scheduler.after(after, `${node.process.name} has missed something`, () => {
      node.hasMissed = false;
      if (!node.process.isDead) node.missers.tell();
    });
  };
  /** Resolves on its arrival; rejects when it was lost. */
  const travel = (from: Node, to: Node, what: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const isLost = dice.chance(faults().tellLost) || !isReached(from) || !isReached(to);
      const way = `${from.process.name} to ${to.process.name}`;
      const delay = dice.chance(faults().stall) ? dice.between(1000, 5000) : dice.between(0, 40);
      const at = Math.max(arrivals.get(way) ?? 0, scheduler.now + delay);
      arrivals.set(way, at);
      scheduler.after(at - scheduler.now, `${way}: ${what}`, () => {
        if (!isLost && !to.process.isDead) return resolve();
        note(`${way}: ${what} is lost`);
        reject(new Error(`${to.process.name} cannot be reached`));
      });
    });
  const deliver = (to: Node, topic: string, text: string): Promise<boolean> => {
    const body = JSON.parse(text) as JsonObject;
    return to.topics.deliver(topic, plant.told?.(topic, body) ?? body);
  };
  const clusterOf = (node: Node): Cluster => {
    const { process } = node;
    return {
      self: process.name,
      isAlive: (other) => other === process.name || knownAlive(nodes.get(other)),
      tell(topic, body) {
        const text = JSON.stringify(body);
        for (const other of nodes.values()) {
          if (other === node || process.isDead || other.process.isDead) continue;
          // Whoever tells does not learn what came of it.
          travel(node, other, topic)
            .then(() => deliver(other, topic, text))
            .catch(() => tellMissed(other));
        }
      },
      async ask(to, topic, body) {
        const text = JSON.stringify(body);
        const other = nodes.get(to);
        if (other === undefined || !knownAlive(other)) return false;
        try {
          await travel(node, other, topic);
          const isOfUse = await deliver(other, topic, text);
          // What was done may be done although nobody learns of it.
          await travel(other, node, `answer to ${topic}`);
          return isOfUse;
        } finally {
          if (process.isDead) await new Promise(() => undefined);
        }
      },
      hear: node.topics.hear,
      onMissed: node.missers.add,
    };
  };

  return {
    join(process) {
      const node: Node = {
        ...{ process, topics: createTopics(), missers: createListeners() },
        ...{ hasMissed: false, goneAt: Infinity, lostUntil: 0 },
      };
      nodes.set(process.name, node);
      return clusterOf(node);
    },
    leave(name) {
      const node = nodes.get(name);
      if (node !== undefined) node.goneAt = scheduler.now + dice.between(0, 2000);
    },
    lose(name) {
      const node = nodes.get(name);
      if (node === undefined) return;
      note(`${name} is taken for dead`);
      node.lostUntil = scheduler.now + dice.between(100, 3000);
      tellMissed(node);
    },
  };
}
