/**
 * How close stdio comes to what Node itself can do: small calls, one and 64 in flight, and one
 * message of 20 MB in pieces of 64 KB. Bare lines of JSON stand beside us in the same run. Prints
 * shares of the limit by CPU time of the server; the 20 MB are judged by their CPU time alone.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' } },
});
const rounds = values.quick === true ? 3 : 8;
const calls = values.quick === true ? 20_000 : 100_000;
const pieceBytes = 64 * 1024;

const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
const call = (id: number, text: string): string =>
  `${JSON.stringify({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name: 'echo', arguments: { text }, _meta: meta },
  })}\n`;

/** A server as a child, asked line by line. */
class Server {
  readonly #child: ChildProcess;
  #rest = '';
  #onLine: (line: string) => void = () => undefined;

  constructor(program: string) {
    const path = fileURLToPath(new URL(`./servers/${program}.ts`, import.meta.url));
    this.#child = spawn(process.execPath, ['--import', 'tsx', path], {
      stdio: ['pipe', 'pipe', 'inherit', 'ipc'],
      env: { ...process.env, NODE_ENV: 'production' },
    });
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const lines = (this.#rest + text).split('\n');
      this.#rest = lines.pop()!;
      for (const line of lines) this.#onLine(line);
    });
  }

  async ready(): Promise<void> {
    await once(this.#child, 'message');
  }

  /** Makes `count` calls with so many in flight; each answer is looked at. */
  async roundTrips(count: number, inFlight: number): Promise<void> {
    let [sent, answered] = [0, 0];
    const next = (): void => void this.#child.stdin!.write(call(++sent, 'hello'));
    await new Promise<void>((resolve, reject) => {
      this.#onLine = (line) => {
        if (!line.includes('"text":"hello"')) return reject(new Error(line.slice(0, 200)));
        if (++answered === count) resolve();
        else if (sent < count) next();
      };
      for (let at = 0; at < inFlight; at++) next();
    });
  }

  async large(bytes: number): Promise<void> {
    const line = Buffer.from(call(1, 'x'.repeat(bytes)));
    const answer = new Promise<string>((resolve) => (this.#onLine = resolve));
    for (let at = 0; at < line.length; at += pieceBytes) {
      if (!this.#child.stdin!.write(line.subarray(at, at + pieceBytes))) {
        await once(this.#child.stdin!, 'drain');
      }
    }
    if (!(await answer).includes('"text":"long"')) throw new Error('a wrong answer');
  }

  async cpuMicros(): Promise<number> {
    const told = once(this.#child, 'message') as Promise<[{ cpuMicros: number }]>;
    this.#child.send('cpu');
    return (await told)[0].cpuMicros;
  }

  async end(): Promise<void> {
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

const workloads: readonly (readonly [name: string, run: (server: Server) => Promise<void>])[] = [
  ['round trips, 1 in flight', (server) => server.roundTrips(calls, 1)],
  ['round trips, 64 in flight', (server) => server.roundTrips(calls, 64)],
  ['one message of 20 MB', (server) => server.large(20 * 1024 * 1024)],
];

/** CPU time of the server for each workload, in µs. */
async function measure(program: string): Promise<number[]> {
  const server = new Server(program);
  await server.ready();
  await server.roundTrips(calls / 4, 16);
  const taken: number[] = [];
  for (const [, run] of workloads) {
    const before = await server.cpuMicros();
    await run(server);
    taken.push((await server.cpuMicros()) - before);
  }
  await server.end();
  return taken;
}

const shares: number[][] = workloads.map(() => []);
for (let round = 1; round <= rounds; round++) {
  process.stderr.write(`round ${round} of ${rounds}\n`);
  const [limit, ours] = [await measure('bare-stdio'), await measure('sallyport-stdio')];
  for (const [at, list] of shares.entries()) list.push(limit[at]! / ours[at]!);
}
const rows = workloads.map(([name], at) => {
  const sorted = shares[at]!.toSorted((a, b) => a - b);
  const figure = (value: number): number => Number(value.toFixed(3));
  return {
    workload: name,
    share: figure(sorted[Math.floor(sorted.length / 2)]!),
    min: figure(sorted[0]!),
    max: figure(sorted.at(-1)!),
  };
});
if (values.json === true) console.log(JSON.stringify(rows));
else console.table(rows);
