"""Who wants to know is told of each call, each wait, each refusal and each turn of the breaker."""

import asyncio

import pytest

from ruckus.breaker import Breaker
from ruckus.budget import Bucket, Quota
from ruckus.errors import ApiError, NotFound, TooBusy, Unavailable
from ruckus.observer import Observer
from ruckus.resident import ResidentApi
from ruckus.wire import Upstream

from .vendor import PROPERTY, reply, says, vendor


class Notes(Observer):
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, ApiError | None]] = []
        self.seconds: list[float] = []
        self.waits: list[tuple[str, float]] = []
        self.refusals: list[str] = []
        self.turns: list[bool] = []

    def called(self, operation: str, seconds: float, error: ApiError | None) -> None:
        self.calls.append((operation, error))
        self.seconds.append(seconds)

    def waited(self, budget: str, seconds: float) -> None:
        self.waits.append((budget, seconds))

    def refused(self, budget: str) -> None:
        self.refusals.append(budget)

    def turned(self, *, is_open: bool) -> None:
        self.turns.append(is_open)


async def test_each_call_is_told_with_its_end_and_its_time():
    notes = Notes()
    async with vendor(says(reply(), reply(404))) as it:
        upstream = Upstream(it.url, observer=notes)
        api = ResidentApi(upstream, property_id=PROPERTY, token="t")
        await api.fetch_unit()
        with pytest.raises(NotFound):
            await api.fetch_unit()
        await upstream.aclose()
    [(first, none), (second, error)] = notes.calls
    assert first == second == "residentFetchUnit"
    assert none is None
    assert isinstance(error, NotFound)
    assert all(0 < seconds < 5 for seconds in notes.seconds)


async def test_waits_and_refusals_are_told_with_the_name_of_the_bucket():
    notes = Notes()
    bucket = Bucket("property", Quota(50, burst=1), observer=notes)
    now = asyncio.get_running_loop().time()
    await bucket.take("anOperation", "p", now + 1)
    await bucket.take("anOperation", "p", now + 1)
    [(name, seconds)] = notes.waits
    assert name == "property"
    assert 0 < seconds <= 0.02
    with pytest.raises(TooBusy):
        await bucket.take("anOperation", "p", now)
    assert notes.refusals == ["property"]


def test_the_breaker_tells_when_it_opens_and_when_it_closes():
    notes = Notes()
    breaker = Breaker(threshold=1, ttl=0, observer=notes)
    with pytest.raises(Unavailable), breaker.guard("anOperation"):
        raise Unavailable("anOperation", "timeout")
    with breaker.guard("anOperation"):
        pass
    assert notes.turns == [True, False]


async def test_an_upstream_tells_of_all_its_parts():
    notes = Notes()
    upstream = Upstream(observer=notes)
    parts = [part for part in vars(upstream).values() if isinstance(part, (Breaker, Bucket))]
    assert len(parts) == 7
    assert all(part._observer is notes for part in parts)


def test_nobody_need_listen():
    nobody = Observer()
    nobody.called("anOperation", 0.1, None)
    nobody.waited("property", 0.1)
    nobody.refused("property")
    nobody.turned(is_open=True)
