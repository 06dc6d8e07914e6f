/**
 * Where the time of one small call goes in our server, hop by hop:
 * `npm run bench:profile -- [--mode modern|session] [--seconds N]`. The whole profile is written
 * beside the results, for the developer tools of any Chromium.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { streaming } from './contestants.js';
import { pinThisProcess } from './cores.js';
import { hopOf } from './hops.js';
import { runHttpLoad } from './load/http.js';
import { echo } from './load/messages.js';
import { startAtPort } from './measured.js';
import { isOurs } from './row.js';
import { prepareLoad } from './rows/http.js';

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const { values } = parseArgs({
  options: {
    mode: { type: 'string', default: 'modern' },
    seconds: { type: 'string', default: '4' },
  },
});
const contestant = streaming.find(({ name, mode }) => isOurs(name) && mode === values.mode);
if (contestant === undefined) throw new Error('--mode is modern or session');

pinThisProcess();
const { profile, calls, cpuMicros } = await record(Number(values.seconds));
print();
const folder = fileURLToPath(new URL('results/', import.meta.url));
mkdirSync(folder, { recursive: true });
const path = `${folder}small-${values.mode}.cpuprofile`;
writeFileSync(path, JSON.stringify(profile));
process.stderr.write(`Written: ${path}\n`);
process.exit();

async function record(
  seconds: number,
): Promise<{ profile: Profile; calls: number; cpuMicros: number }> {
  const server = await startAtPort(contestant!.program);
  const workload = { question: echo('hello'), connections: 32 };
  const load = await prepareLoad(workload, contestant!, server.port);
  await runHttpLoad({ ...load, until: { ms: 3000, atLeast: 20_000 } });
  await server.ask('profile');
  const before = await server.read();
  const answered = await runHttpLoad({ ...load, until: { ms: seconds * 1000 } });
  const after = await server.read();
  const taken = await server.ask<Profile>('profiled');
  await server.end();
  return { profile: taken, calls: answered, cpuMicros: after.cpuMicros - before.cpuMicros };
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
    `${calls} calls (${contestant!.name}), ${perCall.toFixed(1)} µs of CPU each while profiled`,
  );
  console.table(shares(hops, 30));
  console.log('The functions that take most by themselves');
  console.table(shares(functions, 25));
}
