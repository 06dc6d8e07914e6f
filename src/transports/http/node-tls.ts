import { readFile, stat } from 'node:fs/promises';
import type { RequestListener, ServerOptions } from 'node:http';
import { createServer, type Server } from 'node:https';
import { createSecureContext } from 'node:tls';
import { McpError } from '../../errors.js';
import type { Clock } from '../../platform/clock.js';

/** Files in PEM form. They are read again when they change. */
export interface TlsFiles {
  /** The certificate of this server. */
  readonly certFile: string;
  /** Its private key. */
  readonly keyFile: string;
  /** Certificates between it and what clients trust, unless `certFile` has them too. */
  readonly caFile?: string;
}

/** What a server of `node:https` is made of. */
interface TlsContext {
  readonly cert: string;
  readonly key: string;
  readonly minVersion: 'TLSv1.2';
}

export interface Certificate {
  /** A server with the newest certificate. */
  createServer(
    options: ServerOptions & { readonly handshakeTimeout: number },
    onRequest: RequestListener,
  ): Server;
  /** Keeps `servers` at the newest certificate. Established connections go on with theirs. */
  renewOn(servers: readonly Server[]): void;
  stop(): void;
}

export interface CertificateOptions {
  readonly clock: Clock;
  /** How often files are looked at. */
  readonly reloadMs: number;
  /** Told when new files cannot be used; the old certificate stays. */
  readonly onError: (error: McpError) => void;
}

/** Rejects with an McpError that names the file which is missing or does not fit. */
export async function openCertificate(
  files: TlsFiles,
  { clock, reloadMs, onError }: CertificateOptions,
): Promise<Certificate> {
  // Before the content: what is written in between is seen as a change later.
  let seen = await stampOf(files);
  let context = await read(files);
  let isStopped = false;
  let stopTimer = (): void => undefined;

  const renew = async (servers: readonly Server[]): Promise<void> => {
    const stamp = await stampOf(files);
    if (stamp === seen) return;
    seen = stamp;
    try {
      context = await read(files);
      for (const server of servers) server.setSecureContext(context);
    } catch (thrown) {
      const { message } = McpError.from(thrown);
      const text = `${message}. The certificate that was read before stays in use`;
      onError(new McpError('internal', text, { cause: thrown }));
    }
  };
  const watch = (servers: readonly Server[]): void => {
    if (isStopped) return;
    stopTimer = clock.after(reloadMs, () => void renew(servers).finally(() => watch(servers)));
  };

  return {
    createServer: (options, onRequest) => createServer({ ...options, ...context }, onRequest),
    renewOn: watch,
    stop() {
      isStopped = true;
      stopTimer();
    },
  };
}

async function read({ certFile, keyFile, caFile }: TlsFiles): Promise<TlsContext> {
  const [own, key, between = ''] = await Promise.all([
    readText(certFile),
    readText(keyFile),
    caFile === undefined ? undefined : readText(caFile),
  ]);
  const minVersion = 'TLSv1.2';
  const check = (options: object, what: string): void => {
    try {
      createSecureContext({ ...options, minVersion });
    } catch (cause) {
      throw new McpError('internal', what, { cause });
    }
  };
  check({ cert: own }, `There is no certificate in ${certFile}`);
  check({ key }, `There is no private key in ${keyFile}, or one with a passphrase`);
  check({ cert: own, key }, `The key in ${keyFile} does not belong to ${certFile}`);
  if (caFile !== undefined) check({ cert: between }, `There is no certificate in ${caFile}`);
  return { cert: `${own}\n${between}`, key, minVersion };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code = 'failed' } = cause as NodeJS.ErrnoException;
    throw new McpError('internal', `${file} cannot be read: ${code}`, { cause });
  }
}

async function stampOf({ certFile, keyFile, caFile }: TlsFiles): Promise<string> {
  const files = caFile === undefined ? [certFile, keyFile] : [certFile, keyFile, caFile];
  const stamps = files.map((file) =>
    stat(file, { bigint: true }).then(
      ({ mtimeNs, size, ino }) => `${mtimeNs} ${size} ${ino}`,
      (error: unknown) => (error as NodeJS.ErrnoException).code,
    ),
  );
  return (await Promise.all(stamps)).join();
}
