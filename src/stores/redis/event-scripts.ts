import { endings } from './names.js';
import { type Script, script } from './script.js';

// KEYS of all: 1 state, 2 events, 3 index, 4 finished, 5 the record of the session.
// What may grow is written first: where memory is used up, that fails, and nothing is half done.

/** Forgets the events of a stream that goes on. */
const dropping = `
local function drop_events(name)
  local bytes = tonumber(redis.call('HGET', KEYS[3], 'stream ' .. name) or 0)
  redis.call('HSET', KEYS[3], 'stream ' .. name, 0)
  redis.call('HINCRBY', KEYS[3], 'total', 0 - bytes)
  redis.call('DEL', KEYS[2])
end
`;

/** Forgets finished streams, those first that finished first. */
const forgetting = `
local function forget_stream(name, base)
  redis.call('DEL', base .. '${endings.state}' .. name, base .. '${endings.events}' .. name)
  redis.call('ZREM', KEYS[4], name)
  redis.call('PUBLISH', base .. '${endings.channel}' .. name, '')
  local bytes = redis.call('HGET', KEYS[3], 'stream ' .. name)
  if not bytes then return tonumber(redis.call('HGET', KEYS[3], 'total') or 0) end
  redis.call('HDEL', KEYS[3], 'stream ' .. name)
  return redis.call('HINCRBY', KEYS[3], 'total', 0 - bytes)
end
`;

/** ARGV: name, owner, purpose, how long a session may idle, and what is finished stays, owed… */
export const begin: Script = script(`
${dropping}${forgetting}
local name, base = ARGV[3], KEYS[5]
local fields = { 'owner', ARGV[4], 'purpose', ARGV[5], 'seq', '0', 'count', '0', 'epoch', epoch }
for i = 8, #ARGV do
  fields[#fields + 1] = 'owed ' .. ARGV[i]
  fields[#fields + 1] = i
end
drop_events(name)
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[4], name)
redis.call('HSET', KEYS[1], unpack(fields))
-- For as long as the session is kept, or as one that idles.
local left = redis.call('PTTL', KEYS[5])
local ms = left > 0 and left or tonumber(ARGV[6])
redis.call('PEXPIRE', KEYS[1], ms)
redis.call('PEXPIRE', KEYS[3], ms)
for _, old in ipairs(redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', (now - ARGV[7]) * 1000)) do
  forget_stream(old, base)
end
redis.call('PUBLISH', base .. '${endings.channel}' .. name, '')
return 1
`);

/**
 * ARGV: name, owner, seq, data, the request that it settles or nothing, the most events and bytes
 * of a stream, the most bytes of a session. 1 when it is kept, 0 when somebody else writes.
 */
export const append: Script = script(`
${forgetting}
local name, owner, seq, data, settled = ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local state = redis.call('HMGET', KEYS[1], 'owner', 'seq', 'count', 'finished')
if state[1] ~= owner or state[4] then return 0 end
local last, count = tonumber(state[2]), tonumber(state[3])
if tonumber(seq) <= last then
  local kept = redis.call('XRANGE', KEYS[2], seq, seq)[1]
  if not kept or kept[2][2] ~= data then
    return redis.error_reply('SEQUENCE an event with this number was there before')
  end
  -- Once more, as its writer has not heard that it is kept. Who waits for replicas waits for this.
  redis.call('HSET', KEYS[1], 'epoch', epoch)
  return 1
end
local streams = tonumber(redis.call('HGET', KEYS[3], 'stream ' .. name) or 0)
redis.call('XADD', KEYS[2], seq .. '-0', 'd', data)
local added = #data
if tonumber(seq) ~= last + 1 then
  redis.call('XTRIM', KEYS[2], 'MINID', seq .. '-0')
  added, count, streams = added - streams, 0, 0
end
local bytes = streams + #data
count = count + 1
local total = redis.call('HINCRBY', KEYS[3], 'total', added)
local most, most_bytes, most_total = tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
if total > most_total then
  for _, old in ipairs(redis.call('ZRANGE', KEYS[4], 0, -1)) do
    if total <= most_total then break end
    total = forget_stream(old, KEYS[5])
  end
end
while count > 0 and (count > most or bytes > most_bytes or total > most_total) do
  local first = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]
  local size = first and #first[2][2] or bytes
  if first then redis.call('XDEL', KEYS[2], first[1]) else count = 1 end
  bytes, count = bytes - size, count - 1
  total = redis.call('HINCRBY', KEYS[3], 'total', 0 - size)
end
redis.call('HSET', KEYS[3], 'stream ' .. name, bytes)
redis.call('HSET', KEYS[1], 'seq', seq, 'count', count, 'epoch', epoch)
if settled ~= '' then redis.call('HDEL', KEYS[1], 'owed ' .. settled) end
for _, key in ipairs({ KEYS[2], KEYS[3] }) do
  if redis.call('PTTL', key) < 0 then
    redis.call('PEXPIRE', key, math.max(1, redis.call('PTTL', KEYS[1])))
  end
end
redis.call('PUBLISH', KEYS[5] .. '${endings.channel}' .. name, '')
return 1
`);

/**
 * ARGV: seq, how many bytes at most. The events after it; nothing when one is missing, 0 where
 * there is no stream.
 */
export const after: Script = script(`
local last = tonumber(redis.call('HGET', KEYS[1], 'seq'))
if not last then return 0 end
local seq, most, bytes, events = tonumber(ARGV[3]), tonumber(ARGV[4]), 0, {}
if seq > last then return false end
while seq < last do
  local from = string.format('%.0f', seq + 1)
  local part = redis.call('XRANGE', KEYS[2], from, '+', 'COUNT', 32)
  if not part[1] or part[1][1] ~= from .. '-0' then return false end
  for _, event in ipairs(part) do
    bytes = bytes + #event[2][2]
    if bytes > most and events[1] then return events end
    events[#events + 1] = event[2][2]
    seq = seq + 1
  end
end
return events
`);

export const state: Script = script(`
return redis.call('HGETALL', KEYS[1])
`);

/**
 * ARGV: name, from, owner. The state from then on. The last events of a stream may have been lost
 * with the server that had them: unless its writer has been heard since, a gap says so.
 */
export const claim: Script = script(`
${dropping}
local found = redis.call('HMGET', KEYS[1], 'owner', 'finished', 'epoch')
if found[1] ~= ARGV[4] or found[2] then return {} end
redis.call('HSET', KEYS[1], 'owner', ARGV[5])
if found[3] ~= epoch then
  redis.call('HINCRBY', KEYS[1], 'seq', 1000000)
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'count', 0)
  drop_events(ARGV[3])
end
redis.call('PUBLISH', KEYS[5] .. '${endings.channel}' .. ARGV[3], '')
return redis.call('HGETALL', KEYS[1])
`);

/** ARGV: name, owner, the last number, how long it is kept. */
export const finish: Script = script(`
${dropping}
local found = redis.call('HMGET', KEYS[1], 'owner', 'finished', 'seq')
if found[1] ~= ARGV[4] or found[2] then return 0 end
redis.call('HSET', KEYS[1], 'finished', 1, 'seq', ARGV[5])
if found[3] ~= ARGV[5] then drop_events(ARGV[3]) end
-- In microseconds: which of two was finished first is known.
redis.call('ZADD', KEYS[4], at[1] * 1000000 + at[2], ARGV[3])
redis.call('PEXPIRE', KEYS[4], math.max(1, redis.call('PTTL', KEYS[3])))
local ms = math.max(1, math.min(tonumber(ARGV[6]), redis.call('PTTL', KEYS[1])))
redis.call('PEXPIRE', KEYS[1], ms)
redis.call('PEXPIRE', KEYS[2], ms)
redis.call('PUBLISH', KEYS[5] .. '${endings.channel}' .. ARGV[3], '')
return 1
`);

/** ARGV: name. */
export const forget: Script = script(`
${forgetting}
forget_stream(ARGV[3], KEYS[5])
return 1
`);

export const forgetSession: Script = script(`
for _, field in ipairs(redis.call('HKEYS', KEYS[3])) do
  local name = string.match(field, '^stream (.*)$')
  if name then
    redis.call('DEL', KEYS[5] .. '${endings.state}' .. name, KEYS[5] .. '${endings.events}' .. name)
    redis.call('PUBLISH', KEYS[5] .. '${endings.channel}' .. name, '')
  end
end
redis.call('DEL', KEYS[3], KEYS[4])
return 1
`);

export const eventScripts: readonly Script[] = [
  begin,
  append,
  after,
  state,
  claim,
  finish,
  forget,
  forgetSession,
];
