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

/** ARGV: expected generation or '', new generation, key, field, value. What has no generation is damaged, and gives way. */
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

/** A lock: fields `owner`, `holder`, `since`, `sent`; it expires with its lease. ARGV: owner, holder, lease in ms. */
export const take = `
local found = redis.call('HMGET', KEYS[1], 'owner', 'holder', 'since', 'sent')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if found[1] and found[1] ~= ARGV[1] then
  local age = string.format('%.0f', now - (tonumber(found[3]) or now))
  local left = string.format('%.0f', redis.call('PTTL', KEYS[1]))
  return {'held', found[1], found[2] or '', age, left, found[4] or ''}
end
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'holder', ARGV[2], 'since', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {'taken'}`;

/** A sign of life. ARGV: owner, lease in ms, '1' to note that something is about to be sent. */
export const beat = `
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return {'lost'} end
if ARGV[3] == '1' then redis.call('HSET', KEYS[1], 'sent', '1') end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {'held'}`;

/** ARGV: owner. */
export const release = `
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return {'lost'} end
redis.call('DEL', KEYS[1])
return {'released'}`;
