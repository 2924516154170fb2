"""The settings: what must be set is asked for, and production is safe."""

import json
import runpy
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.portal.conftest import ROOT, Run

KEY = "no secret at all, but as long as a good one has to be"
SAFE = {
    "SECRET_KEY": KEY,
    "ALLOWED_HOSTS": "wifi.example.org",
    "RUCKUS_REGION": "eu",
    "DJANGO_SETTINGS_MODULE": "portal.settings",
    "DATABASE_URL": "sqlite://:memory:",
}


# Run where only SAFE is set. Django's own middleware stands in for ours in the second check, for
# three of the checks look for its names, and what they would say must not hide behind that.
SHOW = """
import json, django
from django.conf import settings
django.setup()
from django.core.checks import run_checks
from django.core.management import call_command
from django.test import override_settings

stock = {
    "portal.middleware.Security": "django.middleware.security.SecurityMiddleware",
    "portal.middleware.Session": "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.middleware.Common": "django.middleware.common.CommonMiddleware",
    "portal.middleware.Csrf": "django.middleware.csrf.CsrfViewMiddleware",
}
assert set(stock) < set(settings.MIDDLEWARE)
frames = "django.middleware.clickjacking.XFrameOptionsMiddleware"

def issues(silenced):
    found = run_checks(include_deployment_checks=True)
    return [str(issue) for issue in found if issue.id not in silenced]

names = [name for name in dir(settings) if name.isupper()]
told = {"settings": {name: getattr(settings, name) for name in names}}
told["issues"] = issues(settings.SILENCED_SYSTEM_CHECKS)
swapped = [frames, *(stock.get(name, name) for name in settings.MIDDLEWARE)]
with override_settings(MIDDLEWARE=swapped):
    told["stock_issues"] = issues([])
call_command("makemigrations", check=True, dry_run=True, verbosity=0)
print(json.dumps(told, default=str))
"""


@pytest.fixture(scope="module")
def production(run: Run) -> dict[str, Any]:
    done = run("-c", SHOW, **SAFE)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "Set SECRET_KEY"),
        ({"SECRET_KEY": ""}, "Set SECRET_KEY"),
        ({"SECRET_KEY": KEY}, "Set RUCKUS_REGION to na, eu or asia, or RUCKUS_API_URL"),
        ({"SECRET_KEY": "x" * 31}, "SECRET_KEY: a key must have 32 characters or more."),
        (
            {"SECRET_KEY": KEY, "ENCRYPTION_KEYS": f"{KEY},{'y' * 31}"},
            "ENCRYPTION_KEYS: a key must",
        ),
        ({"DEBUG": "1", "SECRET_KEY": "x"}, "SECRET_KEY: a key must"),
        ({"DEBUG": "1"}, "Set RUCKUS_REGION"),
        ({"SECRET_KEY": KEY, "RUCKUS_REGION": "moon"}, "Set RUCKUS_REGION"),
        (
            {"SECRET_KEY": KEY, "RUCKUS_REGION": "na", "DIARY_DAYS": "0"},
            "DIARY_DAYS must be 1 or more",
        ),
        (
            {"SECRET_KEY": KEY, "RUCKUS_REGION": "na", "TRUSTED_PROXIES": "nonsense"},
            "TRUSTED_PROXIES",
        ),
        (
            {"SECRET_KEY": KEY, "RUCKUS_REGION": "na", "STAFF": "on", "ALLOWED_HOSTS": "*"},
            "Set PORTAL_URL",
        ),
    ],
)
def test_a_portal_that_lacks_something_says_what_to_set(run, variables, words):
    done = run("manage.py", "check", **({"DJANGO_SETTINGS_MODULE": "portal.settings"} | variables))
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr
    assert words in done.stderr.strip().splitlines()[-1]
    # No part of a key is told, however short it is.
    assert "xxxx" not in done.stderr
    assert "yyyy" not in done.stderr


@pytest.mark.xdist_group("settings")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", False),
        ("HTTPS", True),
        ("SESSION_COOKIE_NAME", "__Host-session"),
        ("CSRF_COOKIE_NAME", "__Host-csrf"),
        ("SESSION_COOKIE_SECURE", True),
        ("SECURE_SSL_REDIRECT", True),
        ("SECURE_HSTS_SECONDS", 63072000),
        ("RUCKUS_API_URL", "https://api.eu.ruckus.cloud"),
        ("TRUSTED_PROXIES", []),
        ("ALLOWED_HOSTS", ["wifi.example.org"]),
    ],
)
def test_unset_means_safe(production, name, value):
    assert production["settings"][name] == value


@pytest.mark.xdist_group("settings")
def test_the_deployment_check_is_silent_with_our_middleware_and_with_django_s(production):
    assert production["issues"] == []
    assert production["stock_issues"] == []


def test_an_address_of_the_api_comes_before_a_region_and_loopback_has_plain_cookies(run):
    script = (
        "from django.conf import settings as s; "
        "print(s.RUCKUS_API_URL, s.SESSION_COOKIE_NAME, s.SECURE_SSL_REDIRECT)"
    )
    done = run("-c", script, **SAFE, HTTPS="0", RUCKUS_API_URL="http://127.0.0.1:9000/")
    assert done.stdout.split() == ["http://127.0.0.1:9000", "session", "False"]


def test_a_visit_over_https_has_cookies_that_stay_on_this_host(run, tmp_path):
    variables = SAFE | {"DATABASE_URL": f"sqlite:///{tmp_path}/portal.sqlite3"}
    done = run("-m", "tests.portal.one_visit", "https://wifi.example.org", **variables)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    steps = told["steps"]
    assert [step["status"] for step in steps] == [200, 302, 200, 200, 401, 301, 200]
    assert dict(steps[-2]["headers"])["location"] == "https://wifi.example.org/help/"
    steps = steps[:-2]
    assert steps[2]["heading"] == "Unit 2338"
    assert told["cookies"].keys() == {"__Host-session", "__Host-csrf", "__Host-known"}
    for step in steps:
        headers = dict(step["headers"])
        assert headers["strict-transport-security"] == (
            "max-age=63072000; includeSubDomains; preload"
        )
        for name, value in step["headers"]:
            if name == "set-cookie":
                assert value.startswith("__Host-")
                assert "Path=/" in value
                assert "Domain" not in value
                for word in ("Secure", "HttpOnly", "SameSite=Lax"):
                    assert word in value or "expires=Thu, 01 Jan 1970" in value
    assert [len(step["sessions"]) for step in steps] == [0, 1, 1, 0, 0]
    for secret in [*told["secrets"], *told["cookies"].values()]:
        assert secret not in done.stderr
        assert secret not in json.dumps([step["sessions"] for step in steps])


@pytest.mark.parametrize(
    ("variables", "address"),
    [
        ({}, "https://wifi.example.org"),
        ({"PORTAL_URL": "https://other.example.org"}, "https://other.example.org"),
        ({"ALLOWED_HOSTS": "*,.example.org,b.example.org"}, "https://b.example.org"),
        (
            {"ALLOWED_HOSTS": "127.0.0.1", "HTTPS": "off", "PORT": "8001"},
            "http://127.0.0.1:8001",
        ),
        ({"ALLOWED_HOSTS": "*"}, ""),
    ],
)
def test_links_lead_to_the_first_host_unless_an_address_is_set(
    run: Run, variables: dict[str, str], address: str
) -> None:
    show = "from django.conf import settings; print(settings.PORTAL_URL)"
    assert run("-c", show, **{**SAFE, **variables}).stdout.strip() == address


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Reads the settings of an installation, here and anew."""

    def read(**variables: str) -> dict[str, Any]:
        for name in ("ALLOWED_HOSTS", "DATABASE_URL", "RUCKUS_API_URL"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("STAFF", "off")
        for name, value in {"SECRET_KEY": SAFE["SECRET_KEY"], "RUCKUS_REGION": "eu"}.items():
            monkeypatch.setenv(name, value)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "portal" / "settings.py"))

    return read


def test_a_short_key_is_refused_by_name(read: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match="ENCRYPTION_KEYS: a key must have"):
        read(ENCRYPTION_KEYS=f"{'x' * 40},short")


def test_the_database_is_a_file_of_ours_unless_an_address_is_set(read: Any) -> None:
    found = read()
    assert found["DATABASES"]["default"]["NAME"] == str(ROOT / "var" / "portal.sqlite3")
    assert (ROOT / "var").is_dir()
    assert read(DATABASE_URL="postgres://a@b/c")["DATABASES"]["default"]["NAME"] == "c"


def test_without_a_host_name_there_is_no_address_of_links(read: Any) -> None:
    assert read()["PORTAL_URL"] == ""


def test_earlier_secret_keys_are_read_between_commas(read: Any) -> None:
    assert read(SECRET_KEY_FALLBACKS="one, two,")["SECRET_KEY_FALLBACKS"] == ["one", "two"]


def test_no_database_is_waited_for_without_end(read: Any) -> None:
    default = read(DATABASE_URL="postgres://a@b/c")["DATABASES"]["default"]
    assert default["OPTIONS"] == {"connect_timeout": 2}
    longer = read(DATABASE_URL="postgres://a@b/c?sslmode=require", DATABASE_TIMEOUT="10")
    assert longer["DATABASES"]["default"]["OPTIONS"] == {
        "sslmode": "require",
        "connect_timeout": 8,
    }
    given = read(DATABASE_URL="postgres://a@b/c?connect_timeout=5")
    assert given["DATABASES"]["default"]["OPTIONS"] == {"connect_timeout": 5}
    sqlite = read(DATABASE_URL="sqlite://:memory:", DATABASE_TIMEOUT="10")["DATABASES"]["default"]
    assert sqlite["OPTIONS"]["timeout"] == 8.0
    assert "journal_mode=WAL" in sqlite["OPTIONS"]["init_command"]
