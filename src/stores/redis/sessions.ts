import type { Limits } from '../../limits.js';
import type { SessionStore, StoredSession } from '../session-store.js';
import { endings } from './names.js';
import { type Script, script } from './script.js';
import { fieldsOf, numberOf, type Shared } from './shared.js';

// KEYS: 1 the record, 2 when all sessions were seen, 3 when those of the same caller were, or again
// those of all.

/**
 * What is kept of a session, its streams and all, goes when it was not in use for so long, or when
 * its time is over. Finished streams have a time of their own.
 */
const living = `
local function live_on(base, idle)
  local left = (redis.call('HGET', base, 'until') or now + idle) - now
  local ms = math.max(1, math.min(tonumber(idle), left))
  redis.call('PEXPIRE', base, ms)
  redis.call('PEXPIRE', base .. '${endings.index}', ms)
  redis.call('PEXPIRE', base .. '${endings.finished}', ms)
  for _, field in ipairs(redis.call('HKEYS', base .. '${endings.index}')) do
    local name = string.match(field, '^stream (.*)$')
    if name and redis.call('HEXISTS', base .. '${endings.state}' .. name, 'finished') == 0 then
      redis.call('PEXPIRE', base .. '${endings.state}' .. name, ms)
      redis.call('PEXPIRE', base .. '${endings.events}' .. name, ms)
    end
  end
end
`;

/**
 * ARGV: version, seen, the rest of the session, how long it may live without use, and at all, max,
 * per caller, since.
 */
const add = script(`
${living}
local since = '(' .. ARGV[10]
local function too_many(key, max)
  return redis.call('ZCARD', key) - redis.call('ZCOUNT', key, '-inf', since) >= tonumber(max)
end
if too_many(KEYS[2], ARGV[8]) then return 'full' end
if KEYS[3] ~= KEYS[2] and too_many(KEYS[3], ARGV[9]) then return 'callerIsFull' end
redis.call('HSET', KEYS[1], 'version', ARGV[3], 'seen', ARGV[4], 'rest', ARGV[5], 'caller', KEYS[3])
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now + ARGV[7]))
live_on(KEYS[1], ARGV[6])
for i = 2, 3 do
  redis.call('ZADD', KEYS[i], ARGV[4], KEYS[1])
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', since)
  redis.call('PEXPIRE', KEYS[i], ARGV[7])
end
return 'added'
`);

/** The same, up to how long it may live without use. */
const replace = script(`
${living}
local version = redis.call('HGET', KEYS[1], 'version')
if not version or tonumber(version) ~= ARGV[3] - 1 then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[3], 'seen', ARGV[4], 'rest', ARGV[5])
live_on(KEYS[1], ARGV[6])
for i = 2, 3 do redis.call('ZADD', KEYS[i], ARGV[4], KEYS[1]) end
return 1
`);

/** ARGV: seen, how long it may live without use. KEYS: 1 and 2. */
const touch = script(`
${living}
local found = redis.call('HMGET', KEYS[1], 'seen', 'caller')
if not found[1] or tonumber(found[1]) >= tonumber(ARGV[3]) then return 0 end
redis.call('HSET', KEYS[1], 'seen', ARGV[3])
live_on(KEYS[1], ARGV[4])
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

/** A hash for each session, and sorted sets that count them. */
export function redisSessions({ connection, names, limits, keep }: Shared): SessionStore {
  const all = names.seen();
  const idleMs = keptIdleMs(limits);
  const recordOf = (principal: string, hash: string): string =>
    names.session(principal, hash).record;
  const keysOf = ({ principal, hash, countedAs }: StoredSession): readonly string[] => {
    return [recordOf(principal, hash), all, names.seen(countedAs)];
  };

  return {
    isShared: true,
    async add(session, { max, perCallerMax, seenSince }) {
      const bounds = [max, perCallerMax, seenSince].map(numberOf);
      const args = [...argumentsOf(session), idleMs, limits.sessionTotalMs, ...bounds];
      return (await keep(add, keysOf(session), args)) as 'added' | 'full' | 'callerIsFull';
    },
    async replace(session) {
      return (await keep(replace, keysOf(session), [...argumentsOf(session), idleMs])) === 1;
    },
    async touch(principal, hash, lastSeenAt) {
      await connection.run(touch, [recordOf(principal, hash), all], [lastSeenAt, idleMs]);
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

/** For how long what nobody uses is kept: nodes tell of the last use now and then only. */
export function keptIdleMs({ sessionIdleMs, sessionSaveMs }: Limits): number {
  return sessionIdleMs + sessionSaveMs;
}

type Rest = Omit<StoredSession, 'lastSeenAt' | 'version'>;

function argumentsOf({ lastSeenAt, version, ...rest }: StoredSession): (string | number)[] {
  return [version, lastSeenAt, JSON.stringify(rest)];
}
