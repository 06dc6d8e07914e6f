/** Sessions that are opened, used and ended, one after the other. */
import { Agent } from 'node:http';
import { type Child, startChild } from '../floods/children.js';
import { openSession, send } from '../floods/polite.js';
import { inSession, onSession } from '../hostile/attack.js';
import { manyFromHere } from './many-from-here.js';
import { openStanding } from './standing.js';
import type { StoreName } from './stores.js';

export interface CycleFigures {
  readonly cycles: number;
  /** Megabytes of objects in the server, before and after. */
  readonly heap: readonly [before: number, after: number];
  /** What kept the server up. */
  readonly handles: readonly [before: readonly string[], after: readonly string[]];
  /** What did not go as it should. */
  readonly failures: readonly string[];
}

/** What is compiled and cached on the way is there after so many. */
const warmUp = 1000;
const atOnce = 16;

/** `leaks`: the sessions are not ended, so that the figures are seen to show it. */
export async function runLifeCycles(
  store: StoreName,
  cycles: number,
  leaks = false,
): Promise<CycleFigures> {
  const child = await startChild(new URL('server.ts', import.meta.url), {
    store,
    limits: manyFromHere,
  });
  const failures: string[] = [];
  try {
    await live(child.port, warmUp, failures, false);
    const before = await look(child);
    await live(child.port, cycles, failures, leaks);
    const after = await look(child);
    return {
      cycles,
      failures,
      heap: [before.memory, after.memory],
      handles: [before.handles, after.handles],
    };
  } finally {
    await child.end();
  }
}

async function look(child: Child): Promise<{ memory: number; handles: readonly string[] }> {
  await child.ask('forget');
  const handles = await child.ask<readonly string[]>('handles');
  return { memory: await child.ask<number>('memory'), handles: handles.toSorted() };
}

async function live(
  port: number,
  cycles: number,
  failures: string[],
  leaks: boolean,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  let begun = 0;
  const liveOn = async (): Promise<void> => {
    while (begun < cycles) await liveOnce(port, `cycle:${begun++}`, agent, failures, leaks);
  };
  await Promise.all(Array.from({ length: atOnce }, liveOn));
  agent.destroy();
}

async function liveOnce(
  port: number,
  tag: string,
  agent: Agent,
  failures: string[],
  leaks: boolean,
): Promise<void> {
  const session = await openSession(port, agent);
  const standing = await openStanding(port, session, () => undefined);
  const _meta = { progressToken: tag };
  const params = { name: 'count', arguments: { tag, events: 2 }, _meta };
  const { status, body } = await send(
    port,
    inSession({ id: 1, method: 'tools/call', params }, session),
    agent,
  );
  if (status !== 200 || !body.includes(`${tag}/3`)) failures.push(`${status} ${body}`);
  if (!leaks) {
    const ended = await send(port, onSession('DELETE', session), agent);
    if (ended.status !== 200) failures.push(`${ended.status} ${ended.body}`);
  }
  await standing.end();
}
