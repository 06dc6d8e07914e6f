/** The programs of examples/https, and the command line, as processes that trust one certificate. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface HttpsExample extends AsyncDisposable {
  /** The MCP server. */
  readonly url: string;
  readonly issuer: string;
  /** Runs the command line as whoever uses this machine. */
  sallyport(words: readonly string[], options?: RunOptions): Promise<Ended>;
  /** Runs a program that trusts the certificate, too. */
  program(path: string, words: readonly string[]): Promise<Ended>;
}

export interface RunOptions {
  /** Told of all of standard error so far, whenever there is more. */
  readonly onStderr?: (text: string) => void;
  /** Default: true. */
  readonly trusts?: boolean;
  /** Kills it. */
  readonly signal?: AbortSignal;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const examples = '../../../examples/https';

export async function startHttpsExample(): Promise<HttpsExample> {
  const folder = mkdtempSync(join(tmpdir(), 'https-'));
  const certFile = makeCertificate(folder);
  const own = { PATH: process.env['PATH'], HOME: folder, XDG_STATE_HOME: folder };
  const trusting = { ...own, NODE_EXTRA_CA_CERTS: certFile };
  const running: ChildProcess[] = [];
  const start = async (name: string, words: readonly string[]): Promise<string> => {
    const args = ['--import', 'tsx', at(`${examples}/${name}`), folder, '0', ...words];
    const child = spawn(process.execPath, args, { env: trusting });
    running.push(child);
    return addressIn(child);
  };
  const end = async (): Promise<void> => {
    for (const child of running) {
      const isOver = child.exitCode !== null || child.signalCode !== null;
      const over = isOver ? undefined : once(child, 'exit');
      child.kill('SIGKILL');
      await over;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const issuer = await start('authorization-server.ts', []);
    const url = await start('server.ts', [issuer]);
    return {
      url,
      issuer,
      sallyport: (words, { trusts = true, ...options } = {}) =>
        runToEnd([at('../../../dist/cli/main.js'), ...words], trusts ? trusting : own, options),
      program: (path, words) => runToEnd(['--import', 'tsx', path, ...words], trusting),
      [Symbol.asyncDispose]: end,
    };
  } catch (thrown) {
    await end();
    throw thrown;
  }
}

function makeCertificate(folder: string): string {
  const certFile = join(folder, 'server.crt');
  const subject = [
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost,IP:127.0.0.1',
  ];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const files = ['-keyout', join(folder, 'server.key'), '-out', certFile];
  const words = ['req', '-x509', '-days', '2', ...key, ...subject, ...files];
  execFileSync('openssl', words, { stdio: 'ignore' });
  return certFile;
}

/** What a program says once it listens. */
function addressIn(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let [said, complaints] = ['', ''];
    child.stderr?.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const address = /(https:\S+)\n/.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    });
    child.once('close', () => reject(new Error(`It has ended: ${said}${complaints}`)));
  });
}

async function runToEnd(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { onStderr, signal }: RunOptions = {},
): Promise<Ended> {
  const child = spawn(process.execPath, args, { env });
  signal?.addEventListener('abort', () => child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    onStderr?.(stderr);
  });
  child.stdin.end();
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}
