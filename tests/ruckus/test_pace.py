"""Who goes first: nothing here depends on how fast the machine is."""

import asyncio
from types import SimpleNamespace

import pytest

from ruckus import budget
from ruckus.budget import Bucket, Quota
from ruckus.errors import NotFound, TooBusy
from ruckus.pace import BACKOFF, BULK, TENANT, Pace


class Sleeper:
    """Sleeps that take no time, written down; the one after `limit` ends the test's patience."""

    def __init__(self, limit=100):
        self.slept = []
        self.limit = limit

    async def __call__(self, seconds):
        self.slept.append(seconds)
        if len(self.slept) > self.limit:
            raise RuntimeError("slept too often")


def wide():
    return Bucket("bulk", Quota(1_000_000, burst=1_000_000))


async def settled():
    """Gives everything that can run the time to run."""
    for _ in range(100):
        await asyncio.sleep(0)


async def test_bulk_reads_stay_under_five_a_second(monkeypatch):
    now, gone = [1000.0], []

    async def sleep(seconds):
        now[0] += seconds

    monkeypatch.setattr(budget, "time", SimpleNamespace(monotonic=lambda: now[0]))
    pace, bucket = Pace(sleep), Bucket("bulk", BULK)
    for _ in range(20):
        await pace.turn(bucket, "anOperation", "a tenant")
        gone.append(now[0])

    # Any five are spread over a second or more.
    spans = [later - first for first, later in zip(gone, gone[4:], strict=False)]
    assert min(spans) >= 0.999
    assert max(spans) < 2


def test_a_tenant_is_asked_less_than_two_thousand_times_in_any_minute():
    assert TENANT.burst + 60 * TENANT.per_second <= 2000


async def test_a_bulk_read_sleeps_until_its_turn():
    sleeper = Sleeper(limit=1)
    pace, bucket = Pace(sleeper), Bucket("bulk", Quota(1 / 3600, burst=1))
    await pace.turn(bucket, "anOperation", "a tenant")
    assert sleeper.slept == []

    with pytest.raises(RuntimeError):
        await pace.turn(bucket, "anOperation", "a tenant")

    assert 3500 < sleeper.slept[0] <= 3600


async def test_bulk_reads_are_served_in_the_order_in_which_they_came():
    pace, served = Pace(), []

    async def read(number):
        await pace.turn(wide_bucket, "anOperation", "a tenant")
        served.append(number)

    wide_bucket = wide()
    with pace.person():
        reads = [asyncio.create_task(read(number)) for number in range(5)]
        await settled()
        assert served == []
    await asyncio.gather(*reads)

    assert served == [0, 1, 2, 3, 4]


async def test_bulk_reads_wait_until_the_last_person_has_been_served():
    pace, bucket = Pace(), wide()
    with pace.person():
        with pace.person():
            read = asyncio.create_task(pace.turn(bucket, "anOperation", "a tenant"))
            await settled()
        await settled()
        assert not read.done()
    await read


async def test_a_person_whose_call_fails_holds_nobody_up():
    pace = Pace()
    with pytest.raises(NotFound), pace.person():
        raise NotFound("anOperation", 404)

    await pace.turn(wide(), "anOperation", "a tenant")


def busy(*waits):
    """A call that is refused so often, and then works; and how often it was made."""
    left, made = list(waits), []

    async def call():
        made.append(None)
        if left:
            raise TooBusy("anOperation", 429, left.pop(0))
        return "done"

    return call, made


async def test_patience_waits_longer_each_time_and_as_long_as_it_is_told():
    sleeper = Sleeper()
    call, made = busy(None, 0.5, 30.0)

    assert await Pace(sleeper).patiently(call) == "done"
    assert sleeper.slept == [1.0, 2.0, 30.0]
    assert len(made) == 4


async def test_patience_has_an_end():
    sleeper = Sleeper()
    call, made = busy(*[None] * 20)

    with pytest.raises(TooBusy):
        await Pace(sleeper).patiently(call)

    assert sleeper.slept == list(BACKOFF)
    assert len(made) == len(BACKOFF) + 1


async def test_who_is_told_to_wait_for_long_comes_back_another_time():
    sleeper = Sleeper()
    call, made = busy(61.0)

    with pytest.raises(TooBusy):
        await Pace(sleeper).patiently(call)

    assert (sleeper.slept, len(made)) == ([], 1)


async def test_patience_is_for_busy_vendors_only():
    async def call():
        raise NotFound("anOperation", 404)

    with pytest.raises(NotFound):
        await Pace(Sleeper()).patiently(call)
