"""Wrong access codes and passwords, counted per address and property, per home or per account.

The first twenty within ten minutes cost nothing; each further one makes the next attempt wait,
5 seconds at first, then twice as long up to a minute. An attempt during the wait is not made and
not counted, so nobody is shut out for good: a right code gets in as soon as the wait is over, and
from another address, such as mobile data, at once.

Kept in Redis when there is one, otherwise (and while Redis is down) in each process.
"""

import math
import time
from collections import OrderedDict
from typing import Any

from redis.asyncio import Redis

from common.keys import digest
from common.property.ids import bare_id
from common.redis import try_call

FREE = 20
WINDOW = 600
FIRST_WAIT = 5
LONGEST_WAIT = 60
MOST_KEYS = 20_000

# Counts the attempt before it is made, so that many at once are not all let through.
START = """
local wait = redis.call('PTTL', KEYS[2])
if wait > 0 then return wait end
local count = redis.call('INCR', KEYS[1])
redis.call('EXPIRE', KEYS[1], ARGV[1])
if count >= tonumber(ARGV[2]) then
  local pause = math.min(ARGV[3] * 2 ^ math.min(count - ARGV[2], 10), ARGV[4])
  redis.call('SET', KEYS[2], 1, 'EX', math.floor(pause))
end
return 0
"""

# A count that has been forgotten, or was made while Redis was down, is not to be taken back: the
# number below nothing would stay for ever.
# Without as many wrong ones nobody waits: what made the next attempt wait was under way, and right.
TAKE_BACK = """
if redis.call('EXISTS', KEYS[1]) == 1 and redis.call('DECR', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('DEL', KEYS[2])
end
"""

# Count, when it is forgotten, and until when attempts wait, by key: seconds of the monotonic clock.
local: OrderedDict[str, tuple[int, float, float]] = OrderedDict()


def pause_after(count: int) -> int:
    """Return how many seconds the attempt after this many wrong ones waits."""
    if count < FREE:
        return 0
    return min(int(FIRST_WAIT * 2 ** min(count - FREE, 10)), LONGEST_WAIT)


def key_of(who: str, place: str) -> str:
    # However the id of a property is written, it is one place.
    return digest("throttle", who, bare_id(place))


async def start_attempt(who: str, place: str) -> int:
    """Count an attempt and return 0, or the seconds to wait before it may be made.

    `place` is what is to be opened: the id of a property, or a word for the staff's door.
    """
    key = key_of(who, place)

    async def shared(redis: Redis) -> Any:
        names = (f"portal:tries:{key}", f"portal:wait:{key}")
        return await redis.eval(START, 2, *names, WINDOW, FREE, FIRST_WAIT, LONGEST_WAIT)

    wait = await try_call(shared)
    return math.ceil(wait / 1000) if wait is not None else start_locally(key)


def start_locally(key: str) -> int:
    now = time.monotonic()
    count, forgotten, until = local.pop(key, (0, 0.0, 0.0))
    if now >= forgotten:
        count = 0
    wait = until - now
    if wait <= 0:
        count += 1
        forgotten, until = now + WINDOW, now + pause_after(count)
    local[key] = count, forgotten, until
    while len(local) > MOST_KEYS:
        local.popitem(last=False)
    return max(0, math.ceil(wait))


async def discount_attempt(who: str, place: str) -> None:
    """Take back the count of an attempt that was right, or that was never judged."""
    key = key_of(who, place)

    async def shared(redis: Redis) -> Any:
        names = (f"portal:tries:{key}", f"portal:wait:{key}")
        return await redis.eval(TAKE_BACK, 2, *names, FREE)

    await try_call(shared)
    if key in local:
        count, forgotten, until = local[key]
        count = max(0, count - 1)
        local[key] = count, forgotten, until if count >= FREE else 0.0
