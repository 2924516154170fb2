"""Wrong codes are counted per address and property, and nobody is shut out for good."""

from collections.abc import Iterator

import pytest

from common import throttle
from common.throttle import (
    FIRST_WAIT,
    FREE,
    LONGEST_WAIT,
    WINDOW,
    discount_attempt,
    pause_after,
    start_attempt,
)

HERE, THERE = "203.0.113.7", "203.0.113.8"
PROPERTY = "3098b445-38af-5850-babe-972f4cae43e6"


class Clock:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock = Clock()
    monkeypatch.setattr(throttle, "time", clock)
    throttle.local.clear()
    yield clock
    throttle.local.clear()


async def fail(times: int) -> None:
    for _ in range(times):
        assert await start_attempt(HERE, PROPERTY) == 0


async def test_twenty_wrong_codes_cost_nothing_and_the_next_attempt_waits(clock: Clock) -> None:
    await fail(FREE)
    assert await start_attempt(HERE, PROPERTY) == FIRST_WAIT


async def test_a_right_code_gets_in_after_the_wait(clock: Clock) -> None:
    await fail(FREE)
    clock.now += FIRST_WAIT
    assert await start_attempt(HERE, PROPERTY) == 0


async def test_attempts_during_the_wait_do_not_make_it_longer(clock: Clock) -> None:
    await fail(FREE)
    for _ in range(500):
        assert await start_attempt(HERE, PROPERTY) == FIRST_WAIT
    clock.now += FIRST_WAIT
    assert await start_attempt(HERE, PROPERTY) == 0


async def test_waits_grow_up_to_a_minute(clock: Clock) -> None:
    waits = []
    await fail(FREE - 1)
    for _ in range(8):
        assert await start_attempt(HERE, PROPERTY) == 0
        waits.append(await start_attempt(HERE, PROPERTY))
        clock.now += waits[-1]
    assert waits == [5, 10, 20, 40, 60, 60, 60, 60]
    assert pause_after(10**6) == LONGEST_WAIT


async def test_other_addresses_and_other_properties_are_not_touched(clock: Clock) -> None:
    await fail(FREE)
    assert await start_attempt(THERE, PROPERTY) == 0
    assert await start_attempt(HERE, "52c31f59-64ef-5b1c-abef-18b4d4c1d7cb") == 0


async def test_another_spelling_of_the_property_is_counted_together(clock: Clock) -> None:
    await fail(FREE)
    assert await start_attempt(HERE, PROPERTY.replace("-", "").upper()) == FIRST_WAIT


async def test_right_codes_are_not_counted(clock: Clock) -> None:
    for _ in range(3 * FREE):
        assert await start_attempt(HERE, PROPERTY) == 0
        await discount_attempt(HERE, PROPERTY)


async def test_success_for_an_unknown_address_changes_nothing(clock: Clock) -> None:
    await discount_attempt(HERE, PROPERTY)
    assert not throttle.local


async def test_wrong_codes_are_forgotten_ten_minutes_after_the_last(clock: Clock) -> None:
    await fail(FREE - 1)
    clock.now += WINDOW
    await fail(FREE)
    assert await start_attempt(HERE, PROPERTY) == FIRST_WAIT


async def test_the_table_is_bounded(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "MOST_KEYS", 10)
    for number in range(50):
        await start_attempt(f"203.0.113.{number}", PROPERTY)
    # The oldest are forgotten first.
    assert list(throttle.local) == [
        throttle.key_of(f"203.0.113.{number}", PROPERTY) for number in range(40, 50)
    ]


async def test_an_attempt_that_is_taken_back_ends_the_wait_that_it_began(clock: Clock) -> None:
    await fail(FREE)
    await discount_attempt(HERE, PROPERTY)
    assert await start_attempt(HERE, PROPERTY) == 0


async def test_a_wait_stays_where_there_are_as_many_wrong_codes_without_the_one_taken_back(
    clock: Clock,
) -> None:
    await fail(FREE)
    clock.now += FIRST_WAIT
    await fail(1)
    await discount_attempt(HERE, PROPERTY)
    assert await start_attempt(HERE, PROPERTY) == 2 * FIRST_WAIT
