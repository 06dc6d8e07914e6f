/** Legacy sessions: how fast they are opened, and what each holds while nothing happens. */
import type { Socket } from 'node:net';
import { type Contestant, withSessions } from '../contestants.js';
import { Asker, openSession, openStream } from '../load/sessions.js';
import { heldByEach, type Measured, perCpuSecond, startAtPort } from '../measured.js';
import { type Effort, entriesOf, type Row } from '../row.js';

const sessions = 2000;
const warmSessions = 200;
const atOnce = 8;
/** One contestant takes a second for each session: it is judged by those that it has opened by then. */
const openingMs = 20_000;

/** Opens so many sessions in the time there is, some at once; with the stream of each, if asked for. */
export async function openSessions(
  port: number,
  count: number,
  withStreams: boolean,
): Promise<Socket[]> {
  const streams: Socket[] = [];
  const end = performance.now() + openingMs;
  let left = count;
  const open = async (): Promise<void> => {
    const asker = new Asker(port);
    while (left-- > 0 && performance.now() < end) {
      const headers = await openSession(port, asker);
      if (withStreams) streams.push(await openStream(port, headers));
    }
    asker.end();
  };
  await Promise.all(Array.from({ length: atOnce }, open));
  return streams;
}

/** `measure` gets the server, warm, and what opens sessions and says how many it has opened. */
async function measureSessions(
  { program }: Contestant,
  effort: Effort,
  measure: (server: Measured, open: () => Promise<number>) => Promise<number>,
): Promise<number> {
  const server = await startAtPort(program);
  const count = Math.round(sessions * effort.scale);
  const streams: Socket[] = [];
  try {
    streams.push(...(await openSessions(server.port, warmSessions, true)));
    return await measure(server, async () => {
      const opened = await openSessions(server.port, count, true);
      streams.push(...opened);
      return opened.length;
    });
  } finally {
    for (const stream of streams) stream.destroy();
    await server.end();
  }
}

export const sessionRows: readonly Row[] = [
  {
    id: 'initialize',
    title: 'sessions opened, each with its stream',
    unit: 'sessions per CPU second',
    judged: 'share',
    goal: 0.7,
    entries: entriesOf(withSessions, (one, effort) => measureSessions(one, effort, perCpuSecond)),
  },
  {
    id: 'session-bytes',
    title: 'memory of an idle session with its stream',
    unit: 'bytes',
    judged: 'amount',
    goal: 6 * 1024,
    entries: entriesOf(withSessions, (one, effort) => measureSessions(one, effort, heldByEach)),
  },
];
