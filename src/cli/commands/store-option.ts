import { Failure, usage } from '../failure.js';
import { resolveLimits } from '../../limits.js';
import { systemPlatform } from '../../platform/platform.js';
import { memoryStore } from '../../stores/memory.js';
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

/** Opens it, whether other nodes share it or not. */
export async function openStore(choice: StoreChoice): Promise<ServerStore> {
  if (choice.kind === 'memory') return memoryStore(resolveLimits(), systemPlatform);
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
