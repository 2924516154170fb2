import asyncio
import contextlib
import time

import pytest
from redis.asyncio import Redis

from ruckus import breaker as breaker_module
from ruckus import budget
from ruckus.breaker import Breaker
from ruckus.budget import PROPERTY, STRANGERS, Bucket, Cooldown, Quota
from ruckus.errors import NotFound, TooBusy, Unavailable
from tests.security.redis import RedisProcess


class Clock:
    """Time that passes when told to."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now

    def __getattr__(self, name):
        return getattr(time, name)


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(budget, "time", clock)
    monkeypatch.setattr(breaker_module, "time", clock)
    return clock


def call(breaker, error=None):
    """A call that ends so; its own error comes back, or what the breaker says instead."""
    try:
        with breaker.guard("anOperation"):
            if error:
                raise error
    except BaseException as raised:
        return raised


def unavailable(reason="timeout", status=None):
    return Unavailable("anOperation", reason, status)


def is_open(breaker):
    """Whether a call is refused; one that is let through says nothing about the vendor."""
    said = call(breaker, asyncio.CancelledError())
    return isinstance(said, Unavailable) and said.reason == "breaker"


# Breaker


@pytest.mark.parametrize("reason", ["refused", "timeout", "status 502", "status 503", "status 504"])
def test_twenty_outages_within_ten_seconds_open_the_breaker(reason, clock):
    breaker = Breaker()
    for _ in range(19):
        call(breaker, unavailable(reason))
        clock.now += 0.5
        assert not is_open(breaker)
    call(breaker, unavailable(reason))

    assert is_open(breaker)


@pytest.mark.parametrize(
    "error",
    [
        NotFound("anOperation", 404),
        TooBusy("anOperation", 429),
        TooBusy("anOperation"),
        unavailable("status 500", 500),
        unavailable("status 501", 501),
        unavailable("body", 200),
        unavailable("reset"),
        unavailable("dns"),
        unavailable("tls"),
        unavailable("protocol"),
        unavailable("deadline"),
        asyncio.CancelledError(),
        ValueError(),
    ],
)
def test_nothing_else_opens_the_breaker(error, clock):
    breaker = Breaker()
    for _ in range(100):
        assert call(breaker, error) is error

    assert not is_open(breaker)


def test_twenty_outages_over_a_longer_time_are_none(clock):
    breaker = Breaker()
    for _ in range(60):
        call(breaker, unavailable())
        clock.now += 0.6

    assert not is_open(breaker)


def test_calls_that_succeed_in_between_do_not_hide_an_outage(clock):
    breaker = Breaker()
    for _ in range(20):
        assert not is_open(breaker)
        call(breaker, unavailable())
        call(breaker)

    assert is_open(breaker)


def test_a_few_outages_among_very_many_answers_are_no_outage(clock):
    breaker = Breaker()
    for _ in range(1000):
        call(breaker, NotFound("anOperation", 404))
    for _ in range(100):
        call(breaker, unavailable())
    assert not is_open(breaker)
    for _ in range(20):
        call(breaker, unavailable())

    assert is_open(breaker)


def test_exactly_a_tenth_of_outages_is_an_outage(clock):
    breaker = Breaker()
    for _ in range(180):
        call(breaker)
    for _ in range(20):
        assert not is_open(breaker)
        call(breaker, unavailable())

    assert is_open(breaker)


def opened(clock):
    breaker = Breaker()
    for _ in range(20):
        call(breaker, unavailable())
    assert is_open(breaker)
    return breaker


def test_an_open_breaker_says_so_at_once(clock):
    said = call(opened(clock))

    assert repr(said) == "<Unavailable anOperation: breaker>"
    assert said.maybe_written is False


@pytest.mark.parametrize("answer", [None, NotFound("x", 404), unavailable("status 500", 500)])
def test_after_five_seconds_an_answer_closes_the_breaker(answer, clock):
    breaker = opened(clock)
    clock.now += 4.9
    assert is_open(breaker)
    clock.now += 0.2
    call(breaker, answer)

    for _ in range(19):
        assert not is_open(breaker)
        call(breaker, unavailable())


def test_after_five_seconds_another_outage_keeps_it_open(clock):
    breaker = opened(clock)
    clock.now += 5.1
    call(breaker, unavailable())
    assert is_open(breaker)
    clock.now += 5.1
    assert not is_open(breaker)


def test_one_call_at_a_time_tries_whether_it_is_over(clock):
    breaker = opened(clock)
    clock.now += 5.1
    with breaker.guard("anOperation"):
        assert is_open(breaker)
        assert is_open(breaker)

    assert not is_open(breaker)


def test_a_try_that_was_cancelled_leaves_it_to_the_next(clock):
    breaker = opened(clock)
    clock.now += 5.1
    call(breaker, asyncio.CancelledError())
    call(breaker, unavailable())

    assert is_open(breaker)


def test_calls_that_end_after_the_breaker_has_opened_change_nothing(clock):
    breaker = Breaker()
    with breaker.guard("anOperation"):
        for _ in range(20):
            call(breaker, unavailable())
    call(breaker, unavailable())

    assert is_open(breaker)


def test_a_call_from_before_the_outage_does_not_end_it(clock):
    breaker = Breaker()
    with contextlib.ExitStack() as early:
        early.enter_context(breaker.guard("anOperation"))
        for _ in range(20):
            call(breaker, unavailable())
        clock.now += 5.1
        with breaker.guard("anOperation"):
            early.close()
            assert is_open(breaker)

    assert not is_open(breaker)


def test_the_log_says_when_the_breaker_opens_and_closes(clock, caplog):
    breaker = opened(clock)
    clock.now += 5.1
    call(breaker)

    said = [record.getMessage() for record in caplog.records]
    assert said == ["The breaker is open", "The breaker is closed"]


# Bucket


async def take(bucket, key="p", seconds=budget.PATIENCE):
    """Whether a call could be taken."""
    try:
        await bucket.take("anOperation", key, asyncio.get_running_loop().time() + seconds)
    except TooBusy as error:
        return error
    return None


async def test_a_property_has_its_burst_and_then_has_to_wait():
    bucket = Bucket("property", Quota(0.1, burst=3))
    assert [await take(bucket) for _ in range(3)] == [None] * 3

    said = await take(bucket)

    assert said.status is None
    assert 5 < said.retry_after <= 10
    assert await take(bucket, "another property") is None


async def test_a_short_wait_is_waited_for():
    bucket = Bucket("property", Quota(50, burst=1))
    loop = asyncio.get_running_loop()
    start = loop.time()
    for _ in range(6):
        assert await take(bucket) is None

    assert loop.time() - start >= 5 / 50 * 0.9


async def test_those_who_wait_do_not_wait_longer_than_their_deadline():
    bucket = Bucket("property", Quota(4, burst=1))
    assert await take(bucket) is None

    assert isinstance(await take(bucket, seconds=0.01), TooBusy)
    assert await take(bucket, seconds=20) is None


async def test_a_rush_waits_in_line_and_the_rest_are_told_to_come_back():
    bucket = Bucket("property", Quota(40, burst=10))
    ask, asked = bucket._ask, []

    async def counted(key):
        asked.append(key)
        return await ask(key)

    bucket._ask = counted
    said = await asyncio.gather(*(take(bucket) for _ in range(200)))

    served = said.count(None)
    # The burst, and about what a second refills: 50, if the machine does not stall.
    assert 10 < served < 150
    assert all(error.retry_after > 0 for error in said if error)
    assert bucket._waiting == {}
    # Nobody asks over and over again while others are before them.
    assert len(asked) < 1000


async def test_a_cancelled_wait_leaves_the_line():
    bucket = Bucket("property", Quota(2, burst=1))
    await take(bucket)
    task = asyncio.create_task(take(bucket, seconds=20))
    while not bucket._waiting:  # noqa: ASYNC110
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert bucket._waiting == {}


async def test_forgotten_properties_take_no_memory(monkeypatch):
    monkeypatch.setattr(budget, "MAX_KEYS", 10)
    bucket = Bucket("property", budget.PROPERTY)
    for number in range(50):
        await take(bucket, f"p-{number}")

    assert list(bucket._full_at) == [f"p-{number}" for number in range(40, 50)]


# Bucket in Redis


@contextlib.asynccontextmanager
async def redis_in(folder):
    """What evaluates scripts in a Redis of the test's own."""
    with RedisProcess(folder) as process:
        async with Redis.from_url(process.url) as client:
            yield lambda script, key, *values: client.eval(script, 1, key, *values)


async def test_processes_share_a_bucket_in_redis(tmp_path):
    async with redis_in(tmp_path) as evaluate:
        one, another = (Bucket("property", Quota(0.1, burst=4), evaluate) for _ in range(2))

        said = [await take(bucket) for bucket in (one, another, one, another, one, another)]

    assert said[:4] == [None] * 4
    assert all(5 < error.retry_after <= 10 for error in said[4:])


async def test_a_bucket_in_redis_fills_again_and_is_forgotten(tmp_path):
    keys = []
    async with redis_in(tmp_path) as evaluate:

        async def noted(script, key, *values):
            keys.append(key)
            return await evaluate(script, key, *values)

        bucket = Bucket("property", Quota(50, burst=1), noted)
        for _ in range(3):
            assert await take(bucket, seconds=20) is None
        # It lives for as long as it is not full.
        left = await evaluate("return redis.call('PTTL', KEYS[1])", keys[0])

    assert set(keys) == {"portal:calls:property:p"}
    assert left <= 20


async def test_the_share_of_strangers_has_a_key_of_its_own(tmp_path):
    async with redis_in(tmp_path) as evaluate:
        residents, strangers = (Bucket(name, Quota(0.1, burst=1), evaluate) for name in "ab")

        assert [await take(residents), await take(strangers)] == [None, None]


async def test_without_an_answer_of_redis_calls_are_counted_in_memory():
    async def down(*_):
        return None

    bucket = Bucket("property", Quota(0.1, burst=2), down)

    assert [await take(bucket), await take(bucket)] == [None, None]
    assert isinstance(await take(bucket), TooBusy)


# Quiet


def pause_of(cooldown, property_id="p"):
    try:
        cooldown.check("anOperation", property_id)
    except TooBusy as error:
        return error.retry_after
    return 0


def test_a_property_is_left_alone_for_as_long_as_was_asked(clock):
    cooldown = Cooldown()
    cooldown.start("p", 7)
    assert pause_of(cooldown) == 7
    assert pause_of(cooldown, "another") == 0
    clock.now += 6
    assert pause_of(cooldown) == 1
    clock.now += 1
    assert pause_of(cooldown) == 0
    assert cooldown._until == {}


def test_no_property_is_left_alone_for_ever(clock):
    cooldown = Cooldown()
    cooldown.start("p", 1e9)

    assert pause_of(cooldown) == Cooldown.LONGEST


def test_the_memory_of_who_is_left_alone_is_bounded(clock, monkeypatch):
    monkeypatch.setattr(budget, "MAX_KEYS", 10)
    cooldown = Cooldown()
    for number in range(20):
        cooldown.start(f"p-{number}", 5)
    assert len(cooldown._until) == 10
    clock.now += 6
    cooldown.start("p", 5)

    assert list(cooldown._until) == ["p"]


def test_a_thousand_residents_can_sign_in_within_a_minute_and_leave_the_rest_to_who_is_in():
    assert 60 * STRANGERS.per_second >= 1000
    assert 4 * STRANGERS.per_second <= PROPERTY.per_second
