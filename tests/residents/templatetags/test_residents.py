"""Filters: what a vendor's value needs before it stands on a page."""

from datetime import UTC, datetime, timedelta

import pytest

from residents.templatetags.residents import ago

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("offset", "words"),
    [
        (timedelta(minutes=-3, seconds=-1), "3\xa0minutes ago"),
        (-2 * DAY, "2\xa0days ago"),
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=4, seconds=50), "just now"),
    ],
)
def test_a_moment_is_told_in_words_and_clocks_may_differ_a_little(offset, words):
    assert ago(datetime.now(UTC) + offset) == words


@pytest.mark.parametrize("offset", [timedelta(minutes=5, seconds=10), 40 * DAY, 70 * 365 * DAY])
def test_a_moment_that_is_yet_to_come_is_a_date(offset, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    moment = datetime.now(UTC) + offset
    there = moment + timedelta(hours=9)
    assert ago(moment) == f"{there:%b} {there.day}, {there.year}".replace(
        f"{there:%b}", MONTHS[there.month - 1]
    )


# As newspapers shorten them.
MONTHS = (
    "Jan. Feb. March April May June July Aug. Sept. Oct. Nov. Dec.".split()  # noqa: SIM905
)
