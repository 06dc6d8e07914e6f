import { createHash } from 'node:crypto';

/** Something that Redis does in one step. */
export interface Script {
  readonly lua: string;
  readonly sha: string;
}

/**
 * ARGV[1] is until when it makes sense to run, in the time of the server; ARGV[2] the epoch; the
 * caller's own begin with ARGV[3]. Who gave a command up has told so: a server that was stopped
 * meanwhile must not do it after that.
 */
const beginning = `
local at = redis.call('TIME')
local now = at[1] * 1000 + math.floor(at[2] / 1000)
if now > tonumber(ARGV[1]) then return redis.error_reply('LATE nobody waits for this any more') end
local epoch = ARGV[2]
`;

export function script(lua: string): Script {
  const whole = `${beginning}${lua.trim()}\n`;
  return { lua: whole, sha: createHash('sha1').update(whole).digest('hex') };
}
