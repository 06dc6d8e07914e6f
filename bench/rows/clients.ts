/** Clients, judged by their own CPU time, each calling the bare server. */
import { fileURLToPath } from 'node:url';
import { commandOf } from '../cores.js';
import { perCpuSecond, start, startAtPort } from '../measured.js';
import { type Effort, entriesOf, type Entry, type Row, warm } from '../row.js';

interface Client {
  readonly name: string;
  readonly file: string;
  readonly era?: 'modern';
}

const overStdio: readonly Client[] = [
  { name: 'limit', file: 'limit' },
  { name: 'sallyport', file: 'sallyport' },
  { name: 'sdk-v2 modern', file: 'sdk-v2', era: 'modern' },
  { name: 'sdk-v2 legacy', file: 'sdk-v2' },
  { name: 'sdk-v1', file: 'sdk-v1' },
];
const overHttp: readonly Client[] = [...overStdio, { name: 'global fetch', file: 'fetch' }];

const bareStdio = fileURLToPath(new URL('../servers/bare-stdio.mjs', import.meta.url));

async function measureClient(
  { file, era }: Client,
  atOnce: number,
  target: readonly string[],
  effort: Effort,
): Promise<number> {
  const client = start({
    path: 'clients/drive.mjs',
    args: ['--client', file, ...target],
    env: { BENCH_ERA: era ?? 'legacy' },
  });
  try {
    await client.told();
    await client.ask({ ...warm(effort), atOnce });
    return await perCpuSecond(client, async () => {
      const asked = { ms: effort.measureMs, atOnce };
      return (await client.ask<{ answered: number }>(asked)).answered;
    });
  } finally {
    await client.end();
  }
}

async function measureOverHttp(client: Client, atOnce: number, effort: Effort): Promise<number> {
  const server = await startAtPort({ path: 'servers/bare.mjs' }, 'load');
  try {
    const url = `http://127.0.0.1:${server.port}/mcp`;
    return await measureClient(client, atOnce, ['--url', url], effort);
  } finally {
    await server.end();
  }
}

function measureOverStdio(client: Client, atOnce: number, effort: Effort): Promise<number> {
  const [command, args] = commandOf([bareStdio], 'load');
  return measureClient(client, atOnce, ['--stdio', '--', command, ...args], effort);
}

function clientRow(over: 'http' | 'stdio', atOnce: number, goal: number): Row {
  const [clients, measure] =
    over === 'http' ? [overHttp, measureOverHttp] : [overStdio, measureOverStdio];
  const entries = entriesOf(clients, (client, effort) => measure(client, atOnce, effort));
  return {
    id: `client-${over}-${atOnce}`,
    title: `client over ${over}, ${atOnce} at once`,
    unit: 'calls per CPU second',
    judged: 'share',
    goal,
    entries,
  };
}

const asFetch = (name: string, which: string): Entry => ({
  name,
  measure: (effort) => measureClient({ name, file: 'fetch-function' }, 1, ['--url', which], effort),
});

/** Request and Response cost more than all the rest; what comes to them is to be no more again. */
const fetchRow: Row = {
  id: 'fetch-function',
  title: 'the fetch function of a server, by itself',
  unit: 'calls per CPU second',
  judged: 'share',
  goal: 0.5,
  entries: [asFetch('limit', 'bare'), asFetch('sallyport', 'ours')],
};

export const clientRows: readonly Row[] = [
  clientRow('http', 1, 0.6),
  clientRow('http', 32, 0.6),
  clientRow('stdio', 1, 0.85),
  clientRow('stdio', 32, 0.8),
  fetchRow,
];
