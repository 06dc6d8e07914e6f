import { createDice, type Dice } from './dice.js';
import { createOracle, type Oracle, type Violation } from './oracle.js';
import { noPlant, type Plant } from './plant.js';
import { createScheduler, type Scheduler } from './scheduler.js';
import { uris } from './sim-server.js';
import { noTrace, type Trace } from './trace.js';
import { createWorld, type World } from './world.js';

export interface Outcome {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly steps: number;
  /** How much virtual time has passed. */
  readonly ms: number;
}

export interface ScheduleOptions {
  readonly trace?: Trace;
  readonly plant?: Plant;
}

const stepsMax = 20_000;
/** When everything that was begun must have ended, after the world has healed. */
const settleMs = 200_000;
const closeMs = 60_000;
/** How long those who listen have to hear what they were to be told. */
const tellMs = 12_000;
/** When a session that nobody uses must be gone: past its time, and a sweep. */
const forgetMs = 40_000;

/** Plays the schedule of one seed, and judges it. */
export async function playSchedule(seed: number, options: ScheduleOptions = {}): Promise<Outcome> {
  const { trace = noTrace, plant = noPlant } = options;
  const dice = createDice(seed);
  const scheduler = createScheduler({
    trace,
    stepsMax,
    onTimers: (name, count) => oracle.violate('bounded memory', `${name} has ${count} timers`),
  });
  const startedAt = scheduler.now;
  const oracle = createOracle(trace, () => scheduler.now - startedAt);
  const enough = new AbortController();
  const world = createWorld({ dice, scheduler, oracle, plant }, enough.signal);
  const watch = watchRejections(oracle);
  try {
    while (world.serving.length < world.wanted) world.startNode();
    stir(world, scheduler, dice.fork());
    await live({ world, scheduler, oracle, dice }, enough);
    await close({ world, scheduler, oracle, dice });
  } finally {
    watch.stop();
  }
  return {
    seed,
    violations: oracle.violations,
    steps: scheduler.steps,
    ms: scheduler.now - startedAt,
  };
}

interface Scene {
  readonly world: World;
  readonly scheduler: Scheduler;
  readonly oracle: Oracle;
  readonly dice: Dice;
}

const troubledMs = 6000;

/** What happens to the servers while clients are at work. */
function stir(world: World, scheduler: Scheduler, dice: Dice): void {
  const some = (most: number, what: string, act: () => void): void => {
    for (let count = dice.below(most + 1); count > 0; count--) {
      scheduler.after(dice.between(0, troubledMs), what, act);
    }
  };
  const startAgain = (): void => {
    scheduler.after(dice.pick([0, 50, 1000]), 'start', () => {
      if (world.serving.length < world.wanted) world.startNode();
    });
  };
  some(4, 'update', () => world.update(dice.pick(uris)));
  if (dice.chance(0.3)) {
    some(1, 'kill', () => {
      world.killNode();
      startAgain();
    });
  }
  if (dice.chance(0.3)) some(1, 'deploy', () => void world.closeNode().then(startAgain));
  if (dice.chance(0.3)) some(2, 'lose', () => world.loseNode());
  if (dice.chance(0.15)) some(1, 'vanish', () => dice.pick(world.members).vanish());
}

/** Until all that was begun has ended, in a world that has healed meanwhile. */
async function live({ world, scheduler, oracle }: Scene, enough: AbortController): Promise<void> {
  const alive = () => world.members.filter(({ process }) => !process.isDead);
  scheduler.after(troubledMs + 2000, 'heal', () => {
    oracle.note('the world heals');
    world.heal();
    while (world.serving.length < world.wanted) world.startNode();
    const judge = (): void =>
      world.listeners.judge((name) => alive().some((one) => name.startsWith(`${one.name}.`)));
    scheduler.after(tellMs, 'update', () => {
      judge();
      for (const uri of uris) world.update(uri);
    });
    scheduler.after(2 * tellMs, 'enough', () => {
      judge();
      enough.abort();
    });
  });
  const ended = new Set<string>();
  for (const { name, actor } of world.members) void actor.done.then(() => ended.add(name));
  const isOver = (): boolean =>
    enough.signal.aborted && alive().every(({ name }) => ended.has(name));
  if (await scheduler.run(isOver, settleMs)) return;
  for (const op of oracle.open) {
    if (alive().some(({ name }) => name === op.client)) {
      oracle.violate('everything ends', `${op.name} has no end`);
    }
  }
}

/** Closes everything, in this order or that; then nothing may be left. */
async function close({ world, scheduler, oracle, dice }: Scene): Promise<void> {
  const { members, network } = world;
  let closed = 0;
  const closing: Promise<void>[] = [];
  const close = (what: Promise<void>): void => {
    closing.push(what.then(() => void closed++));
  };
  for (const { actor, process } of members) if (!process.isDead) close(actor.close());
  if (dice.chance(0.5)) await scheduler.run(() => closed === closing.length, closeMs);
  if (dice.chance(0.2)) await forget({ world, scheduler, oracle, dice });
  close(world.close());
  if (!(await scheduler.run(() => closed === closing.length, closeMs))) {
    oracle.violate('everything ends', `${closing.length - closed} do not close`);
  }
  await scheduler.run(() => scheduler.underWay === 0, closeMs);
  const left = {
    'things under way': scheduler.underWay,
    connections: network.open,
    'questions to clients': sum(members.map(({ client }) => client.asked)),
    'running handlers': sum(world.servers.map(({ running }) => running)),
    ...Object.fromEntries(world.processes.map(({ name, timers }) => [`timers of ${name}`, timers])),
  };
  for (const [what, count] of Object.entries(left)) {
    if (count > 0) oracle.violate('everything ends', `${count} ${what} are left`);
  }
}

/** What its clients have left, and what they left behind, is forgotten by a server that goes on. */
async function forget({ world, scheduler, oracle }: Scene): Promise<void> {
  const { sent, nodes, serving } = world;
  await scheduler.run(() => false, forgetMs);
  // One that is gone leaves what it has kept to those that come, until they need the room.
  if (nodes > 1 || serving.length === 0 || sent.hasFailed) return;
  if (sent.sessions.size > 0) {
    oracle.violate('bounded memory', `${sent.sessions.size} sessions are kept for nobody`);
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

/** Rejections that nobody looks at would end a process. */
function watchRejections(oracle: Oracle): { stop(): void } {
  const onRejection = (reason: unknown): void =>
    oracle.violate('true endings', `nobody looks at the rejection ${String(reason)}`);
  process.on('unhandledRejection', onRejection);
  return { stop: () => void process.off('unhandledRejection', onRejection) };
}
