import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';

/** One of the processes, as the one that started them sees it. */
export interface NodeProcess {
  /** It listens, and may have work to finish. */
  readonly isAtWork: boolean;
  /** Asks it to finish what runs, and then to end. */
  end(): void;
  kill(): void;
  readonly gone: Promise<unknown>;
}

/**
 * Has all of them finish what runs; resolves when they are gone. One that hangs is ended when even
 * the longest call should be over, and one that is still starting at once.
 */
export async function endNodes(
  nodes: readonly NodeProcess[],
  limits: Limits,
  clock: Clock,
): Promise<void> {
  for (const node of nodes) {
    if (node.isAtWork) node.end();
    else node.kill();
  }
  const stop = clock.after(
    limits.drainMs + limits.nodeEndMs,
    () => {
      for (const node of nodes) node.kill();
    },
    { holdsProcess: true },
  );
  await Promise.all(nodes.map(({ gone }) => gone));
  stop();
}
