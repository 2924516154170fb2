"""What belongs to a property is fetched once, kept for a while, and never for too many."""

import asyncio
import gc

import pytest

from common.property import cache
from common.property.cache import PAUSE, TOO_OLD, Incomplete, PropertyCache
from ruckus.errors import NotFound, TooBusy, Unavailable


class Clock:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now


class Source:
    """Counts how often it is asked, and answers when it is let."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.asked = 0
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self) -> object:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        await self.open.wait()
        if isinstance(answer, BaseException):
            raise answer
        return answer


DOWN = Unavailable("anOperation", "refused")
MISSING = NotFound("anOperation", 404)


@pytest.fixture
def clock(monkeypatch, settings) -> Clock:
    settings.PROPERTY_CACHE_SECONDS = 60.0
    clock = Clock()
    monkeypatch.setattr(cache, "time", clock)
    return clock


async def settle() -> None:
    """Lets what goes on behind the scenes go on."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_fresh_value_is_not_asked_for_again(clock):
    table, source = PropertyCache(10), Source("one", "two")
    assert table.peek("p") is None
    assert await table.get("p", source) == "one"
    clock.now += 59
    assert await table.get("p", source) == "one"
    assert table.peek("p") == "one"
    assert source.asked == 1


async def test_however_many_ask_it_is_fetched_once(clock):
    table, source = PropertyCache(10), Source("one")
    source.open.clear()
    waiting = asyncio.gather(*(table.get("p", source) for _ in range(100)))
    await settle()
    source.open.set()
    assert set(await waiting) == {"one"}
    assert source.asked == 1


async def test_a_stale_value_is_served_while_one_request_fetches_the_next(clock):
    table, source = PropertyCache(10), Source("one", "two", "three")
    await table.get("p", source)
    clock.now += 61
    source.open.clear()
    for _ in range(10):
        assert await table.get("p", source) == "one"
        await settle()
    assert source.asked == 2
    source.open.set()
    await settle()
    assert await table.get("p", source) == "two"
    assert source.asked == 2


async def test_a_value_that_is_too_old_is_waited_for(clock):
    table, source = PropertyCache(10), Source("one", "two")
    await table.get("p", source)
    clock.now += TOO_OLD + 1
    assert await table.get("p", source) == "two"


async def test_that_there_is_none_is_remembered(clock):
    table, source = PropertyCache(10), Source(MISSING)
    for _ in range(5):
        assert await table.get("p", source) is None
    assert source.asked == 1
    clock.now += 61
    assert await table.get("p", source) is None
    await settle()
    assert source.asked == 2


@pytest.mark.parametrize("error", [DOWN, TooBusy("anOperation", 429)])
async def test_after_a_failure_nobody_asks_for_a_moment(clock, error):
    table, source = PropertyCache(10), Source(error, "one")
    for _ in range(5):
        assert await table.get("p", source) is None
    assert source.asked == 1
    clock.now += PAUSE + 0.1
    assert await table.get("p", source) == "one"


async def test_a_failure_never_takes_the_place_of_what_is_known(clock):
    table, source = PropertyCache(10), Source("one", DOWN)
    await table.get("p", source)
    for seconds in (61, TOO_OLD):
        clock.now += seconds
        assert await table.get("p", source) == "one"
        await settle()
    assert source.asked == 3


async def test_a_part_serves_until_the_rest_can_be_had(clock):
    table, source = PropertyCache(10), Source(Incomplete("half"), Incomplete("other half"), "whole")
    assert await table.get("p", source) == "half"
    assert await table.get("p", source) == "half"
    assert source.asked == 1
    clock.now += PAUSE + 0.1
    assert await table.get("p", source) == "half"
    await settle()
    clock.now += PAUSE + 0.1
    await table.get("p", source)
    await settle()
    assert await table.get("p", source) == "whole"
    # And what was whole is not made less.
    source.answers = [Incomplete("half")]
    clock.now += 61
    await table.get("p", source)
    await settle()
    assert await table.get("p", source) == "whole"


async def test_nobody_waits_longer_than_they_want_and_the_fetch_goes_on(clock):
    table, source = PropertyCache(10), Source("one")
    source.open.clear()
    assert await table.get("p", source, 0) is None
    assert await table.get("p", source, 0.01) is None
    source.open.set()
    await settle()
    assert await table.get("p", source, 0) == "one"
    assert source.asked == 1


async def test_who_gives_up_does_not_stop_the_fetch_for_others(clock):
    table, source = PropertyCache(10), Source("one")
    source.open.clear()
    first = asyncio.ensure_future(table.get("p", source))
    second = asyncio.ensure_future(table.get("p", source))
    await settle()
    first.cancel()
    await settle()
    source.open.set()
    assert await second == "one"
    assert source.asked == 1


async def test_a_mistake_of_our_own_is_told_and_leaves_nothing_behind(clock):
    table, source = PropertyCache(10), Source(ZeroDivisionError(), "one")
    with pytest.raises(ZeroDivisionError):
        await table.get("p", source)
    assert await table.get("p", source) == "one"


async def test_the_table_is_bounded_and_keeps_what_is_used(clock):
    table = PropertyCache(3)
    for key in "abc":
        await table.get(key, Source(key))
    await table.get("a", Source("?"))
    await table.get("d", Source("d"))
    assert [table.peek(key) for key in "abcd"] == ["a", None, "c", "d"]
    failing = PropertyCache(3)
    for key in range(50):
        await failing.get(key, Source(DOWN))
    assert len(failing.paused) == 3


async def test_keys_have_nothing_to_do_with_each_other(clock):
    table, one, two = PropertyCache(10), Source("one"), Source(DOWN)
    assert await table.get("p", one) == "one"
    assert await table.get("q", two) is None
    assert await table.get("p", one) == "one"


async def test_what_is_forgotten_is_asked_for_again(clock):
    table, source = PropertyCache(10), Source(DOWN, "one", "two")
    await table.get("p", source)
    table.clear()
    assert await table.get("p", source) == "one"
    table.clear()
    assert await table.get("p", source) == "two"


def test_an_event_loop_that_has_ended_is_not_kept(clock):
    table = PropertyCache(10)

    async def use() -> None:
        await table.get("p", Source("one"))

    for _ in range(3):
        table.clear()
        asyncio.run(use())
    gc.collect()
    assert len(table.loops) == 0
