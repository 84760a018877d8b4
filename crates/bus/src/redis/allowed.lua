-- Which of the commands that this farm gives its user may not give: asked of the server, nothing is run. KEYS: one of ours.
-- Answers their names, or one question mark where the server is too old to say.
if not redis.acl_check_cmd then return { '?' } end
local key = KEYS[1]
local given = {
  { 'PING' }, { 'TIME' }, { 'INFO', 'server' }, { 'ROLE' }, { 'WAIT', '0', '1' }, { 'SELECT', '0' },
  { 'EVAL', 'return 1', '0' }, { 'EVALSHA', 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db', '0' }, { 'SCRIPT', 'LOAD', 'return 1' },
  { 'EXISTS', key }, { 'HGET', key, 'field' }, { 'HMGET', key, 'field' }, { 'HSET', key, 'field', 'value' },
  { 'XADD', key, '*', 'field', 'value' }, { 'XLEN', key }, { 'XRANGE', key, '-', '+' }, { 'XTRIM', key, 'MAXLEN', '1' },
  { 'XREAD', 'STREAMS', key, '0' }, { 'XREADGROUP', 'GROUP', 'group', 'member', 'STREAMS', key, '>' },
  { 'XACK', key, 'group', '0-1' }, { 'XCLAIM', key, 'group', 'member', '0', '0-1' }, { 'XPENDING', key, 'group' },
  { 'XINFO', 'STREAM', key }, { 'XGROUP', 'CREATE', key, 'group', '$' },
}
local refused = {}
for _, call in ipairs(given) do
  if not redis.acl_check_cmd(unpack(call)) then table.insert(refused, call[1]) end
end
return refused
