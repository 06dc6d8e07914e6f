import type { Limits } from '../../src/limits.js';
import { type Actor, startActor } from './actor.js';
import { type Child, startChild } from './child.js';
import type { Dice } from './dice.js';
import { drawFaults, untilHealed } from './faults.js';
import { createListeners, type Listeners } from './listeners.js';
import { createNetwork, type Network } from './network.js';
import type { Oracle } from './oracle.js';
import type { Plant } from './plant.js';
import type { Process, Scheduler } from './scheduler.js';
import { createSimClient, type SimClient } from './sim-client.js';
import { drawLimits } from './sim-limits.js';
import { type SimNode, startNode } from './sim-node.js';
import type { SimServer } from './sim-server.js';
import { createSentLog, type SentLog } from './stores.js';
import { syncCrypto } from './sync-crypto.js';
import { openStores } from './world-stores.js';

export interface WorldOptions {
  readonly dice: Dice;
  readonly scheduler: Scheduler;
  readonly oracle: Oracle;
  readonly plant: Plant;
}

/** Clients, servers, and what is between them. */
export interface World {
  readonly network: Network;
  readonly listeners: Listeners;
  readonly sent: SentLog;
  /** How many nodes have served, one after the other. */
  readonly nodes: number;
  readonly members: readonly Member[];
  /** The node that serves now, if one does. */
  readonly node: SimNode | undefined;
  /** Those that were not killed. */
  readonly processes: readonly Process[];
  readonly servers: readonly SimServer[];
  startNode(): void;
  /** The node that serves stops where it is. */
  killNode(): void;
  /** It closes, while it still answers. */
  closeNode(): Promise<void>;
  /** Something changes at every server. */
  update(uri: string): void;
  /** From now on nothing goes wrong by itself. */
  heal(): void;
}

/** One client and who uses it. */
export interface Member {
  readonly name: string;
  readonly process: Process;
  readonly client: SimClient;
  readonly actor: Actor;
  /** It is gone without a word. */
  vanish(): void;
}

export function createWorld(options: WorldOptions, enough: AbortSignal): World {
  const { dice, scheduler, oracle, plant } = options;
  const limits = drawLimits(dice);
  const faults = untilHealed(drawFaults(dice));
  const sent = createSentLog();
  const listeners = createListeners(oracle);
  const ofFaults = { scheduler, faults: () => faults.now };
  const network = createNetwork({ ...options, ...ofFaults, dice: dice.fork(), sent });
  const processes: Process[] = [];
  const servers: SimServer[] = [];
  let node: SimNode | undefined;
  let nodes = 0;
  const process = (name: string): Process => {
    const made = scheduler.process(name);
    processes.push(made);
    return made;
  };
  const { clock } = process('stores');
  const stores = openStores(limits, { clock, random: dice.fork(), crypto: syncCrypto });
  const serverParts = (name: string) => ({
    ...{ process: process(name), dice: dice.fork(), oracle, limits, plant },
  });
  const members = createMembers({
    ...{ options, limits, network, listeners, enough, process },
    startChild(parent, name) {
      const child = startChild({ ...serverParts(name), ...ofFaults, parent });
      servers.push(child.served);
      return child;
    },
  });

  return {
    network,
    listeners,
    sent,
    get nodes() {
      return nodes;
    },
    members,
    get node() {
      return node;
    },
    get processes() {
      return processes.filter(({ isDead }) => !isDead);
    },
    servers,
    startNode() {
      const mutate: Parameters<typeof startNode>[0]['faulty']['mutate'] = (method, args, result) =>
        plant.result?.(method, args, result, dice) ?? result;
      const started = startNode({
        ...serverParts(`n${++nodes}`),
        stores,
        faulty: { ...ofFaults, dice: dice.fork(), sent, note: oracle.note, mutate },
      });
      node = started;
      servers.push(started.served);
      network.site = (request, reply) => void started.endpoint.handle(request, reply);
    },
    killNode() {
      if (node === undefined) return;
      oracle.note(`${node.process.name} is killed`);
      node.process.kill();
      network.site = undefined;
      network.cut('the death of its server');
      node = undefined;
    },
    async closeNode() {
      const closing = node;
      if (closing === undefined) return;
      await closing.close();
      network.site = undefined;
      network.cut('the end of its server');
      if (node === closing) node = undefined;
    },
    update(uri) {
      if (node === undefined) return;
      listeners.change(uri);
      for (const server of servers) server.update(uri);
    },
    heal: () => faults.heal(),
  };
}

interface MembersOptions {
  readonly options: WorldOptions;
  readonly limits: Partial<Limits>;
  readonly network: Network;
  readonly listeners: Listeners;
  readonly enough: AbortSignal;
  readonly process: (name: string) => Process;
  readonly startChild: (parent: { name: string; process: Process }, name: string) => Child;
}

function createMembers(parts: MembersOptions): readonly Member[] {
  const count = parts.options.dice.pick([1, 2, 2, 3]);
  return Array.from({ length: count }, (_, index) => createMember(`c${index + 1}`, parts));
}

function createMember(name: string, parts: MembersOptions): Member {
  const { options, limits, network, listeners, enough, startChild } = parts;
  const { scheduler, oracle } = options;
  const dice = options.dice.fork();
  const process = parts.process(name);
  const children: Child[] = [];
  const start = (): Child => {
    const child = startChild({ name, process }, `${name} child ${children.length + 1}`);
    children.push(child);
    return child;
  };
  const isHttp = dice.chance(0.75);
  const era = dice.pick(['modern', 'legacy', 'legacy', 'auto'] as const);
  const revision = dice.pick(['2025-11-25', '2025-11-25', '2025-06-18', '2025-03-26'] as const);
  oracle.note(`${name} goes by ${isHttp ? 'HTTP' : 'pipes'}, ${era} ${revision}`);
  const client = createSimClient({
    ...{ name, process, dice, oracle, limits },
    connect: { era, revision },
    way: isHttp ? { send: network.sendOf(name) } : { start },
  });
  const actor = startActor({
    ...{ name, client, process, scheduler, dice, oracle, listeners, enough },
  });
  return {
    ...{ name, process, client, actor },
    vanish() {
      oracle.note(`${name} vanishes`);
      process.kill();
      network.cut('the death of its client', name);
      for (const child of children) child.leave();
    },
  };
}
