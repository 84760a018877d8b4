-- An end begins to read. KEYS: the stream of each subscription. ARGV, for each: its group, or '' for one who looks on; whether
-- the group begins with what is kept ('kept') instead of with what comes ('new').
-- Answers for each the last id there is.
local last = {}
for i, stream in ipairs(KEYS) do
  local group, from = ARGV[2 * i - 1], ARGV[2 * i]
  if group ~= '' then
    local made = redis.pcall('XGROUP', 'CREATE', stream, group, from == 'kept' and '0' or '$', 'MKSTREAM')
    if made.err and not string.find(made.err, 'BUSYGROUP', 1, true) then return made end
    last[i] = '0-0'
  else
    last[i] = '0-0'
    local about = redis.pcall('XINFO', 'STREAM', stream)
    for k = 1, about.err and 0 or #about, 2 do
      if about[k] == 'last-generated-id' then last[i] = about[k + 1] end
    end
  end
end
return last
