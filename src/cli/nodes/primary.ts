import cluster, { type Worker } from 'node:cluster';
import process from 'node:process';
import { createRestarts } from '../../engine/restarts.js';
import { resolveLimits } from '../../limits.js';
import { systemPlatform } from '../../platform/platform.js';
import { toBase64Url } from '../../platform/random.js';
import { serveStore } from '../../stores/ipc/serve.js';
import type { ServerStore } from '../../stores/server-store.js';
import { endNodes, type NodeProcess } from './end-nodes.js';
import { isSaid, type Listening, nodeVariable, storePort } from './words.js';

export interface PoolOptions {
  readonly nodes: number;
  /** What the nodes share; without it each has a store of its own that others share as well. */
  readonly store: ServerStore | undefined;
  /** Told of a node that ended by itself, and in how many ms another one takes its place. */
  readonly onLost: (code: number | null, inMs: number) => void;
}

/** The processes of `serve --nodes`, which share one port. */
export interface Pool {
  /** Resolves when all of them have been started, with where they listen. */
  readonly listening: Promise<Pick<Listening, 'url' | 'port'>>;
  /** Has every node finish what runs; resolves when all are gone, at the latest by force. */
  end(): Promise<void>;
}

/** The first node ended before it listened; it has said why. */
export class NodeFailed extends Error {
  override readonly name = 'NodeFailed';
  readonly code: number;

  constructor(code: number) {
    super(`The first node ended with ${code}`);
    this.code = code;
  }
}

/** Starts the nodes. None of them is left behind when this process ends, however it does. */
export function startPool({ nodes, store, onLost }: PoolOptions): Pool {
  const limits = resolveLimits();
  const { clock, random } = systemPlatform;
  const owner = store === undefined ? undefined : serveStore({ store, limits, clock });
  const running = new Set<NodeProcess>();
  const restarting = new Set<() => void>();
  let hasBegun = false;
  let isEnding = false;

  const killAll = (): void => {
    for (const node of running) node.kill();
  };
  /** A place for a node, which gets another one when it ends by itself. */
  const fill = (restarts = createRestarts(limits, systemPlatform)): Promise<Listening> => {
    const name = toBase64Url(random.bytes(16));
    const worker = cluster.fork({ [nodeVariable]: name });
    const leave = owner?.join(name, storePort(worker));
    const startedAt = clock.now();
    restarts.starting();
    const node = nodeOf(worker);
    running.add(node);
    void node.gone.then((code) => {
      leave?.();
      running.delete(node);
      if (isEnding || !hasBegun) return;
      restarts.failed(startedAt);
      const waitMs = Math.ceil(restarts.waitMs);
      onLost(code, waitMs);
      const again = (): void => {
        restarting.delete(stop);
        void fill(restarts).catch(() => undefined);
      };
      // When all are gone, nothing else keeps this process up.
      const stop = clock.after(waitMs, again, { holdsProcess: true });
      restarting.add(stop);
    });
    return node.listening;
  };
  const fillAll = async (): Promise<Listening> => {
    // The first one alone: what keeps it from starting is said once.
    const where = await fill();
    hasBegun = true;
    if (isEnding) return where;
    await Promise.allSettled(Array.from({ length: nodes - 1 }, () => fill()));
    return where;
  };

  cluster.setupPrimary({ serialization: 'advanced' });
  process.on('exit', killAll);
  return {
    listening: fillAll(),
    async end() {
      isEnding = true;
      for (const stop of restarting) stop();
      await endNodes([...running], limits, clock);
      process.off('exit', killAll);
    },
  };
}

interface Node extends NodeProcess {
  readonly listening: Promise<Listening>;
  /** Resolves with the code that it ended with, unless it was killed. */
  readonly gone: Promise<number | null>;
}

function nodeOf(worker: Worker): Node {
  let isAtWork = false;
  const gone = new Promise<number | null>((resolve) => {
    worker.once('exit', (code: number | null) => resolve(code));
    // Such as one that could not even be started.
    worker.on('error', () => {
      if (worker.process.pid === undefined) resolve(1);
    });
  });
  const listening = new Promise<Listening>((resolve, reject) => {
    worker.on('message', (said: unknown) => {
      if (!isSaid(said, 'listening')) return;
      isAtWork = true;
      resolve(said as Listening);
    });
    void gone.then((code) => reject(new NodeFailed(code ?? 1)));
  });
  return {
    listening,
    gone,
    get isAtWork() {
      return isAtWork;
    },
    end: () => void worker.send({ is: 'end' }, () => undefined),
    kill: () => void worker.process.kill('SIGKILL'),
  };
}
