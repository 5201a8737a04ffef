// Each is one step for everybody else. All keys of one login carry the same hash tag, so they lie on one server of a cluster.
// Reading is a script as well: a client that sends reads to replicas would find a refresh token there that is spent.

/** A login: fields `generation`, `key`, and `value` or, encrypted, `sealed`. What is longer than ARGV[1] bytes stays there. */
export const read = `
if redis.call('EXISTS', KEYS[1]) == 0 then return {'absent'} end
local found = redis.call('HMGET', KEYS[1], 'generation', 'key')
local generation, key = found[1] or '', found[2] or ''
for _, field in ipairs({'sealed', 'value'}) do
  local size = redis.call('HSTRLEN', KEYS[1], field)
  if size > 0 and size <= tonumber(ARGV[1]) and generation ~= '' then
    return {'found', generation, key, field, redis.call('HGET', KEYS[1], field)}
  end
end
return {'damaged', generation, key}`;

/**
 * ARGV: expected generation or '', new generation, key, field, value. What has no generation is damaged, and gives way. Deleting
 * comes first: a script that has written is not refused for lack of memory, and this may be the only living refresh token.
 */
export const write = `
local found = redis.pcall('HGET', KEYS[1], 'generation')
if type(found) ~= 'string' then found = '' end
if found ~= ARGV[1] then return {'conflict'} end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'generation', ARGV[2], 'key', ARGV[3], ARGV[4], ARGV[5])
return {'written'}`;

/** ARGV: expected generation or ''. */
export const remove = `
if ARGV[1] ~= '' and redis.call('HGET', KEYS[1], 'generation') ~= ARGV[1] then return {'conflict'} end
if redis.call('DEL', KEYS[1]) == 0 then return {'conflict'} end
return {'deleted'}`;

/** Writes and takes away again, because the server checks roles, memory and disk when it is written. */
export const probe = `
redis.call('SET', KEYS[1], '', 'PX', 1000)
redis.call('DEL', KEYS[1])
return {'writable'}`;

/**
 * A lock: fields `owner`, `holder`, `since`, `sent`; it expires with its lease. KEYS[2]: who waits for it, with the time of
 * their last word. ARGV: owner, holder, lease in ms, '1' to give word that one waits, an owner who is known to be dead or ''.
 * Most looks write nothing: a server may put each write on its disk before it answers.
 */
export const take = `
local found = redis.call('HMGET', KEYS[1], 'owner', 'holder', 'since', 'sent')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local text = function(number) return string.format('%.0f', number) end
if found[1] and found[1] ~= ARGV[1] and found[1] ~= ARGV[5] then
  if ARGV[4] == '1' then
    redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', text(now - 5000))
    redis.call('ZADD', KEYS[2], text(now), ARGV[1])
    redis.call('PEXPIRE', KEYS[2], 10000)
  end
  local age, left = now - (tonumber(found[3]) or now), redis.call('PTTL', KEYS[1])
  return {'held', found[1], found[2] or '', text(age), text(left), found[4] or '', text(redis.call('ZCARD', KEYS[2]))}
end
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'holder', ARGV[2], 'since', text(now))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {'taken'}`;

/**
 * A sign of life. ARGV: owner, lease in ms, '1' to note that something is about to be sent; and the holder, if that has been
 * sent: whoever may have the only living refresh token takes the lock again if the server has forgotten it and nobody has it.
 */
export const beat = `
local owner = redis.call('HGET', KEYS[1], 'owner')
if not owner and ARGV[4] then
  local time = redis.call('TIME')
  redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'holder', ARGV[4], 'since', time[1] .. string.sub('000000' .. time[2], -6, -4), 'sent', '1')
elseif owner ~= ARGV[1] then return {'lost'} end
if ARGV[3] == '1' then redis.call('HSET', KEYS[1], 'sent', '1') end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {'held'}`;

/** KEYS as for taking. ARGV: owner. */
export const release = `
redis.call('ZREM', KEYS[2], ARGV[1])
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return {'lost'} end
redis.call('DEL', KEYS[1])
return {'released'}`;
