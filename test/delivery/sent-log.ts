import type { Child } from '../floods/children.js';
import type { SentLog } from './server.js';

/** What several nodes have sent. `settles`: once no handler of theirs runs any more. */
export async function logOf(nodes: readonly Child[], settles: boolean): Promise<SentLog> {
  const question = settles ? 'log' : 'sent';
  const logs = await Promise.all(nodes.map((node) => node.ask<SentLog>(question)));
  const notices: { [who: string]: number } = {};
  for (const log of logs) {
    // Each node tells some of the numbers of a ring.
    for (const [who, n] of Object.entries(log.notices))
      notices[who] = Math.max(n, notices[who] ?? 0);
  }
  return {
    calls: Object.assign({}, ...logs.map(({ calls }) => calls)) as SentLog['calls'],
    notices,
  };
}
