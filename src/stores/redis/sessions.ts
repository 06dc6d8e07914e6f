import type { SessionStore, StoredSession } from '../session-store.js';
import { type Script, script } from './script.js';
import { fieldsOf, type Shared } from './shared.js';

// KEYS: 1 the record, 2 when all sessions were seen, 3 when those of the same caller were, or again
// those of all.

/** ARGV: version, seen, the rest of the session, how long it may live, max, per caller, since. */
const add = script(`
local since = '(' .. ARGV[9]
local function too_many(key, max)
  return redis.call('ZCARD', key) - redis.call('ZCOUNT', key, '-inf', since) >= tonumber(max)
end
if too_many(KEYS[2], ARGV[7]) then return 'full' end
if KEYS[3] ~= KEYS[2] and too_many(KEYS[3], ARGV[8]) then return 'callerIsFull' end
redis.call('HSET', KEYS[1], 'version', ARGV[3], 'seen', ARGV[4], 'rest', ARGV[5], 'caller', KEYS[3])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
for i = 2, 3 do
  redis.call('ZADD', KEYS[i], ARGV[4], KEYS[1])
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', since)
  redis.call('PEXPIRE', KEYS[i], ARGV[6])
end
return 'added'
`);

/** The same, up to the rest of the session. */
const replace = script(`
local version = redis.call('HGET', KEYS[1], 'version')
if not version or tonumber(version) ~= ARGV[3] - 1 then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[3], 'seen', ARGV[4], 'rest', ARGV[5])
for i = 2, 3 do redis.call('ZADD', KEYS[i], ARGV[4], KEYS[1]) end
return 1
`);

/** ARGV: seen. KEYS: 1 and 2. */
const touch = script(`
local found = redis.call('HMGET', KEYS[1], 'seen', 'caller')
if not found[1] or tonumber(found[1]) >= tonumber(ARGV[3]) then return 0 end
redis.call('HSET', KEYS[1], 'seen', ARGV[3])
for _, key in ipairs({ KEYS[2], found[2] }) do redis.call('ZADD', key, ARGV[3], KEYS[1]) end
return 1
`);

const get = script(`
return redis.call('HGETALL', KEYS[1])
`);

/** KEYS: 1 and 2. */
const forget = script(`
local caller = redis.call('HGET', KEYS[1], 'caller')
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], KEYS[1])
if caller then redis.call('ZREM', caller, KEYS[1]) end
return 1
`);

export const sessionScripts: readonly Script[] = [add, replace, touch, get, forget];

/** A hash for each session, and sorted sets that count them; all end with `sessionTotalMs`. */
export function redisSessions({ connection, names, limits, keep }: Shared): SessionStore {
  const all = names.seen();
  const recordOf = (principal: string, hash: string): string =>
    names.session(principal, hash).record;
  const keysOf = ({ principal, hash, countedAs }: StoredSession): readonly string[] => {
    return [recordOf(principal, hash), all, names.seen(countedAs)];
  };

  return {
    isShared: true,
    async add(session, { max, perCallerMax, seenSince }) {
      const bounds = [limits.sessionTotalMs, max, perCallerMax, seenSince].map(numberOf);
      const args = [...argumentsOf(session), ...bounds];
      return (await keep(add, keysOf(session), args)) as 'added' | 'full' | 'callerIsFull';
    },
    async replace(session) {
      return (await keep(replace, keysOf(session), argumentsOf(session))) === 1;
    },
    async touch(principal, hash, lastSeenAt) {
      await connection.run(touch, [recordOf(principal, hash), all], [lastSeenAt]);
    },
    async get(principal, hash) {
      const fields = fieldsOf(await connection.run(get, [recordOf(principal, hash)], []));
      const rest = fields.get('rest');
      if (rest === undefined) return undefined;
      const { record, ...known } = JSON.parse(rest) as Rest;
      const lastSeenAt = Number(fields.get('seen'));
      return { ...known, lastSeenAt, version: Number(fields.get('version')), record };
    },
    async delete(principal, hash) {
      await keep(forget, [recordOf(principal, hash), all], []);
    },
  };
}

type Rest = Omit<StoredSession, 'lastSeenAt' | 'version'>;

function argumentsOf({ lastSeenAt, version, ...rest }: StoredSession): (string | number)[] {
  return [version, lastSeenAt, JSON.stringify(rest)];
}

/** Infinity, as Lua and sorted sets read it. */
function numberOf(value: number): string | number {
  return value === Infinity ? '1e300' : value;
}
