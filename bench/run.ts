/**
 * How close we are to what Node itself can do: one small call, bare `node:http` beside us in the
 * same run. Prints requests per second of server CPU as a share of the limit; never judge the
 * absolute figures of a shared machine.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { type Load, runLoad } from './load.js';

const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' }, rounds: { type: 'string' } },
});
const rounds = Number(values.rounds ?? (values.quick === true ? 3 : 8));
const seconds = values.quick === true ? 1.5 : 4;

const version = '2026-07-28';
const echo = (id: number, _meta?: object) =>
  JSON.stringify({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name: 'echo', arguments: { text: 'hello' }, ...(_meta ? { _meta } : {}) },
  });
const modernMeta = {
  'io.modelcontextprotocol/protocolVersion': version,
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

interface Contestant {
  readonly name: string;
  readonly program: string;
  readonly prepare: (port: number) => Promise<Pick<Load, 'headers' | 'body'>>;
}

const modern = {
  headers: { 'mcp-protocol-version': version, 'mcp-method': 'tools/call', 'mcp-name': 'echo' },
  body: (id: number) => echo(id, modernMeta),
};
const contestants: readonly Contestant[] = [
  { name: 'limit', program: 'bare', prepare: () => Promise.resolve(modern) },
  { name: 'sallyport modern', program: 'sallyport', prepare: () => Promise.resolve(modern) },
  { name: 'sallyport session', program: 'sallyport', prepare: openSession },
];

async function openSession(port: number): Promise<Pick<Load, 'headers' | 'body'>> {
  const post = (body: object, headers: { [name: string]: string } = {}) =>
    fetch(`http://127.0.0.1:${port}/mcp`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
      body: JSON.stringify({ jsonrpc: '2.0', ...body }),
    });
  const opened = await post({
    id: 0,
    method: 'initialize',
    params: {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'bench', version: '1.0.0' },
    },
  });
  const headers = {
    'mcp-session-id': opened.headers.get('mcp-session-id') ?? '',
    'mcp-protocol-version': '2025-11-25',
  };
  await post({ method: 'notifications/initialized' }, headers);
  return { headers, body: (id) => echo(id) };
}

async function measure(contestant: Contestant): Promise<number> {
  const path = new URL(`./servers/${contestant.program}.ts`, import.meta.url);
  const env = { ...process.env, NODE_ENV: 'production' };
  const child = fork(path, { execArgv: ['--import', 'tsx'], env });
  try {
    const port = (await told(child)).port!;
    const load = { ...(await contestant.prepare(port)), port, expect: '"text":"hello"' };
    const connections = 32;
    await runLoad({ ...load, connections, seconds: seconds / 2 });
    const before = await cpu(child);
    const answered = await runLoad({ ...load, connections, seconds });
    return answered / (((await cpu(child)) - before) / 1e6);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

async function told(child: ChildProcess): Promise<{ port?: number; cpuMicros?: number }> {
  const [message] = (await once(child, 'message')) as [{ port?: number; cpuMicros?: number }];
  return message;
}

async function cpu(child: ChildProcess): Promise<number> {
  const answer = told(child);
  child.send('cpu');
  return (await answer).cpuMicros!;
}

const results = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
for (let round = 1; round <= rounds; round++) {
  for (const contestant of contestants) {
    process.stderr.write(`round ${round} of ${rounds}: ${contestant.name}\n`);
    results.get(contestant.name)!.push(await measure(contestant));
  }
}

const median = (figures: readonly number[]) =>
  figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)]!;
const limits = results.get('limit')!;
const rows = [...results].map(([name, figures]) => {
  const shares = figures.map((figure, at) => figure / limits[at]!);
  return {
    name,
    perCpuSecond: Math.round(median(figures)),
    cpuMicros: Number((1e6 / median(figures)).toFixed(1)),
    share: Number(median(shares).toFixed(3)),
    shareMin: Number(Math.min(...shares).toFixed(3)),
    shareMax: Number(Math.max(...shares).toFixed(3)),
  };
});
if (values.json === true) console.log(JSON.stringify(rows));
else console.table(rows);
