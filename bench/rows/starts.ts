/** What comes before the first call: starting, importing, installing. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Contestant, overStdio } from '../contestants.js';
import { commandOf } from '../cores.js';
import { installed } from '../install-size.js';
import { bodyOf, initialize, isRight } from '../load/messages.js';
import { type Effort, entriesOf, type Entry, type Row } from '../row.js';

const here = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const env = { ...process.env, NODE_ENV: 'production' };

/** From the start of a process to the answer to initialize, in ms: the best of some starts. */
async function measureSpawn({ program }: Contestant, effort: Effort): Promise<number> {
  const { path, args = [] } = program;
  const taken: number[] = [];
  for (let at = 0; at < Math.max(2, Math.round(6 * effort.scale)); at++) {
    const [command, whole] = commandOf([here(path), ...args], 'measured');
    const begin = performance.now();
    const child = spawn(command, whole, { env, stdio: ['pipe', 'pipe', 'ignore'] });
    child.stdin.write(`${bodyOf(initialize, 0, 'legacy')}\n`);
    let text = '';
    while (!text.includes('\n')) {
      const signal = AbortSignal.timeout(20_000);
      text += String(((await once(child.stdout, 'data', { signal })) as [Buffer])[0]);
    }
    taken.push(performance.now() - begin);
    child.kill('SIGKILL');
    await once(child, 'exit');
    if (!isRight(initialize, text)) throw new Error(`A wrong answer: ${text.slice(0, 300)}`);
  }
  return Math.min(...taken);
}

/** The time that importing these modules takes in a fresh process, in ms: the best of some. */
function measureImport(modules: readonly string[], effort: Effort): number {
  const program = `
    const begin = performance.now();
    for (const name of ${JSON.stringify(modules)}) await import(name);
    process.stdout.write(String(performance.now() - begin));`;
  const [command, args] = commandOf(['--input-type=module', '--eval', program], 'measured');
  const taken = Array.from({ length: Math.max(2, Math.round(6 * effort.scale)) }, () => {
    const { stdout, stderr } = spawnSync(command, args, { env, cwd: here(''), encoding: 'utf8' });
    if (stdout === '') throw new Error(stderr.slice(0, 500));
    return Number(stdout);
  });
  return Math.min(...taken);
}

function importEntry(name: string, ...modules: string[]): Entry {
  return { name, measure: (effort) => Promise.resolve(measureImport(modules, effort)) };
}

const built = (path: string): string => new URL(`../../dist/${path}`, import.meta.url).href;
const v1 = '@modelcontextprotocol/sdk';
const v2 = '@modelcontextprotocol';

const serverImports: readonly Entry[] = [
  importEntry('bare node:http', 'node:http'),
  importEntry('sallyport', built('server/index.js'), built('transports/http/index.js')),
  importEntry('sdk-v2', `${v2}/server`, `${v2}/node`),
  importEntry('sdk-v1', `${v1}/server/mcp.js`, `${v1}/server/streamableHttp.js`, 'express'),
  importEntry('fastmcp', 'fastmcp'),
  importEntry('tmcp', 'tmcp', '@tmcp/adapter-zod', '@tmcp/transport-http', 'srvx', 'zod'),
  importEntry('mcp-lite', 'mcp-lite', 'hono', '@hono/node-server', 'zod'),
];

const clientImports: readonly Entry[] = [
  importEntry('bare node:http', 'node:http'),
  importEntry('sallyport', built('index.js')),
  importEntry('sdk-v2', `${v2}/client`, `${v2}/client/stdio`),
  importEntry(
    'sdk-v1',
    `${v1}/client/index.js`,
    `${v1}/client/streamableHttp.js`,
    `${v1}/client/stdio.js`,
  ),
];

function installEntry(name: string, what: 'bytes' | 'packages', ...packages: string[]): Entry {
  const size = (): number => {
    const { bytes, packages: count } = installed(packages);
    return what === 'bytes' ? bytes / 1e6 : count;
  };
  return { name, measure: () => Promise.resolve().then(size) };
}

const installs = (what: 'bytes' | 'packages'): readonly Entry[] => [
  installEntry('sallyport', what, 'sallyport'),
  installEntry('sdk-v2 server and node', what, `${v2}/server`, `${v2}/node`),
  installEntry('sdk-v2 client', what, `${v2}/client`),
  installEntry('sdk-v1', what, v1),
  installEntry('fastmcp', what, 'fastmcp'),
  installEntry(
    'tmcp',
    what,
    'tmcp',
    '@tmcp/adapter-zod',
    '@tmcp/transport-http',
    '@tmcp/transport-stdio',
    'srvx',
    'zod',
  ),
  installEntry('mcp-lite', what, 'mcp-lite', 'hono', '@hono/node-server', 'zod'),
];

const importRow = { unit: 'ms', judged: 'amount', goal: 30 } as const;
export const startRows: readonly Row[] = [
  {
    id: 'spawn',
    title: 'spawn to first answered initialize, stdio',
    unit: 'ms',
    judged: 'times',
    goal: 1.5,
    entries: entriesOf(
      overStdio.filter(({ name, mode }) => name === 'limit' || mode === 'session'),
      measureSpawn,
    ),
  },
  { id: 'import-server', title: 'import of the server', ...importRow, entries: serverImports },
  { id: 'import-client', title: 'import of the client', ...importRow, entries: clientImports },
  {
    id: 'install-size',
    title: 'install, with what it requires',
    unit: 'MB',
    judged: 'amount',
    goal: 6,
    entries: installs('bytes'),
  },
  {
    id: 'install-packages',
    title: 'packages installed',
    unit: 'packages',
    judged: 'amount',
    goal: 15,
    entries: installs('packages'),
  },
];
