-- What an end had in hand is done with; the next message for it, if there is one. One script, so that it is one way to the
-- server, and so that nobody else takes what is being laid aside.
-- KEYS: the stream of each subscription, then the stream of its dead letters.
-- ARGV: which subscription is asked first; how often a message is handed out; for how long it stays with who has it; how many
-- dead letters are kept; how many messages are taken at once by one who looks on; which subscription has something in hand
-- (0: none), and its id; then for each subscription its group and member, or '' and the last id that was seen.
-- Answers {1, subscription, times before, {{id, {'m', message}}}} of a group, {2, subscription, 0, {entries}} of one who looks
-- on, or {0, ids from which on something would be new}.
local n = #KEYS / 2
local turn, times_max, idle_ms = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local dead_max, batch, in_hand = ARGV[4], ARGV[5], tonumber(ARGV[6])

local function of(i)
  return ARGV[6 + 2 * i], ARGV[7 + 2 * i]
end

-- A server that lost its memory lost its groups: what is there now, nobody has read.
local function has_group(i, group)
  local asked = redis.pcall('XPENDING', KEYS[i], group)
  if asked.err then
    if not string.find(asked.err, 'NOGROUP', 1, true) then return asked end
    redis.call('XGROUP', 'CREATE', KEYS[i], group, '0', 'MKSTREAM')
  end
  return nil
end

local function lay_aside(i, group, id)
  local found = redis.call('XRANGE', KEYS[i], id, id)
  if found[1] then
    redis.call('XADD', KEYS[n + i], 'MAXLEN', dead_max, '*', 'm', found[1][2][2])
  end
  redis.call('XACK', KEYS[i], group, id)
end

-- What this member had in a former life, or somebody has had for too long.
local function left(i, group, member)
  while true do
    local found = redis.call('XPENDING', KEYS[i], group, '-', '+', 1, member)
    if not found[1] then
      found = redis.call('XPENDING', KEYS[i], group, 'IDLE', idle_ms, '-', '+', 1)
    end
    if not found[1] then return nil end
    local id, times = found[1][1], found[1][4]
    if times >= times_max and KEYS[i] ~= KEYS[n + i] then
      lay_aside(i, group, id)
    else
      local claimed = redis.call('XCLAIM', KEYS[i], group, member, 0, id)
      if claimed[1] then return {1, i, times, claimed} end
      -- It was trimmed from under its reader.
      redis.call('XACK', KEYS[i], group, id)
    end
  end
end

if in_hand > 0 then
  redis.call('XACK', KEYS[in_hand], (of(in_hand)), ARGV[7])
end
for k = 0, n - 1 do
  local i = (turn - 1 + k) % n + 1
  local group, member = of(i)
  if group == '' then
    local got = redis.call('XREAD', 'COUNT', batch, 'STREAMS', KEYS[i], member)
    if got then return {2, i, 0, got[1][2]} end
  else
    local wrong = has_group(i, group)
    if wrong then return wrong end
    local again = left(i, group, member)
    if again then return again end
    local got = redis.call('XREADGROUP', 'GROUP', group, member, 'COUNT', 1, 'STREAMS', KEYS[i], '>')
    if got then return {1, i, 0, got[1][2]} end
  end
end
local from = {}
for i = 1, n do
  local group, seen = of(i)
  from[i] = seen
  if group ~= '' then
    for _, fields in ipairs(redis.call('XINFO', 'GROUPS', KEYS[i])) do
      local about = {}
      for k = 1, #fields, 2 do about[fields[k]] = fields[k + 1] end
      if about['name'] == group then from[i] = about['last-delivered-id'] end
    end
  end
end
return {0, from}
