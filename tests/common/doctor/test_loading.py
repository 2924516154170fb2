"""Settings that can't be loaded end in a sentence that repeats no value."""

import runpy
from pathlib import Path

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from common.doctor.loading import UNLOADED, load_settings
from ruckus.doctor.finding import Level

SETTINGS = Path(__file__).resolve().parents[3] / "portal" / "settings.py"
GOOD = {"SECRET_KEY": "hush" * 8, "RUCKUS_REGION": "eu", "DATABASE_URL": "sqlite://:memory:"}


@pytest.fixture
def explained(monkeypatch):
    """What is said of portal/settings.py under these environment variables alone."""

    def explained(**variables):
        for name in ("SECRET_KEY", "RUCKUS_API_URL", "RUCKUS_REGION", "DATABASE_URL", "DEBUG"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(apps, "ready", False)
        return load_settings(lambda: runpy.run_path(str(SETTINGS)) and None)

    return explained


def test_settings_that_are_loaded_are_well():
    assert load_settings().level is Level.OK


def test_a_file_of_properties_that_is_broken_is_told(settings, tmp_path):
    settings.PROPERTIES_FILE = str(tmp_path / "none")
    assert "PROPERTIES_FILE can't be read" in load_settings().advice


def test_settings_that_load_are_well(explained):
    assert explained(**GOOD).level is Level.OK


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "Set SECRET_KEY to a long random text"),
        ({"SECRET_KEY": "hush" * 8}, "Set RUCKUS_REGION to na, eu or asia"),
        (GOOD | {"RUCKUS_REGION": "moon"}, "RUCKUS_REGION must be na, eu or asia."),
        (GOOD | {"RUCKUS_TOKEN_STYLE": "loud"}, "RUCKUS_TOKEN_STYLE must be"),
        (GOOD | {"TRUSTED_PROXIES": "nonsense"}, "TRUSTED_PROXIES"),
    ],
)
def test_what_is_missing_is_named(explained, variables, words):
    finding = explained(**variables)
    assert finding.level is Level.TO_DO
    assert finding.what == UNLOADED
    assert words in finding.advice


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RUCKUS_DEADLINE", "soon-hush"),
        ("HSTS_SECONDS", "hush"),
        ("DATABASE_URL", "postgres://portal:hush@db.example:hush/portal"),
    ],
)
def test_a_value_that_can_not_be_used_is_named_and_not_repeated(explained, name, value):
    finding = explained(**GOOD | {name: value})
    assert finding.level is Level.TO_DO
    assert name in finding.advice
    assert "hush" not in repr(finding)


def test_an_address_of_no_known_database_is_not_repeated_in_a_warning(explained, recwarn):
    explained(**GOOD | {"DATABASE_URL": "nonsense://portal:hush@db.example/portal"})
    assert not recwarn.list


@pytest.mark.parametrize("kind", [ValueError, ImproperlyConfigured])
def test_what_nobody_foresaw_is_a_sentence_too(monkeypatch, kind):
    def setup() -> None:
        raise kind("hush")

    monkeypatch.setattr(apps, "ready", False)
    finding = load_settings(setup)
    assert finding.what == UNLOADED
    assert kind.__name__ in finding.advice
    assert "hush" not in repr(finding)


def test_a_folder_that_can_not_be_made_is_named(monkeypatch):
    def setup() -> None:
        (SETTINGS / "var").mkdir()

    monkeypatch.setattr(apps, "ready", False)
    finding = load_settings(setup)
    assert finding.level is Level.TO_DO
    assert f"{SETTINGS}/var can't be used: Not a directory." in finding.what
