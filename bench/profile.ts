/**
 * Where the time of a call, or of opening a session, goes in our server, hop by hop:
 * `npm run bench:profile -- [--what WHAT] [--mode modern|session] [--seconds N]`; without a known
 * WHAT it says which there are. Of sessions, which stay open, it is a thousand at most. The whole
 * profile is written beside the results, for the developer tools of any Chromium.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { amountOf, readArgs, refuse } from './command-line.js';
import { eraOf, overStdio, streaming } from './contestants.js';
import { pinThisProcess } from './cores.js';
import { hopOf } from './hops.js';
import { runHttpLoad } from './load/http.js';
import type { Until } from './load/until.js';
import { type Measured, startAtPort } from './measured.js';
import { isOurs } from './row.js';
import { httpWorkloads, prepareLoad } from './rows/http.js';
import { openSessions } from './rows/sessions.js';
import { startOverStdio, stdioWorkloads } from './rows/stdio.js';

const openedAtOnce = 200;
const openedMax = 1000;

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** What is profiled, and how more of it is done: for so long, and at least so much. */
interface Subject {
  readonly server: Measured;
  /** Resolves with how much was done. */
  readonly run: (ms: number, atLeast: number) => Promise<number>;
}

const opening = 'initialize';
const known = [...Object.keys(httpWorkloads), ...Object.keys(stdioWorkloads), opening];
const values = readArgs({
  options: {
    what: { type: 'string', default: 'small' },
    mode: { type: 'string' },
    seconds: { type: 'string' },
  },
});
const { what, mode = what === opening ? 'session' : 'modern' } = values;
if (!known.includes(what)) refuse(`--what is one of ${known.join(', ')}`);
const isStdio = Object.hasOwn(stdioWorkloads, what);
const contestant =
  (isStdio ? overStdio : streaming).find((one) => isOurs(one.name) && one.mode === mode) ??
  refuse('--mode is modern or session');
if (what === opening && mode !== 'session') refuse('--what initialize has --mode session only');

pinThisProcess();
const { profile, calls, cpuMicros } = await record(amountOf('seconds', values.seconds, 4));
print();
const folder = fileURLToPath(new URL('results/', import.meta.url));
mkdirSync(folder, { recursive: true });
const path = `${folder}${what}-${mode}.cpuprofile`;
writeFileSync(path, JSON.stringify(profile));
process.stderr.write(`Written: ${path}\n`);
process.exit();

async function record(
  seconds: number,
): Promise<{ profile: Profile; calls: number; cpuMicros: number }> {
  const { server, run } = await (isStdio ? startStdio() : startHttp());
  await run(3000, 20_000);
  await server.ask('profile');
  const before = await server.read();
  const answered = await run(seconds * 1000, 0);
  const after = await server.read();
  const taken = await server.ask<Profile>('profiled');
  await server.end();
  return { profile: taken, calls: answered, cpuMicros: after.cpuMicros - before.cpuMicros };
}

async function startHttp(): Promise<Subject> {
  const server = await startAtPort(contestant.program);
  const workload = httpWorkloads[what];
  if (workload === undefined) return { server, run: (ms) => openFor(server.port, ms) };
  const load = await prepareLoad(workload, contestant, server.port);
  return {
    server,
    run: (...least) => runHttpLoad({ ...load, until: untilOf(workload, ...least) }),
  };
}

async function startStdio(): Promise<Subject> {
  const { server, peer } = await startOverStdio(contestant);
  const workload = stdioWorkloads[what]!;
  const load = { ...workload, era: eraOf(contestant.mode) };
  return { server, run: (...least) => peer.run({ ...load, until: untilOf(workload, ...least) }) };
}

function untilOf({ perCall = 1 }: { perCall?: number }, ms: number, atLeast: number): Until {
  return { ms, atLeast: Math.ceil(atLeast / perCall) };
}

/** Opens sessions that stay, with their streams: no more than there is room for, however long. */
async function openFor(port: number, ms: number): Promise<number> {
  const end = performance.now() + ms;
  let opened = 0;
  while (performance.now() < end && opened < openedMax) {
    opened += (await openSessions(port, openedAtOnce, true)).length;
  }
  return opened;
}

function print(): void {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const [hops, functions] = [new Map<string, number>(), new Map<string, number>()];
  let busy = 0;
  for (const [at, id] of profile.samples.entries()) {
    const frame = frames.get(id)!;
    const hop = hopOf(frame);
    if (hop === undefined) continue;
    const micros = Math.max(0, profile.timeDeltas[at]!);
    busy += micros;
    hops.set(hop, (hops.get(hop) ?? 0) + micros);
    const name = `${frame.functionName || '(anonymous)'} ${frame.url.replace(/^.*\/dist\//, '')}`;
    functions.set(name, (functions.get(name) ?? 0) + micros);
  }
  const perCall = cpuMicros / calls;
  const shares = (what: ReadonlyMap<string, number>, most: number) =>
    [...what]
      .toSorted((a, b) => b[1] - a[1])
      .slice(0, most)
      .map(([name, micros]) => ({
        name: name.slice(0, 70),
        share: `${((micros / busy) * 100).toFixed(1)} %`,
        'µs per call': Number(((micros / busy) * perCall).toFixed(2)),
      }));
  console.log(
    `${calls} calls (${contestant.name}), ${perCall.toFixed(1)} µs of CPU each while profiled`,
  );
  console.table(shares(hops, 30));
  console.log('The functions that take most by themselves');
  console.table(shares(functions, 25));
}
