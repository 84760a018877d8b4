-- The registry's rule (farm::lease::Registry), one request at a time, as one script.
-- KEYS: the hash of the shard's lease; the hash of the registry itself. Neither ever expires: they hold what must only grow.
-- ARGV: what is said ('acquire', 'renew', 'release'); who says it: node and life; the question's stamp: monotonic, wall; the
-- epoch held; the highest epoch the asker knows of; how long a lease lasts; the hour and the server's life, where they are not
-- the server's own.
-- Answers the epoch that is held, 0 if none is, -1 where nothing is answered.
local lease, registry = KEYS[1], KEYS[2]
local said, node, life, mono, wall = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local epoch, known, lasts = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])

local function whole(number)
  return string.format('%.0f', number)
end

local now, server
if ARGV[9] then
  now, server = tonumber(ARGV[9]), ARGV[10]
else
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  server = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
end

-- A clock that is set back stands still. A server in another life may have lost what it granted last: it gives nothing new
-- until everything it may have granted is over, and listens meanwhile to who knows of which epoch.
local seen = redis.call('HMGET', registry, 'now', 'server', 'silent_until')
now = math.max(now, tonumber(seen[1] or '') or now)
local silent_until = tonumber(seen[3] or '') or 0
if seen[2] ~= server then silent_until = now + lasts end
redis.call('HSET', registry, 'now', whole(now), 'server', server, 'silent_until', whole(silent_until))

local last = redis.call('HMGET', lease, 'epoch', 'node', 'life', 'mono', 'wall', 'until', 'known')
local last_epoch = tonumber(last[1] or '') or 0
local until_ms = tonumber(last[6] or '')
local is_held = until_ms ~= nil and now < until_ms
local is_same_node = last[2] == node and last[3] == life
local is_holder = is_held and is_same_node and last_epoch == epoch

if said == 'renew' then
  if not is_holder then return 0 end
  redis.call('HSET', lease, 'until', whole(now + lasts))
  return epoch
end
if said == 'release' then
  if is_holder then redis.call('HSET', lease, 'until', '') end
  return -1
end

known = math.max(known, tonumber(last[7] or '') or 0)
redis.call('HSET', lease, 'known', whole(known))
local is_repeated = is_same_node and last[4] == mono and last[5] == wall
if is_held or is_repeated then
  -- The time is not prolonged: the node counts from the first time it asked.
  return is_held and is_repeated and last_epoch or 0
end
local next_epoch = math.max(last_epoch, known) + 1
if now < silent_until or next_epoch > 65535 then return 0 end
redis.call('HSET', lease, 'epoch', whole(next_epoch), 'node', node, 'life', life, 'mono', mono, 'wall', wall,
  'until', whole(now + lasts))
return next_epoch
