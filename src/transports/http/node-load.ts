import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { LoadProbe } from '../../engine/load.js';

const resolutionMs = 20;

/** The load of this process. */
export function nodeLoad(): LoadProbe {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  return {
    lagMs() {
      // Without a single turn since the last look there is no average.
      const mean = delays.count === 0 ? 0 : delays.mean / 1e6 - resolutionMs;
      delays.reset();
      return mean;
    },
    heapPercent() {
      const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
      return (used / limit) * 100;
    },
    nowMs: () => performance.now(),
    stop: () => void delays.disable(),
  };
}
