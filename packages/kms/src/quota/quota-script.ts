/**
 * The shared quota's arithmetic, which runs inside Redis: one script call is one
 * indivisible step for the whole fleet.
 *
 * A meter (one account, Region and quota class) has three lanes, each a GCRA
 * (generic cell rate algorithm, ITU-T I.371) with no burst: a cursor, which is the
 * time of its next free slot, and a rate. The lanes add up to the shared rate:
 * - lane 1, the reserve: interactive calls only;
 * - lane 2, what is left between them: interactive and replicate calls;
 * - lane 3, the campaign's: everybody.
 * So a class may use its own lane and those of the classes behind it, and what it
 * may use at most is nested: campaign, total less reserve, total. A grant is a list
 * of slots, each the earliest of the lanes that the class may use. Bulk work that
 * leases ahead moves its own cursor only, so nobody interactive queues behind it.
 *
 * Additive increase, multiplicative decrease: the rate rises by a part of the share
 * each second, up to the share, and is cut at most once in a cooldown.
 *
 * When the lanes' parts change, no token is lost or made: what a lane that falls has leased ahead beyond its new part is
 * owed by those that rise, whose own cursors keep the tokens that they stand for. So a change takes effect with the next
 * lease, and the sum of the lanes stays within the rate, also while some workers still ask by the parts of before.
 *
 * Times are microseconds of Redis's own clock. When that goes back, everything
 * stored moves back with it. On a server that does not know the meter (emptied,
 * restarted, failed over), slots begin only after what may still be leased.
 */

/** How long a class without a lane waits before it asks again, in milliseconds. */
const RECONSIDER_MS = 500;

/** What both scripts begin with; leaves `stored`, `now`, `rate`, `cut` and `cursor`, and `save()`. */
const prelude = `
local server, given, share, raise, settle = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local now
if given == '' then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
else
  now = tonumber(given)
end
local stored = redis.call('HMGET', KEYS[1], 'server', 'seen', 'rate', 'cut', 'lane1', 'lane2', 'lane3', 'parts')
local seen, rate, cut = tonumber(stored[2] or now), tonumber(stored[3] or share), tonumber(stored[4] or 0)
local cursor = { tonumber(stored[5] or now), tonumber(stored[6] or now), tonumber(stored[7] or now) }
local back = math.max(0, seen - now)
cut = cut - back
for lane = 1, 3 do
  cursor[lane] = math.max(cursor[lane] - back, now)
  if stored[1] ~= server then cursor[lane] = math.max(cursor[lane], now + settle) end
end
rate = math.min(share, rate + share * raise * (now - math.min(seen, now)) / 1000000)
local function save()
  redis.call('HSET', KEYS[1], 'server', server, 'seen', string.format('%.0f', now), 'rate', string.format('%.9f', rate),
    'cut', string.format('%.0f', cut), 'lane1', string.format('%.0f', math.ceil(cursor[1])),
    'lane2', string.format('%.0f', math.ceil(cursor[2])), 'lane3', string.format('%.0f', math.ceil(cursor[3])))
  redis.call('PEXPIRE', KEYS[1], 3600000)
end
`;

/** Answers the rate, the time of the last cut, the time until asking again makes sense, now, and the slots' distances. */
export const acquireScript = `${prelude}
local lanes = { tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]) }
local class, want, ahead = tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])
local parts = ARGV[6] .. ' ' .. ARGV[7] .. ' ' .. ARGV[8]
if stored[8] and stored[8] ~= parts and stored[1] == server then
  local lane, owed, risen, rises = 0, 0, 0, {}
  for part in string.gmatch(stored[8], '%S+') do
    lane = lane + 1
    local was, distance = tonumber(part), cursor[lane] - now
    if lanes[lane] > was then
      rises[lane], risen = lanes[lane] - was, risen + lanes[lane] - was
      cursor[lane] = now + distance * was / lanes[lane]
    else
      owed = owed + (was - lanes[lane]) * distance
    end
  end
  for each, rise in pairs(rises) do
    cursor[each] = cursor[each] + owed * rise / risen / lanes[each]
  end
end
local answer = {}
local retry = 0
while #answer < want do
  local lane, at
  for each = class, 3 do
    if lanes[each] > 0 and (not at or cursor[each] < at) then lane, at = each, cursor[each] end
  end
  if not at then
    -- No lane is this class's: asking again makes sense when the parts have changed.
    retry = ${RECONSIDER_MS * 1_000}
    break
  end
  if at > now + ahead then
    if #answer == 0 then retry = at - now - ahead end
    break
  end
  answer[#answer + 1] = math.ceil(at - now)
  cursor[lane] = at + 1000000 / (rate * lanes[lane])
end
save()
if stored[8] ~= parts then redis.call('HSET', KEYS[1], 'parts', parts) end
return { string.format('%.9f', rate), string.format('%.0f', cut), math.ceil(retry), string.format('%.0f', now), answer }
`;

/** KMS has throttled a call: answers the rate from now on, and the time of the last cut. */
export const cutScript = `${prelude}
local factor, least, cooldown = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
if now - cut >= cooldown then
  rate = math.max(share * least, rate * factor)
  cut = now
end
save()
return { string.format('%.9f', rate), string.format('%.0f', cut) }
`;
