/** Calls over standard input and output. */
import { type Contestant, eraOf, overStdio } from '../contestants.js';
import { echo, type Question, work } from '../load/messages.js';
import { StdioPeer } from '../load/stdio.js';
import { cpuOf, type Measured, perCpuSecond, start } from '../measured.js';
import { type Effort, entriesOf, type Row, warm } from '../row.js';

const largeBytes = 20 * 1024 * 1024;

/** A server over stdio, initialized where its mode asks for it. */
export async function startOverStdio(
  { program, mode }: Contestant,
  args: readonly string[] = [],
): Promise<{ server: Measured; peer: StdioPeer }> {
  const server = start({ ...program, args: [...(program.args ?? []), ...args] });
  const peer = new StdioPeer(server.child);
  if (mode === 'session') await peer.initialize();
  return { server, peer };
}

export interface StdioWorkload {
  readonly question: Question;
  readonly inFlight: number;
  /** What counts, if not the calls: events. */
  readonly perCall?: number;
}

const small = echo('hello');

/** By the ids of their rows. */
export const stdioWorkloads: { readonly [id: string]: StdioWorkload } = {
  'stdio-1': { question: small, inFlight: 1 },
  'stdio-64': { question: small, inFlight: 64 },
  'stdio-progress': { question: work(1000), inFlight: 1, perCall: 1000 },
};

async function measureCalls(
  { question, inFlight, perCall = 1 }: StdioWorkload,
  contestant: Contestant,
  effort: Effort,
): Promise<number> {
  const { server, peer } = await startOverStdio(contestant);
  try {
    const load = { question, era: eraOf(contestant.mode), inFlight };
    await peer.run({ ...load, until: warm(effort) });
    const until = { ms: effort.measureMs };
    return perCall * (await perCpuSecond(server, () => peer.run({ ...load, until })));
  } finally {
    await server.end();
  }
}

/** The CPU time of one message of 20 MB, in ms. Its bound is raised by its name. */
async function measureLarge(contestant: Contestant): Promise<number> {
  const raised = contestant.name === 'limit' ? [] : ['--message-bytes', String(2 * largeBytes)];
  const { server, peer } = await startOverStdio(contestant, raised);
  const era = eraOf(contestant.mode);
  try {
    await peer.run({ question: echo('hello'), era, inFlight: 1, until: { calls: 200 } });
    const question = echo('x'.repeat(largeBytes));
    return (await cpuOf(server, () => peer.sendLarge(question, era))).micros / 1000;
  } finally {
    await server.end();
  }
}

function callsRow(id: string, title: string, goal: number): Row {
  const workload = stdioWorkloads[id]!;
  return {
    ...{ id, title, goal },
    unit: `${workload.perCall === undefined ? 'calls' : 'events'} per CPU second`,
    judged: 'share',
    entries: entriesOf(overStdio, (one, effort) => measureCalls(workload, one, effort)),
  };
}

export const stdioRows: readonly Row[] = [
  callsRow('stdio-1', 'stdio, 1 in flight', 0.85),
  callsRow('stdio-64', 'stdio, 64 in flight', 1),
  callsRow('stdio-progress', 'stdio, 1,000 notifications per call', 3),
  {
    id: 'stdio-20mb',
    title: 'stdio, one message of 20 MB',
    unit: 'ms of CPU',
    judged: 'times',
    goal: 1.5,
    entries: entriesOf(overStdio, measureLarge),
  },
];
