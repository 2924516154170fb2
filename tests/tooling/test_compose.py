"""The file for containers of deploy/, read as Docker reads it, and checked against what it stands on."""

import re
from typing import Any

import pytest
import yaml

from .conftest import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PORTALS = [name for name, service in SERVICES.items() if "build" in service]
OTHERS = [name for name in SERVICES if name not in PORTALS]
README = (ROOT / "README.md").read_text()


def test_there_are_two_portals_and_what_they_share() -> None:
    assert len(PORTALS) == 2
    assert sorted(OTHERS) == ["caddy", "postgres", "redis"]
    first, second = (SERVICES[name] for name in PORTALS)
    assert first == second


@pytest.mark.parametrize("name", OTHERS)
def test_images_of_others_stay_at_a_major_version(name: str) -> None:
    assert re.fullmatch(rf"{name}:\d+", SERVICES[name]["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_in_a_container_can_be_changed(name: str) -> None:
    assert SERVICES[name]["read_only"] is True
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", OTHERS)
def test_each_container_says_whether_it_is_well(name: str) -> None:
    # The portal's is in its image.
    assert SERVICES[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


@pytest.mark.parametrize("name", PORTALS)
def test_a_portal_waits_for_what_says_that_it_is_well(name: str) -> None:
    for needed, how in SERVICES[name]["depends_on"].items():
        assert how == {"condition": "service_healthy"}
        assert "healthcheck" in SERVICES[needed]


@pytest.mark.parametrize("name", PORTALS)
def test_a_portal_is_set_by_variables_that_readme_tells_of(name: str) -> None:
    for variable in SERVICES[name]["environment"]:
        assert re.search(rf"^\| .*`{variable}`.* \|", README, re.MULTILINE), variable


def test_what_must_be_told_is_named_at_the_top() -> None:
    text = (ROOT / "deploy" / "compose.yaml").read_text()
    head = text.partition("\n\n")[0]
    needed = set(re.findall(r"\$\{(\w+):\?\}", text))
    assert needed == set(re.findall(r"^#   (\w+)=", head, re.MULTILINE))
    # Nothing has a default that somebody forgets to replace.
    assert not re.findall(r"\$\{\w+\}|\$\{\w+:-", text)


def test_the_portals_trust_the_network_that_the_file_makes() -> None:
    [network] = COMPOSE["networks"]["default"]["ipam"]["config"]
    for name in PORTALS:
        assert SERVICES[name]["environment"]["TRUSTED_PROXIES"] == network["subnet"]


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["caddy"]
    portals = SERVICES["caddy"]["environment"]["PORTALS"].split()
    assert portals == [f"{name}:8000" for name in PORTALS]


def test_a_portal_has_no_rights_and_time_to_end() -> None:
    for name in PORTALS:
        assert SERVICES[name]["cap_drop"] == ["ALL"]
        assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]
        drain = int(SERVICES[name]["environment"]["DRAIN_SECONDS"])
        # gunicorn's graceful_timeout of ten seconds comes after.
        assert int(SERVICES[name]["stop_grace_period"].removesuffix("s")) > drain + 10
