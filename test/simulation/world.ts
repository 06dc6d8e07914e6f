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
import { createSimCluster } from './sim-cluster.js';
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
  /** How many nodes have served, at the same time or one after the other. */
  readonly nodes: number;
  readonly members: readonly Member[];
  /** Those that serve now. */
  readonly serving: readonly SimNode[];
  /** How many should serve at the same time. */
  readonly wanted: number;
  /** Those that were not killed. */
  readonly processes: readonly Process[];
  readonly servers: readonly SimServer[];
  startNode(): void;
  /** One that serves stops where it is. */
  killNode(): void;
  /** One closes, while it still answers. */
  closeNode(): Promise<void>;
  /** The others take one for dead for a while. */
  loseNode(): void;
  /** All close, and what they shared. */
  close(): Promise<void>;
  /** Something changes at every server of its own, and at one of those that share a store. */
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
  const children: SimServer[] = [];
  const wanted = dice.pick([1, 1, 2, 3]);
  const cluster = createSimCluster({ ...ofFaults, dice: dice.fork(), plant, note: oracle.note });
  const outageMs = dice.pick([undefined, 3000]);
  let serving: readonly SimNode[] = [];
  let nodes = 0;
  /** The last change that a node was told of. */
  let told:
    | { readonly node: SimNode; readonly at: number; readonly takeBack: () => void }
    | undefined;
  const process = (name: string): Process => {
    const made = scheduler.process(name);
    processes.push(made);
    return made;
  };
  const { clock } = process('stores');
  const platform = { clock, random: dice.fork(), crypto: syncCrypto };
  const stores = openStores(limits, platform, wanted > 1);
  const serverParts = (name: string) => ({
    ...{ process: process(name), dice: dice.fork(), oracle, limits, plant },
  });
  const members = createMembers({
    ...{ options, limits, network, listeners, enough, process },
    startChild(parent, name) {
      const child = startChild({ ...serverParts(name), ...ofFaults, parent });
      servers.push(child.served);
      children.push(child.served);
      return child;
    },
  });

  const one = (): SimNode | undefined => (serving.length === 0 ? undefined : dice.pick(serving));
  network.site = (request, reply) => {
    const node = one();
    if (node === undefined) return undefined;
    void node.endpoint.handle(request, reply);
    return node.process.name;
  };
  const remove = (node: SimNode, by: string): void => {
    const { name } = node.process;
    serving = serving.filter((other) => other !== node);
    cluster.leave(name);
    network.cut(by, name);
  };
  const end = async (node: SimNode): Promise<void> => {
    await node.close();
    if (serving.includes(node)) remove(node, 'the end of its server');
  };

  return {
    network,
    listeners,
    sent,
    get nodes() {
      return nodes;
    },
    members,
    get serving() {
      return serving;
    },
    wanted,
    get processes() {
      return processes.filter(({ isDead }) => !isDead);
    },
    servers,
    startNode() {
      const name = `n${++nodes}`;
      const parts = serverParts(name);
      const mutate: Parameters<typeof startNode>[0]['faulty']['mutate'] = (method, args, result) =>
        plant.result?.(method, args, result, dice, name) ?? result;
      const started = startNode({
        ...parts,
        stores,
        cluster: wanted > 1 ? cluster.join(parts.process) : undefined,
        faulty: { ...ofFaults, dice: dice.fork(), sent, outageMs, note: oracle.note, mutate },
      });
      serving = [...serving, started];
      servers.push(started.served);
    },
    killNode() {
      const killed = one();
      if (killed === undefined) return;
      oracle.note(`${killed.process.name} is killed`);
      killed.process.kill();
      // What it has heard in this very turn it has told nobody: that dies with it.
      if (told?.node === killed && told.at === scheduler.now) told.takeBack();
      remove(killed, 'the death of its server');
    },
    async closeNode() {
      const closing = one();
      if (closing !== undefined) await end(closing);
    },
    loseNode() {
      const lost = one();
      if (lost !== undefined && wanted > 1) cluster.lose(lost.process.name);
    },
    async close() {
      await Promise.all(serving.map(end));
      await stores.close();
    },
    update(uri) {
      const node = one();
      if (node === undefined) return;
      told = { node, at: scheduler.now, takeBack: listeners.change(uri) };
      for (const server of children) server.update(uri);
      node.served.update(uri);
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
