/** Calls over HTTP: small and large, answered as JSON and as events, and whole lists. */
import { type Contestant, eraOf, stateless, streaming, withSessions } from '../contestants.js';
import {
  answers,
  bodyOf,
  echo,
  headersOf,
  isRight,
  list,
  type Question,
  work,
} from '../load/messages.js';
import { type HttpLoad, postBytes, runHttpLoad } from '../load/http.js';
import { openSession } from '../load/sessions.js';
import { perCpuSecond, startAtPort } from '../measured.js';
import { type Effort, entriesOf, type Row, warm } from '../row.js';

const listedTools = 200;

export interface HttpWorkload {
  readonly question: Question;
  readonly connections: number;
  readonly env?: { readonly [name: string]: string };
  /** Measures the first calls of a fresh process rather than a warm one. */
  readonly firstCalls?: number;
  /** What counts, if not the calls: events, for instance. */
  readonly perCall?: number;
}

/** Everything of a load but when it ends. */
export async function prepareLoad(
  { question, connections }: HttpWorkload,
  { mode, accept }: Contestant,
  port: number,
): Promise<Omit<HttpLoad, 'until'>> {
  const era = eraOf(mode);
  const headers = {
    ...(mode === 'session' ? await openSession(port) : headersOf(question, era)),
    ...(accept === undefined ? {} : { accept }),
  };
  const requests = Array.from({ length: connections }, (_, at) =>
    postBytes(port, bodyOf(question, at + 1, era), headers),
  );
  return {
    port,
    requests,
    isRight: (answer, at) => answers(at + 1, answer) && isRight(question, answer),
  };
}

/** How many calls, or events, a second of the server's CPU time is good for. */
export async function measureHttp(
  workload: HttpWorkload,
  contestant: Contestant,
  effort: Effort,
): Promise<number> {
  const { program } = contestant;
  const server = await startAtPort({ ...program, env: { ...program.env, ...workload.env } });
  try {
    const load = await prepareLoad(workload, contestant, server.port);
    const { firstCalls } = workload;
    if (firstCalls === undefined) {
      await runHttpLoad({ ...load, until: warm(effort) });
    }
    const until = firstCalls === undefined ? { ms: effort.measureMs } : { calls: firstCalls };
    const calls = await perCpuSecond(server, () => runHttpLoad({ ...load, until }));
    return calls * (workload.perCall ?? 1);
  } finally {
    await server.end();
  }
}

function httpRow(
  row: Pick<Row, 'id' | 'title' | 'goal'>,
  workload: HttpWorkload,
  contestants: readonly Contestant[],
): Row {
  const entries = entriesOf(contestants, (one, effort) => measureHttp(workload, one, effort));
  const unit = `${workload.perCall === undefined ? 'calls' : 'events'} per CPU second`;
  return { ...row, unit, judged: 'share', entries };
}

const events = { question: work(1000), perCall: 1000 };

const workloads = {
  small: { question: echo('hello'), connections: 32 },
  'small-sse': { question: work(1), connections: 32 },
  large: { question: echo('x'.repeat(100_000)), connections: 8 },
  'progress-1': { ...events, connections: 1 },
  'progress-50': { ...events, connections: 50 },
};
const { small, large } = workloads;

/** What has a profile, by its name. */
export const httpWorkloads: { readonly [name: string]: HttpWorkload } = workloads;

export const httpRows: readonly Row[] = [
  httpRow({ id: 'small-modern', title: 'small call, modern, JSON', goal: 0.8 }, small, stateless),
  httpRow({ id: 'small-session', title: 'small call, session', goal: 0.8 }, small, withSessions),
  httpRow(
    { id: 'small-sse', title: 'small call, answered as events', goal: 0.8 },
    workloads['small-sse'],
    streaming,
  ),
  httpRow(
    { id: 'first-500', title: 'first 500 calls of a process', goal: 0.8 },
    { ...small, firstCalls: 500 },
    stateless,
  ),
  httpRow({ id: 'large-modern', title: 'call with 100 KB, modern', goal: 0.85 }, large, stateless),
  httpRow(
    { id: 'large-session', title: 'call with 100 KB, session', goal: 0.85 },
    large,
    withSessions,
  ),
  httpRow(
    { id: 'progress-1', title: '1,000 progress events, 1 call', goal: 2 },
    workloads['progress-1'],
    streaming,
  ),
  httpRow(
    { id: 'progress-50', title: '1,000 progress events, 50 calls at once', goal: 2 },
    workloads['progress-50'],
    streaming,
  ),
  httpRow(
    { id: 'list-200', title: 'tools/list with 200 tools', goal: 4 },
    {
      question: list(listedTools),
      connections: 8,
      env: { BENCH_TOOLS: String(listedTools) },
    },
    stateless,
  ),
];
