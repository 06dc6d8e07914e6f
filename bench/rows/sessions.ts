/** Legacy sessions: how fast they are opened, and what each holds while nothing happens. */
import type { Socket } from 'node:net';
import { type Contestant, withSessions } from '../contestants.js';
import { Asker, openSession, openStream } from '../load/sessions.js';
import { type Measured, type Reading, startAtPort } from '../measured.js';
import type { Effort, Entry, Row } from '../row.js';

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

async function measureSessions(
  { program }: Contestant,
  effort: Effort,
  what: 'cpu' | 'memory',
  figure: (before: Reading, after: Reading, count: number) => number,
): Promise<number> {
  const server = await startAtPort(program);
  const count = Math.round(sessions * effort.scale);
  const streams: Socket[] = [];
  try {
    streams.push(...(await openSessions(server.port, warmSessions, true)));
    const before = await settled(server, what);
    const opened = await openSessions(server.port, count, true);
    streams.push(...opened);
    return figure(before, await settled(server, what), opened.length);
  } finally {
    for (const stream of streams) stream.destroy();
    await server.end();
  }
}

/** Memory is read twice: what ends with the last request is then gone. */
async function settled(server: Measured, what: 'cpu' | 'memory'): Promise<Reading> {
  if (what === 'memory') await server.read(what);
  return server.read(what);
}

const entriesOf = (measure: (one: Contestant, effort: Effort) => Promise<number>): Entry[] =>
  withSessions.map((one) => ({ name: one.name, measure: (effort) => measure(one, effort) }));

export const sessionRows: readonly Row[] = [
  {
    id: 'initialize',
    title: 'sessions opened, each with its stream',
    unit: 'sessions per CPU second',
    judged: 'share',
    goal: 0.7,
    entries: entriesOf((one, effort) =>
      measureSessions(one, effort, 'cpu', (before, after, count) => {
        return (count * 1e6) / (after.cpuMicros - before.cpuMicros);
      }),
    ),
  },
  {
    id: 'session-bytes',
    title: 'memory of an idle session with its stream',
    unit: 'bytes',
    judged: 'amount',
    goal: 6 * 1024,
    entries: entriesOf((one, effort) =>
      measureSessions(one, effort, 'memory', (before, after, count) => {
        return (after.heapBytes - before.heapBytes) / count;
      }),
    ),
  },
];
