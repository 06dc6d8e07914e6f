/** What must not grow: the cost of a call with tools and sessions, memory with requests, a wait. */
import { connect } from 'node:net';
import { once } from 'node:events';
import { type Contestant, eraOf, overStdio, streaming } from '../contestants.js';
import { runHttpLoad } from '../load/http.js';
import { echo, type Question, work } from '../load/messages.js';
import { heldByEach, type Measured, perCpuSecond, startAtPort } from '../measured.js';
import { type Effort, entriesOf, type Entry, isOurs, type Row, warm } from '../row.js';
import { measureHttp, prepareLoad } from './http.js';
import { openSessions } from './sessions.js';
import { startOverStdio } from './stdio.js';

const small = { question: echo('hello'), connections: 32 };
const ourModes = streaming.filter(({ name }) => isOurs(name));
const modern = ourModes.find(({ mode }) => mode === 'modern')!;
const session = ourModes.find(({ mode }) => mode === 'session')!;
const manyTools = 1000;
const manySessions = 10_000;
const finishedCalls = 16_000;

const withTools = (name: string, tools: number): Entry => ({
  name,
  async measure(effort) {
    const env = { BENCH_TOOLS: String(tools) };
    return 1e6 / (await measureHttp({ ...small, env }, modern, effort));
  },
});

/** CPU µs of a call in one session, beside so many others that are open. */
const withSessions = (name: string, sessions: number): Entry => ({
  name,
  async measure(effort) {
    const server = await startAtPort(session.program);
    try {
      const load = await prepareLoad(small, session, server.port);
      // One of the bound is the one that calls.
      await openSessions(server.port, sessions - 1, false);
      await runHttpLoad({ ...load, until: warm(effort) });
      const until = { ms: effort.measureMs };
      return 1e6 / (await perCpuSecond(server, () => runHttpLoad({ ...load, until })));
    } finally {
      await server.end();
    }
  },
});

/** The median time from the sending of a call of 1,000 steps to its first event, in ms. */
async function measureFirstEvent(contestant: Contestant, effort: Effort): Promise<number> {
  const server = await startAtPort(contestant.program);
  try {
    const question = work(1000);
    const load = await prepareLoad({ question, connections: 1 }, contestant, server.port);
    await runHttpLoad({ ...load, until: warm(effort) });
    const taken: number[] = [];
    for (let at = 0; at < 21; at++) {
      const socket = connect(server.port, '127.0.0.1');
      await once(socket, 'connect');
      const begin = performance.now();
      socket.write(load.requests[0]!);
      let text = '';
      const until = async (what: string): Promise<void> => {
        while (!text.includes(what)) {
          const signal = AbortSignal.timeout(10_000);
          text += String(((await once(socket, 'data', { signal })) as [Buffer])[0]);
        }
      };
      await until('notifications/progress');
      taken.push(performance.now() - begin);
      // The rest is read too: the next call has the same id.
      await until(question.expect);
      socket.destroy();
    }
    return taken.toSorted((a, b) => a - b)[taken.length >> 1]!;
  } finally {
    await server.end();
  }
}

async function measureRetained(contestant: Contestant, question: Question): Promise<number> {
  const server = await startAtPort(contestant.program);
  try {
    const load = await prepareLoad({ question, connections: 8 }, contestant, server.port);
    return await heldByCalls(server, (calls) => runHttpLoad({ ...load, until: { calls } }));
  } finally {
    await server.end();
  }
}

async function measureRetainedOverStdio(contestant: Contestant): Promise<number> {
  const { server, peer } = await startOverStdio(contestant);
  try {
    const load = { question: small.question, era: eraOf(contestant.mode), inFlight: 8 };
    return await heldByCalls(server, (calls) => peer.run({ ...load, until: { calls } }));
  } finally {
    await server.end();
  }
}

/** Bytes that the heap has grown by for each of 16,000 calls that are over. */
async function heldByCalls(
  server: Measured,
  run: (calls: number) => Promise<number>,
): Promise<number> {
  await run(finishedCalls / 2);
  return heldByEach(server, () => run(finishedCalls));
}

const cost = { unit: 'CPU µs per call', judged: 'times', goal: 1.1 } as const;
export const checkRows: readonly Row[] = [
  {
    id: 'flat-tools',
    title: 'cost of a call, 1 to 1,000 tools',
    ...cost,
    entries: [withTools('with 3 tools', 1), withTools('sallyport with 1,002 tools', manyTools)],
  },
  {
    id: 'flat-sessions',
    title: 'cost of a call, 1 to 10,000 sessions',
    ...cost,
    entries: [
      withSessions('with 1 session', 1),
      withSessions('sallyport with 10,000 sessions', manySessions),
    ],
  },
  {
    id: 'first-event',
    title: 'first of 1,000 events',
    unit: 'ms after the call was sent',
    judged: 'amount',
    goal: 2,
    entries: entriesOf(streaming, measureFirstEvent),
  },
  {
    id: 'retained',
    title: 'memory kept for each finished call',
    unit: 'bytes',
    judged: 'amount',
    goal: 100,
    entries: [
      ...ourModes.flatMap((one): Entry[] => [
        { name: `${one.name}, JSON`, measure: () => measureRetained(one, echo('hello')) },
        { name: `${one.name}, events`, measure: () => measureRetained(one, work(1)) },
      ]),
      ...overStdio
        .filter(({ name }) => isOurs(name))
        .map((one) => ({
          name: `${one.name}, stdio`,
          measure: () => measureRetainedOverStdio(one),
        })),
    ],
  },
];
