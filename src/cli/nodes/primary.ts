import cluster, { type Worker } from 'node:cluster';
import { createRestarts } from '../../engine/restarts.js';
import { resolveLimits } from '../../limits.js';
import { systemPlatform } from '../../platform/platform.js';
import { toBase64Url } from '../../platform/random.js';
import { serveStore } from '../../stores/ipc/serve.js';
import type { ServerStore } from '../../stores/server-store.js';
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
  readonly url: string;
  readonly port: number;
  /** Has every node finish what runs; resolves when all are gone. */
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

/** Starts the nodes; resolves when all of them listen. */
export async function startPool(options: PoolOptions): Promise<Pool> {
  const { nodes, store, onLost } = options;
  const { clock, random } = systemPlatform;
  const owner = store === undefined ? undefined : serveStore(store);
  const workers = new Set<Worker>();
  let hasBegun = false;
  let isEnding = false;
  let allGone = (): void => undefined;

  cluster.setupPrimary({ serialization: 'advanced' });
  /** A place for a node, which gets another one when it ends by itself. */
  const fill = (restarts = createRestarts(resolveLimits(), systemPlatform)): Promise<Listening> => {
    const name = toBase64Url(random.bytes(16));
    const worker = cluster.fork({ [nodeVariable]: name });
    const leave = owner?.join(name, storePort(worker));
    const startedAt = clock.now();
    workers.add(worker);
    restarts.starting();
    return new Promise<Listening>((resolve, reject) => {
      worker.on('message', (said: unknown) => {
        if (isSaid(said, 'listening')) resolve(said as Listening);
      });
      worker.once('exit', (code: number | null) => {
        leave?.();
        workers.delete(worker);
        reject(new NodeFailed(code ?? 1));
        if (isEnding && workers.size === 0) allGone();
        if (isEnding || !hasBegun) return;
        restarts.failed(startedAt);
        const { waitMs } = restarts;
        onLost(code, waitMs);
        clock.after(waitMs, () => {
          if (!isEnding) void fill(restarts).catch(() => undefined);
        });
      });
    });
  };

  // The first one alone: what keeps it from starting is said once.
  const { url, port } = await fill();
  hasBegun = true;
  await Promise.allSettled(Array.from({ length: nodes - 1 }, () => fill()));
  return {
    url,
    port,
    async end() {
      isEnding = true;
      if (workers.size === 0) return;
      const gone = new Promise<void>((resolve) => (allGone = resolve));
      for (const worker of workers) worker.send({ is: 'end' }, () => undefined);
      await gone;
    },
  };
}
