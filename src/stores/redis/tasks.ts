import { isTerminal } from '../../protocol/tasks.js';
import type { StoredTask, TaskStore } from '../task-store.js';
import { type Script, script } from './script.js';
import { numberOf, pairsOf, type Shared } from './shared.js';

// KEYS: 1 the task, 2 those of its owner in their order, 3 when the time of each is over, 4 how
// many there ever were. A task is found by its key alone, which its owner is part of.

/** ARGV: node, whether it has ended, the task, when it is over, its key's life, id, max, own. */
const add = script(`
if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[9]) then return 0 end
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[10]) then return 0 end
redis.call('HSET', KEYS[1], 'node', ARGV[3], 'ended', ARGV[4], 'task', ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[7])
redis.call('ZADD', KEYS[2], redis.call('INCR', KEYS[4]), KEYS[1])
redis.call('ZADD', KEYS[3], ARGV[6], KEYS[1] .. ' ' .. KEYS[2] .. ' ' .. ARGV[8])
for i = 2, 4 do
  if redis.call('PTTL', KEYS[i]) < tonumber(ARGV[7]) then
    redis.call('PEXPIRE', KEYS[i], ARGV[7])
  end
end
return 1
`);

/** The same, up to its id. */
const put = script(`
if redis.call('HGET', KEYS[1], 'node') ~= ARGV[3] then return 0 end
redis.call('HSET', KEYS[1], 'ended', ARGV[4], 'task', ARGV[5])
redis.call('ZADD', KEYS[3], ARGV[6], KEYS[1] .. ' ' .. KEYS[2] .. ' ' .. ARGV[8])
redis.call('PEXPIRE', KEYS[1], ARGV[7])
return 1
`);

/** ARGV: from, to. */
const claim = script(`
local found = redis.call('HMGET', KEYS[1], 'node', 'ended', 'task')
if found[1] ~= ARGV[3] or found[2] == '1' then return false end
redis.call('HSET', KEYS[1], 'node', ARGV[4])
return found[3]
`);

const get = script(`
local found = redis.call('HMGET', KEYS[1], 'task', 'node')
return found[1] and found or {}
`);

/** KEYS: 2 first, then that of the task after which. ARGV: whether there is one, how many. */
const list = script(`
local from = '-inf'
if ARGV[3] == '1' then
  local after = redis.call('ZSCORE', KEYS[1], KEYS[2])
  if not after then return {} end
  from = '(' .. after
end
local found = {}
for _, key in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], from, '+inf', 'LIMIT', 0, ARGV[4])) do
  local task = redis.call('HMGET', key, 'task', 'node')
  if task[1] then
    found[#found + 1] = task[1]
    found[#found + 1] = task[2]
  end
end
return found
`);

/** KEYS: 3 alone. ARGV: now, the most in one step. */
const expire = script(`
local gone = {}
for _, one in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[3], 'LIMIT', 0, ARGV[4])) do
  local task, list, id = string.match(one, '^(%S+) (%S+) (.*)$')
  redis.call('DEL', task)
  redis.call('ZREM', list, task)
  redis.call('ZREM', KEYS[1], one)
  gone[#gone + 1] = id
end
return { gone, redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] or '' }
`);

export const taskScripts: readonly Script[] = [add, put, claim, get, list, expire];

/** A hash for each task, and sorted sets for the lists of owners and the times of all. */
export function redisTasks({ connection, names, limits, keep }: Shared): TaskStore {
  const keysOf = (owner: string, id: string): readonly string[] => {
    return [names.task(owner, id), names.tasksOf(owner), names.taskEnds, names.taskCount];
  };
  const argumentsOf = (task: StoredTask): (string | number)[] => {
    const { id, node, status, createdAt, ttlMs } = task;
    const hasEnded = isTerminal(status) ? 1 : 0;
    // Told by `expire`; the key goes by itself where nobody calls that any more.
    const keptMs = ttlMs + limits.taskTtlMs;
    return [node, hasEnded, JSON.stringify(task), createdAt + ttlMs, keptMs, id];
  };

  return {
    async add(task, { max, perOwnerMax = Infinity }) {
      const args = [...argumentsOf(task), ...[max, perOwnerMax].map(numberOf)];
      return (await keep(add, keysOf(task.owner, task.id), args)) === 1;
    },
    async put(task) {
      return (await keep(put, keysOf(task.owner, task.id), argumentsOf(task))) === 1;
    },
    async claim(owner, id, from, to) {
      const text = await keep(claim, keysOf(owner, id), [from, to]);
      return text === null ? undefined : taskFrom(text as string, to);
    },
    async get(owner, id) {
      const answer = await connection.run(get, keysOf(owner, id), []);
      const [text, node] = answer as readonly string[];
      return text === undefined || node === undefined ? undefined : taskFrom(text, node);
    },
    async list(owner, after, count) {
      const keys = [names.tasksOf(owner), after === undefined ? '' : names.task(owner, after)];
      const args = [after === undefined ? 0 : 1, count];
      const found = pairsOf(await connection.run(list, keys, args));
      return found.map(([text, node]) => taskFrom(text, node));
    },
    async expire(now) {
      const gone: string[] = [];
      for (;;) {
        const answer = await keep(expire, [names.taskEnds], [now, limits.storeForgetMax]);
        const [some, next] = answer as readonly [readonly string[], string];
        gone.push(...some);
        if (next === '') return { gone };
        const nextAt = Number(next);
        if (nextAt > now) return { gone, nextAt };
      }
    },
  };
}

/** Its node may have changed since it was written. */
function taskFrom(text: string, node: string): StoredTask {
  return { ...(JSON.parse(text) as StoredTask), node };
}
