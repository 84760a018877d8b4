-- Puts a message into a topic, if it has room. All in one script, because between looking and adding others add too.
-- KEYS: the stream. ARGV: how many it keeps; what it keeps ('unread', 'newest', or 'room' to only make room); the message;
-- for so many milliseconds what is done with stays for those who look on.
-- Answers {1, id}, or {0, length} if it is full.
local stream, most, keeping = KEYS[1], tonumber(ARGV[1]), ARGV[2]
local look_back = tonumber(ARGV[4])

local function parts(id)
  local ms, seq = string.match(id, '^(%d+)%-(%d+)$')
  return tonumber(ms), tonumber(seq)
end

local function is_before(a, b)
  local a_ms, a_seq = parts(a)
  local b_ms, b_seq = parts(b)
  return a_ms < b_ms or (a_ms == b_ms and a_seq < b_seq)
end

-- The first id that some group has not done with; nothing where no group reads.
local function not_done()
  local groups = redis.pcall('XINFO', 'GROUPS', stream)
  if groups.err then return nil end
  local first = nil
  for _, fields in ipairs(groups) do
    local group = {}
    for i = 1, #fields, 2 do group[fields[i]] = fields[i + 1] end
    local id
    if group['pending'] > 0 then
      id = redis.call('XPENDING', stream, group['name'])[2]
    else
      local ms, seq = string.match(group['last-delivered-id'], '^(%d+)%-(%d+)$')
      id = ms .. '-' .. string.format('%.0f', tonumber(seq) + 1)
    end
    if not first or is_before(id, first) then first = id end
  end
  return first
end

local function make_room()
  local first = not_done()
  if not first then
    redis.call('XTRIM', stream, 'MAXLEN', most - 1)
    return
  end
  local now = redis.call('TIME')
  local young = string.format('%.0f-0', tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000) - look_back)
  redis.call('XTRIM', stream, 'MINID', is_before(first, young) and first or young)
  if keeping == 'room' or redis.call('XLEN', stream) >= most then
    redis.call('XTRIM', stream, 'MINID', first)
  end
end

if keeping == 'room' then
  make_room()
  return {0, redis.call('XLEN', stream)}
end
if keeping == 'newest' then
  return {1, redis.call('XADD', stream, 'MAXLEN', most, '*', 'm', ARGV[3])}
end
if redis.call('XLEN', stream) >= most then
  make_room()
  local length = redis.call('XLEN', stream)
  if length >= most then return {0, length} end
end
return {1, redis.call('XADD', stream, '*', 'm', ARGV[3])}
