/** Certificates for tests, made by the openssl of this machine. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { TlsFiles } from '../../src/transports/http/index.js';

export interface Certificates {
  readonly folder: string;
  /** Of localhost, 127.0.0.1 and ::1. */
  readonly good: TlsFiles;
  /** The same with another key. */
  readonly renewed: TlsFiles;
}

/** Called by a file of tests outside of all its groups; removed after the last of them. */
export function certificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, good: makeIn(folder, 'good'), renewed: makeIn(folder, 'renewed') };
}

function makeIn(folder: string, name: string): TlsFiles {
  const files = {
    certFile: join(folder, `${name}.crt`),
    keyFile: join(folder, `${name}.key`),
  };
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1';
  const words = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const rest = ['-nodes', '-days', '2', '-subj', `/CN=${name}`, '-addext', names];
  execFileSync('openssl', [...words, ...rest, '-keyout', files.keyFile, '-out', files.certFile], {
    stdio: 'ignore',
  });
  return files;
}
