import { fromBase64Url, toBase64Url } from '../../platform/random.js';
import type { KeyStore, SealingKey } from '../key-store.js';
import { type Script, script } from './script.js';
import { pairsOf, type Shared } from './shared.js';

/** ARGV: when it was made, the key, renew before, forget before, how long the keys are kept. */
const ring = script(`
local newest = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
if not newest[2] or tonumber(newest[2]) < tonumber(ARGV[5]) then
  redis.call('ZADD', KEYS[1], ARGV[3], ARGV[4])
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[6])
redis.call('PEXPIRE', KEYS[1], ARGV[7])
return redis.call('ZREVRANGE', KEYS[1], 0, -1, 'WITHSCORES')
`);

export const keyScripts: readonly Script[] = [ring];

const dayMs = 24 * 3_600_000;

/** Keys by when they were made. Whoever reads this Redis can make what they seal. */
export function redisKeys({ names, keep }: Shared): KeyStore {
  return {
    async ring(fresh, { renewBefore, forgetBefore }) {
      // When nobody has come for so long, all of them are too old.
      const keptMs = Math.max(dayMs, fresh.createdAt - forgetBefore);
      const args = [fresh.createdAt, textOf(fresh), renewBefore, forgetBefore, keptMs];
      const found = pairsOf(await keep(ring, [names.keys], args));
      return found.map(([text, createdAt]) => keyFrom(text, createdAt));
    },
  };
}

function textOf({ id, secret }: SealingKey): string {
  return `${id} ${toBase64Url(secret)}`;
}

function keyFrom(text: string, createdAt: string): SealingKey {
  const [id = '', secret = ''] = text.split(' ');
  const bytes = fromBase64Url(secret);
  if (bytes === undefined) throw new Error('Redis keeps a key that nobody can read');
  return { id, secret: bytes, createdAt: Number(createdAt) };
}
