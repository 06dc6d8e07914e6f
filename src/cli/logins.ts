/** How the command line gets in: by what was kept of a login, or as a program of its own. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { clientCredentials, type MachineOptions } from '../auth/machine-grants.js';
import { fileTokens } from '../auth/node-token-file.js';
import { oauth } from '../auth/oauth.js';
import type { TokenStore } from '../auth/token-store.js';
import type { Credentials } from '../credentials.js';
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import { isOpenToOthers } from '../platform/node-files.js';
import { readTrusted } from './config-text.js';
import { usage } from './failure.js';
import type { Shell } from './shell.js';
import { stateFolder } from './state-folder.js';

export interface AuthOptions {
  /** A file with the id and the secret of a program. */
  readonly clientCredentials?: string;
  readonly allowNetwork?: readonly string[];
}

/** The tokens of this user. */
export function tokensOf({ env }: Pick<Shell, 'env'>): TokenStore {
  return fileTokens(join(stateFolder(env), 'tokens'));
}

/** Undefined where a header says already who is calling. */
export async function credentialsFor(
  headers: { readonly [name: string]: string },
  options: AuthOptions,
  shell: Pick<Shell, 'env'>,
): Promise<Credentials | undefined> {
  const { clientCredentials: file } = options;
  if (file !== undefined) {
    if (headers['authorization'] === undefined) return asProgram(file, options);
    throw usage('There are two ways in.', 'Leave out --client-credentials, or the header.');
  }
  if (headers['authorization'] !== undefined) return undefined;
  // Nobody is sent to a browser by a command that was started for something else.
  const redirectUrl = 'http://127.0.0.1/callback';
  return oauth({ redirectUrl, store: tokensOf(shell), ...networksIn(options) });
}

export function networksIn({ allowNetwork }: AuthOptions): Pick<MachineOptions, 'allowedNetworks'> {
  return allowNetwork === undefined ? {} : { allowedNetworks: allowNetwork };
}

async function asProgram(file: string, options: AuthOptions): Promise<Credentials> {
  const value = readJson(await readSecret(file));
  const { clientId, clientSecret, privateKey, issuer, scopes } = value ?? {};
  const isText = (one: unknown): one is string => typeof one === 'string';
  const key = isJsonObject(privateKey) ? privateKey : {};
  const { pem, algorithm } = key;
  const isKey = isText(pem) && isText(algorithm);
  if (!isText(clientId) || !isText(issuer) || isText(clientSecret) === isKey) {
    throw usage(
      `"${file}" holds no credentials of a program.`,
      'Write {"issuer": "…", "clientId": "…", "clientSecret": "…"}; or, in place of the secret, ' +
        'a privateKey with pem and algorithm.',
    );
  }
  return clientCredentials({
    issuer,
    clientId,
    ...(isText(clientSecret) ? { clientSecret } : {}),
    ...(isKey ? { privateKey: { pem, algorithm } } : {}),
    ...(Array.isArray(scopes) ? { scopes: scopes.filter(isText) } : {}),
    ...networksIn(options),
  });
}

/** A file of secrets that nobody else could have written, or can read. */
export async function readSecret(file: string): Promise<string> {
  const about = await stat(file).catch(() => ({ mode: 0 }));
  if (isOpenToOthers(about)) {
    throw usage(`"${file}" holds a secret, and others can read it.`, 'Give it mode 0600.');
  }
  return new TextDecoder().decode((await readTrusted(file)).bytes).trim();
}

function readJson(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
