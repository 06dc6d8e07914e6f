/** The proxies that stand before servers, set up by the very files that the guide shows. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The server's address in the examples. */
const address = '127.0.0.1:3000';

export const proxyNames = ['nginx 1.0', 'nginx 1.1', 'haproxy'] as const;
export type ProxyName = (typeof proxyNames)[number];

/** Where clients connect: a proxy, or the server itself. */
export interface Front {
  readonly port: number;
  /** How often it passed a request with this marker on; undefined where nothing stands between. */
  passed(marker: string): number | undefined;
  /** Resolves when its log has come to the request with this marker. */
  caughtUp(marker: string): Promise<void>;
  close(): Promise<void>;
}

interface Program {
  readonly command: string;
  /** The file that the guide shows. */
  readonly example: string;
  /** What its port is replaced in, and by. */
  readonly listens: readonly [shown: string, real: (port: number) => string];
  arguments(folder: string): string[];
  /** What is written around the file, so that all of it stays in `folder` and is told to us. */
  wrap(example: string, folder: string): string;
}

const nginx: Omit<Program, 'example'> = {
  command: 'nginx',
  listens: ['listen 80;', (port) => `listen 127.0.0.1:${port};`],
  arguments: (folder) => ['-p', folder, '-e', 'stderr', '-c', join(folder, 'config')],
  wrap(example, folder) {
    const parts = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    const temporary = parts.map((part) => `${part}_temp_path ${folder}/${part};`);
    return `daemon off; master_process off; pid ${folder}/pid;
      events {}
      http {
        log_format marks 'mark $http_x_marker $upstream_addr';
        access_log ${folder}/log marks;
        ${temporary.join('\n')}
        ${example}
      }`;
  },
};

const programs: { readonly [name in ProxyName]: Program } = {
  'nginx 1.0': { ...nginx, example: 'nginx-minimal.conf' },
  'nginx 1.1': { ...nginx, example: 'nginx.conf' },
  haproxy: {
    command: 'haproxy',
    example: 'haproxy.cfg',
    listens: ['bind :80', (port) => `bind 127.0.0.1:${port}`],
    arguments: (folder) => ['-db', '-f', join(folder, 'config')],
    wrap(example) {
      const log = `log stdout format raw local0
    capture request header X-Marker len 40
    log-format "mark %[capture.req.hdr(0)] %s"`;
      // One thread, so that what came first is read first.
      const single = replaceOnce(example, 'global\n', 'global\n    nbthread 1\n');
      return replaceOnce(single, 'frontend mcp\n', `frontend mcp\n    ${log}\n`);
    },
  },
};

function exampleOf({ example }: Program): string {
  const file = new URL(`../../examples/proxies/${example}`, import.meta.url);
  return readFileSync(file, 'utf8');
}

/** The programs that are not installed here. */
export function missingPrograms(): string[] {
  const commands = new Set(Object.values(programs).map(({ command }) => command));
  return [...commands].filter((command) => find(command) === undefined);
}

/** Starts a proxy before the server at `backendPort`. Rejects with what it says if it will not. */
export async function startProxy(name: ProxyName, backendPort: number): Promise<Front> {
  const backends = [[address, backendPort] as const];
  return startAnywhere(programs[name], backends);
}

/** nginx before several nodes, as the guide on scaling shows it. */
export async function startBalancer(ports: readonly number[]): Promise<Front> {
  const shown = ports.map((port, at) => [`10.0.0.${at + 1}:3000`, port] as const);
  return startAnywhere({ ...nginx, example: 'nginx-nodes.conf' }, shown);
}

/** What stands for servers in an example, and the ports of ours. */
type Backends = readonly (readonly [shown: string, port: number])[];

async function startAnywhere(program: Program, backends: Backends): Promise<Front> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOn(await freePort(), program, exampleOf(program), backends);
    } catch (thrown) {
      // Somebody else may have taken the port in the meantime.
      if (attempt === 3) throw thrown;
    }
  }
}

async function startOn(
  port: number,
  program: Program,
  example: string,
  backends: Backends,
): Promise<Front> {
  const [shown, real] = program.listens;
  let before = example;
  for (const [place, backend] of backends) {
    before = replaceOnce(before, place, `127.0.0.1:${backend}`);
  }
  const site = replaceOnce(before, shown, real(port));
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-proxy-'));
  writeFileSync(join(folder, 'config'), program.wrap(site, folder));
  const child = spawn(find(program.command) ?? program.command, program.arguments(folder), {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const watchdog = watch(child, folder);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')));
  const close = async (): Promise<void> => {
    if (watchdog.exitCode !== null) return;
    if (child.kill('SIGKILL')) await once(child, 'exit');
    watchdog.stdin?.end('done\n');
    await once(watchdog, 'exit');
  };
  try {
    await listening(child, port);
  } catch (cause) {
    await close();
    throw new Error(`${program.command} did not start: ${said}`, { cause });
  }
  const log = join(folder, 'log');
  const passed = (marker: string): number => {
    const lines = (existsSync(log) ? readFileSync(log, 'latin1') : said).split('\n');
    // A minus sign or <NOSRV> stands for no server at all.
    return lines.filter((line) => /^mark (\S+) [^-<]/.exec(line)?.[1] === marker).length;
  };
  return {
    port,
    passed,
    async caughtUp(marker) {
      // A file is written before the next request is read; what goes through a pipe takes its time.
      while (!existsSync(log) && passed(marker) === 0) await once(child.stdout, 'data');
    },
    close,
  };
}

/** Removes a folder in the end, and ends the child when this process is gone before, however. */
function watch({ pid = 0 }: ChildProcess, folder: string): ChildProcess {
  const script = 'read -r word; [ "$word" = done ] || kill -9 "$1"; rm -rf "$2"';
  return spawn('sh', ['-c', script, 'watchdog', String(pid), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // What is sent to all processes of a terminal is not for this one.
    detached: true,
  });
}

function replaceOnce(text: string, from: string, to: string): string {
  if (text.split(from).length !== 2) throw new Error(`"${from}" should stand there once`);
  return text.replace(from, () => to);
}

function find(command: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  // Where Debian has its daemons, which not everybody has in their path.
  const paths = [...folders, '/usr/sbin', '/usr/local/sbin'].map((path) => join(path, command));
  return paths.find((path) => existsSync(path));
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves when somebody listens on `port`; rejects when the child is gone before. */
async function listening(child: ChildProcess, port: number): Promise<void> {
  let failure: Error | undefined;
  child.once('error', (error) => (failure = error));
  child.once('exit', (code) => (failure ??= new Error(`It exited with ${code}`)));
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (failure !== undefined) throw failure;
    if (isOpen) return;
  }
}
