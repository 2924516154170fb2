"""What is said of keys, hosts, Redis and static files."""

import os
import socket
import time

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command

from common.doctor import installation
from common.doctor.installation import check_installation, check_redis, check_static_files
from ruckus.doctor.finding import Level
from tests.ruckus.doctor.conftest import about
from tests.security.redis import RedisProcess

pytestmark = pytest.mark.django_db
MANIFEST = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}


@pytest.fixture
def good(settings):
    """An installation where there is nothing to say of the settings."""
    settings.SECRET_KEY = "no secret at all, but as long as a good one has to be"
    settings.HTTPS = True
    settings.ALLOWED_HOSTS = ["wifi.example.org"]
    settings.PORTAL_URL = "https://wifi.example.org"
    return settings


def said(name):
    return about(check_installation(), name)


def test_a_good_installation_is_well_but_for_its_database_in_memory(good):
    found = {finding.about: finding.level for finding in check_installation()}
    assert found.pop("Database") is Level.TO_DO
    assert found == dict.fromkeys(["Secret key", "Hosts", "Redis", "Static files"], Level.OK)


def test_a_short_key_is_told_and_not_repeated(good):
    good.SECRET_KEY = "hush"
    finding = said("Secret key")
    assert finding.level is Level.TO_DO
    assert "hush" not in repr(finding)


def test_hosts_may_be_those_of_a_file_of_properties(good, tmp_path):
    file = tmp_path / "properties.toml"
    file.write_text(
        '[0b5d1c9e-2f5c-4d0e-9a53-6a4f5c1f7a11]\nregion = "eu"\nhosts = ["a.example", "b.example"]'
    )
    good.ALLOWED_HOSTS, good.PROPERTIES_FILE = [], str(file)
    assert said("Hosts").what == "PROPERTIES_FILE names them: 2."


def test_debug_is_not_for_residents(good):
    good.DEBUG = True
    assert said("DEBUG").level is Level.TO_DO


def test_plain_http_is_for_this_machine_alone(good):
    good.HTTPS = False
    assert said("HTTPS").level is Level.TO_DO
    good.ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
    assert said("HTTPS").level is Level.OK
    assert "Settings" not in [finding.about for finding in check_installation()]


def test_what_else_django_finds_is_named(good):
    good.SECRET_KEY_FALLBACKS = ["hush"]
    finding = said("Settings")
    assert finding.level is Level.TO_DO
    assert "security.W025" in finding.what
    assert "check --deploy" in finding.advice
    assert "hush" not in repr(finding)


@pytest.mark.parametrize(
    ("hosts", "url", "words"),
    [
        ([], "", "None is allowed"),
        (["*"], "https://wifi.example.org", "Any is allowed"),
        ([".example.org"], "", "PORTAL_URL"),
        (["wifi.example.org"], "https://other.example.org", "PORTAL_URL"),
    ],
)
def test_hosts_that_do_not_fit_are_told(good, hosts, url, words):
    good.ALLOWED_HOSTS, good.PORTAL_URL = hosts, url
    finding = said("Hosts")
    assert finding.level is Level.TO_DO
    assert words in finding.what


def test_no_redis_is_no_trouble():
    assert check_redis("").level is Level.OK


def test_redis_is_greeted_and_nothing_is_written(tmp_path):
    with RedisProcess(tmp_path) as redis:
        assert check_redis(redis.url).level is Level.OK
        commands = redis.client.info("commandstats")
        assert "cmdstat_ping" in commands
        assert "cmdstat_set" not in commands
        assert redis.client.dbsize() == 0

        redis.client.config_set("requirepass", "hush")
        refused = check_redis(redis.url.replace("//", "//:wrong-hush@"))
        redis.client.auth("hush")
    assert refused.what == "It refuses the password."
    assert "hush" not in repr(refused)


@pytest.mark.parametrize("url", ["redis://:hush@127.0.0.1:9", "nonsense://:hush@127.0.0.1"])
def test_a_redis_that_is_not_there_is_told(url):
    finding = check_redis(url)
    assert finding.level is Level.TO_DO
    assert "works on without it" in finding.what
    assert "hush" not in repr(finding)


def test_a_redis_that_says_nothing_is_left_after_some_seconds(monkeypatch):
    monkeypatch.setattr(installation, "REDIS_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        finding = check_redis(f"redis://127.0.0.1:{silent.getsockname()[1]}")
    assert finding.level is Level.TO_DO


@pytest.fixture
def collected(settings, tmp_path):
    """A project with one style sheet, collected."""
    settings.STORAGES = MANIFEST
    settings.STATIC_ROOT = tmp_path / "build"
    settings.STATICFILES_DIRS = [tmp_path / "static"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "portal.css").write_text("body {}")
    finders.get_finder.cache_clear()
    call_command("collectstatic", interactive=False, verbosity=0)
    yield tmp_path
    finders.get_finder.cache_clear()


def test_collected_files_are_well(collected):
    assert check_static_files().level is Level.OK


def test_files_that_were_never_collected_are_told(settings, tmp_path):
    settings.STORAGES, settings.STATIC_ROOT = MANIFEST, tmp_path
    finding = check_static_files()
    assert finding.level is Level.TO_DO
    assert "have not been collected" in finding.what
    assert "collectstatic" in finding.advice


def test_files_without_other_names_need_no_collecting():
    assert check_static_files().what == "They are served as they are."


def test_a_list_that_can_not_be_read_is_told(collected):
    (collected / "build" / "staticfiles.json").write_text("{")
    assert check_static_files().what == "Their list is damaged."


def newer(folder):
    os.utime(folder / "static" / "portal.css", (time.time() + 60,) * 2)


def another(folder):
    (folder / "static" / "more.css").write_text("")


def lost(folder):
    for path in (folder / "build").glob("portal.*.css"):
        path.unlink()


@pytest.mark.parametrize("change", [newer, another, lost])
def test_files_that_fit_no_longer_are_told(collected, change):
    change(collected)
    finding = check_static_files()
    assert finding.level is Level.TO_DO
    assert "older than the portal" in finding.what
