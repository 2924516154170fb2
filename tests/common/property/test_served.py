"""Properties of a file: read whole or refused whole, read anew when it changes, quick however many."""

import logging
import os
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from common.environment import WrongSettings
from common.property import served
from common.property.ids import property_here, served_property
from common.property.known import is_known
from ruckus.regions import REGIONS

ONE, OTHER, THIRD = (str(uuid.UUID(int=number)) for number in (1, 2, 3))
TWO_REGIONS = f"""
[{ONE}]
hosts = ["Wifi.maple.example", "maple.example"]
region = "eu"
time_zone = "Europe/Berlin"
phone_region = "DE"
languages = ["en"]
link_reset = true

[{ONE}.contact]
name = "Maple office"
phone = "+49 30 901820"
email = "office@maple.example"

["{OTHER.replace("-", "").upper()}"]
hosts = ["wifi.oak.example"]
api_url = "https://gateway.example/ruckus/"
"""


@pytest.fixture
def file(settings: Any, tmp_path: Path) -> Path:
    path = tmp_path / "properties.toml"
    settings.PROPERTIES_FILE = str(path)
    settings.LINK_RESET = False
    path.write_text(TWO_REGIONS)
    return path


@pytest.fixture
def at() -> Any:
    """Asks on this host."""
    tokens = []
    yield lambda host: tokens.append(served.here.set(host))
    for token in reversed(tokens):
        served.here.reset(token)


def test_a_property_is_as_the_file_says(file: Path) -> None:
    assert served.api_url_of(ONE) == REGIONS["eu"]
    assert served.time_zone_of(ONE) == "Europe/Berlin"
    assert served.phone_region_of(ONE) == "DE"
    assert served.contact_of(ONE).name == "Maple office"
    assert served.allows_link_reset(ONE)
    assert served.portal_url_of(ONE) == f"http://Wifi.maple.example:{8000}"
    assert served.api_urls() == {REGIONS["eu"], "https://gateway.example/ruckus"}


def test_what_the_file_leaves_out_the_variables_say(file: Path, settings: Any) -> None:
    settings.TIME_ZONE, settings.PHONE_REGION, settings.HTTPS = "Asia/Tokyo", "JP", True
    assert served.api_url_of(OTHER) == "https://gateway.example/ruckus"
    assert served.time_zone_of(OTHER) == "Asia/Tokyo"
    assert served.phone_region_of(OTHER) == "JP"
    assert served.contact_of(OTHER) == served.Contact()
    assert not served.allows_link_reset(OTHER)
    assert served.portal_url_of(OTHER) == "https://wifi.oak.example"
    # One that is not named is not served, but has an address all the same.
    assert served.portal_url_of(THIRD) == settings.PORTAL_URL
    assert served.api_url_of(THIRD) == settings.RUCKUS_API_URL


def test_without_a_file_the_variables_say_everything(settings: Any) -> None:
    assert served.is_served(ONE)
    assert served.only_property() is None
    assert served.api_urls() == {settings.RUCKUS_API_URL}
    assert served.languages_here() == []
    settings.ALLOWED_PROPERTIES = frozenset([ONE.replace("-", "").upper()])
    assert served.is_served(ONE)
    assert not served.is_served(OTHER)
    assert served.only_property() == ONE


async def test_the_properties_of_the_file_are_served_and_known(file: Path) -> None:
    for spelling in (ONE, OTHER, OTHER.replace("-", "")):
        assert served_property(spelling) == str(uuid.UUID(spelling))
        assert await is_known(spelling)
    with pytest.raises(ValueError, match="does not serve"):
        served_property(THIRD)


def test_an_empty_file_serves_nobody(file: Path) -> None:
    file.write_text("")
    assert not served.is_served(ONE)


# Hosts ----------------------------------------------------------------------------------------


def test_a_property_answers_on_its_own_hosts_alone(file: Path, at: Any) -> None:
    # In a command, where no host is asked.
    at("")
    assert property_here(ONE) == ONE
    for host in ("wifi.maple.example", "maple.example"):
        at(host)
        assert property_here(ONE) == ONE
        assert served.only_property() == ONE
    for host in ("wifi.oak.example", "portal.example"):
        at(host)
        with pytest.raises(ValueError, match="other hosts"):
            property_here(ONE)
    at("portal.example")
    assert served.only_property() is None


def test_one_without_hosts_answers_on_all_that_no_other_has(file: Path, at: Any) -> None:
    file.write_text(f'{TWO_REGIONS}\n[{THIRD}]\nregion = "na"\n')
    at("portal.example")
    assert property_here(THIRD) == THIRD
    assert served.only_property() == THIRD
    at("wifi.maple.example")
    with pytest.raises(ValueError, match="other hosts"):
        property_here(THIRD)


def test_properties_may_share_a_host(file: Path, at: Any) -> None:
    file.write_text(
        f'[{ONE}]\nhosts = ["a.example"]\nregion = "na"\n[{OTHER}]\nhosts = ["a.example"]\nregion = "na"'
    )
    at("a.example")
    assert (property_here(ONE), property_here(OTHER)) == (ONE, OTHER)
    assert served.only_property() is None


def test_a_host_has_the_languages_of_its_properties(file: Path, at: Any, settings: Any) -> None:
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("fr", "Français")]
    tables = (
        f'[{ONE}]\nhosts = ["a.example", "c.example"]\nregion = "na"\nlanguages = ["de", "en"]',
        f'[{OTHER}]\nhosts = ["a.example"]\nregion = "na"\nlanguages = ["en", "fr"]',
        f'[{THIRD}]\nhosts = ["b.example", "c.example"]\nregion = "na"',
    )
    file.write_text("\n".join(tables))
    for host, languages in (
        ("a.example", ["de", "en", "fr"]),
        ("b.example", []),
        ("c.example", []),
    ):
        at(host)
        assert served.languages_here() == languages


# What is wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[", "PROPERTIES_FILE can't be read: "),
        ("\udcff", "PROPERTIES_FILE can't be read: "),
        ('a = "b"', "a: Expected `object`, got `str`"),
        (f"[{ONE}]\nhsots = []", f"{ONE}: Object contains unknown field `hsots`"),
        (f"[{ONE}]\nhosts = 'a'", "Expected `array`, got `str` - at `$.hosts`"),
        (f"[{ONE}.contact]\nmobile = '1'", "unknown field `mobile` - at `$.contact`"),
        ("[maple]", "maple: this is no id of a venue"),
        (f"[{ONE}]\nhosts = ['https://a']", "hosts must be names"),
        (f"[{ONE}]\nregion = 'moon'", "region must be na, eu or asia."),
        (f"[{ONE}]\napi_url = 'api.example'", "api_url must be an address"),
        (f"[{ONE}]\ntime_zone = 'Mars'", "time_zone must be"),
        (f"[{ONE}]\nphone_region = 'Mars'", "phone_region must be"),
        (f"[{ONE}]\nlanguages = ['tlh']", "languages must be some of en"),
        (f"[{ONE}]\n[{ONE.replace('-', '')}]", "An id stands in it more than once."),
    ],
)
def test_a_file_that_is_broken_is_refused_with_what_is_wrong(
    file: Path, text: str, words: str
) -> None:
    file.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(WrongSettings) as caught:
        served.book()
    assert words in str(caught.value)
    assert all(problem.startswith("PROPERTIES_FILE") for problem in caught.value.problems)


def test_all_faults_are_told_at_once(file: Path, settings: Any) -> None:
    settings.RUCKUS_API_URL = ""
    file.write_text(f"[{ONE}]\ntime_zone = 'Mars'\n[{OTHER}]\nport = 1\n")
    with pytest.raises(WrongSettings) as caught:
        served.book()
    assert caught.value.problems == [
        f"PROPERTIES_FILE: {ONE}: it needs a region or an api_url where RUCKUS_REGION is not set.",
        f"PROPERTIES_FILE: {ONE}: time_zone must be the name of a time zone, like America/Chicago.",
        f"PROPERTIES_FILE: {OTHER}: Object contains unknown field `port`",
    ]


# Read anew ------------------------------------------------------------------------------------


def changed(file: Path, text: str | None) -> None:
    """Change the file, and wait until what has been seen of it has been read."""
    if text is None:
        file.unlink()
    else:
        file.write_text(text)
        # Disks tell times in steps.
        os.utime(file, ns=(0, time.time_ns()))
    assert served._file is not None
    served._file.next_look = 0.0
    served.book()
    served._file.looking.join(10)


def test_a_change_is_read_without_a_restart(file: Path, caplog: Any) -> None:
    caplog.set_level(logging.INFO)
    assert not served.is_served(THIRD)
    changed(file, f'[{THIRD}]\nregion = "na"')
    assert served.is_served(THIRD)
    assert not served.is_served(ONE)
    assert caplog.messages == ["The properties were read anew: 1"]


@pytest.mark.parametrize("text", ["[", None])
def test_a_change_that_is_broken_is_told_once_and_changes_nothing(
    file: Path, caplog: Any, text: str | None
) -> None:
    assert served.is_served(ONE)
    changed(file, text)
    served._file.next_look = 0.0
    served.book()
    served._file.looking.join(10)
    assert served.is_served(ONE)
    [line] = caplog.messages
    assert line.startswith("The properties stay as they were. PROPERTIES_FILE can't be read")
    assert "\n" not in line
    changed(file, f'[{THIRD}]\nregion = "na"')
    assert served.is_served(THIRD)


def test_nobody_waits_for_the_disk_and_it_is_asked_once_a_second(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.book()
    assert served._file is not None
    end, looks = threading.Event(), []

    def stat() -> tuple[int, ...]:
        looks.append(1)
        end.wait(10)
        return ()

    monkeypatch.setattr(served._file, "found", stat)
    for _ in range(3):
        served._file.next_look = 0.0
        for _ in range(100):
            assert served.is_served(ONE)
    assert len(looks) == 1
    end.set()
    served._file.looking.join(10)


def test_four_hundred_properties_are_as_quick_as_one(file: Path, at: Any) -> None:
    def seconds(properties: int) -> float:
        tables = [
            f'[{uuid.UUID(int=number)}]\nhosts = ["w{number}.example"]\nregion = "na"\n'
            for number in range(1, properties + 1)
        ]
        changed(file, "".join(tables))
        at("w1.example")
        start = time.process_time()
        for _ in range(20_000):
            property_here(ONE)
            served.only_property()
            served.api_url_of(ONE)
            served.languages_here()
        return time.process_time() - start

    served.book()
    one = min(seconds(1) for _ in range(3))
    many = min(seconds(400) for _ in range(3))
    # Each a few lookups: with a list to go through it would take a hundred times as long.
    assert many < 3 * one
