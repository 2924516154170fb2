"""How often somebody did a thing lately, for what may be done so many times and no more.

Kept in Redis when there is one, otherwise (and while Redis is down) in each process.
"""

import time
from collections import OrderedDict
from typing import Any

from redis.asyncio import Redis

from common.keys import digest
from common.redis import try_call

MOST_KEYS = 20_000

TAKE = """
local count = tonumber(redis.call('GET', KEYS[1]) or 0)
if count + ARGV[1] > tonumber(ARGV[2]) then return 0 end
redis.call('INCRBY', KEYS[1], ARGV[1])
if count == 0 then redis.call('EXPIRE', KEYS[1], ARGV[3]) end
return 1
"""


class Count:
    """A count for each of many, which begins anew after so many seconds."""

    def __init__(self, name: str, most: int, seconds: int) -> None:
        self.name = name
        self.most = most
        self.seconds = seconds
        # Count, and when it is forgotten (seconds of the monotonic clock), by key.
        self.local: OrderedDict[str, tuple[int, float]] = OrderedDict()

    async def take(self, who: str, number: int = 1) -> bool:
        """Count so many more and return True, or return False where they would be too many."""
        key = digest(self.name, who)

        async def shared(redis: Redis) -> Any:
            name = f"portal:{self.name}:{key}"
            return await redis.eval(TAKE, 1, name, number, self.most, self.seconds)

        taken = await try_call(shared)
        return bool(taken) if taken is not None else self.take_locally(key, number)

    def take_locally(self, key: str, number: int) -> bool:
        now = time.monotonic()
        count, forgotten = self.local.pop(key, (0, 0.0))
        if now >= forgotten:
            count, forgotten = 0, now + self.seconds
        may = count + number <= self.most
        self.local[key] = count + number * may, forgotten
        while len(self.local) > MOST_KEYS:
            self.local.popitem(last=False)
        return may
