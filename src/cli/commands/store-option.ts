import { Failure, usage } from '../failure.js';
import { secretBytes } from '../../engine/sealing-keys.js';
import { resolveLimits } from '../../limits.js';
import { systemPlatform } from '../../platform/platform.js';
import { memoryStore, sharedMemoryStore } from '../../stores/memory.js';
import type { ServerStore } from '../../stores/server-store.js';

/** Where a server keeps what it has to remember. */
export type StoreChoice =
  | { readonly kind: 'memory' }
  | { readonly kind: 'sqlite'; readonly file: string }
  | { readonly kind: 'redis'; readonly url: string };

export const storeHelp = 'memory, sqlite:FILE or redis://HOST';

export function readStore(text: string): StoreChoice {
  if (text === 'memory') return { kind: 'memory' };
  if (text.startsWith('sqlite:') && text.length > 'sqlite:'.length) {
    return { kind: 'sqlite', file: text.slice('sqlite:'.length) };
  }
  if (/^rediss?:\/\/./.test(text) && URL.canParse(text)) return { kind: 'redis', url: text };
  // What was given may hold a password: it is not said again.
  throw usage('--store names no store.', `Write ${storeHelp} (or rediss:// for TLS).`);
}

/** What sealed sessions are encrypted with, where the environment says it: base64, with commas. */
export function readSecrets(text: string | undefined): readonly Uint8Array[] | undefined {
  if (text === undefined || text === '') return undefined;
  const secrets = text.split(',').map((part) => Buffer.from(part.trim(), 'base64'));
  if (secrets.every(({ length }) => length === secretBytes)) return secrets;
  const next = `Make each with: openssl rand -base64 ${secretBytes}`;
  throw usage(`MCP_SESSION_SECRETS holds no secrets of ${secretBytes} bytes.`, next);
}

/** Opens it. `isShared`: for several processes, of which this one has it. */
export async function openStore(choice: StoreChoice, isShared = false): Promise<ServerStore> {
  if (choice.kind === 'memory') {
    return (isShared ? sharedMemoryStore : memoryStore)(resolveLimits(), systemPlatform);
  }
  try {
    if (choice.kind === 'redis') {
      const { redisStore } = await import('../../stores/redis.js');
      return await redisStore(choice.url);
    }
    const { sqliteStore } = await import('../../stores/sqlite.js');
    return await sqliteStore(choice.file);
  } catch (thrown) {
    const { message } = thrown as Error;
    const next =
      choice.kind === 'redis' ? 'Check --store, and that Redis is there.' : 'Check --store.';
    throw new Failure('configuration', `${message.replace(/\.$/, '')}.`, next, thrown);
  }
}
