"""The settings: what must be set is asked for, and production is safe."""

import errno
import json
import os
import runpy
from pathlib import Path
from typing import Any

import pytest

from common.environment import LEAST_KEY, WrongSettings
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
# There is a database in memory here, and no static files.
parts = ["portal.E001"]
told["issues"] = issues(settings.SILENCED_SYSTEM_CHECKS + parts)
swapped = [frames, *(stock.get(name, name) for name in settings.MIDDLEWARE)]
with override_settings(MIDDLEWARE=swapped):
    told["stock_issues"] = issues(parts)
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
    ("variables", "lines"),
    [
        (
            {},
            [
                "Set SECRET_KEY to a long random text, or DEBUG=1 to develop on this machine.",
                "Set RUCKUS_REGION to na, eu or asia, or RUCKUS_API_URL to the address of the API.",
            ],
        ),
        (
            {
                "SECRET_KEY": "hush",
                "ENCRYPTION_KEYS": f"{KEY},hush",
                "RUCKUS_REGION": "moon",
                "REDIS_URL": "localhost:6379",
                "DATABASE_URL": "mysql://portal:hush@db.example/portal",
                "TRUSTED_PROXIES": "10.0.0.0/8,hush",
                "RUCKUS_DEADLIME": "3",
                "DIARY_DAYS": "0",
            },
            [
                "SECRET_KEY: a key must have 32 characters or more.",
                "ENCRYPTION_KEYS: a key must have 32 characters or more.",
                "RUCKUS_REGION must be na, eu or asia.",
                "TRUSTED_PROXIES must be networks like 10.0.0.0/8, or unix, with commas between.",
                "DIARY_DAYS must be a whole number from 1 to 3650.",
                "DATABASE_URL must be a URL like postgres://user:password@host/name or "
                "sqlite:////folder/file.",
                "REDIS_URL must be a URL that begins with redis://, rediss:// or unix://.",
                "RUCKUS_DEADLIME is no setting of the portal. Did you mean RUCKUS_DEADLINE?",
            ],
        ),
        (
            {"DEBUG": "1"},
            ["Set RUCKUS_REGION to na, eu or asia, or RUCKUS_API_URL to the address of the API."],
        ),
        (
            {"SECRET_KEY": KEY, "RUCKUS_REGION": "na", "STAFF": "on", "ALLOWED_HOSTS": "*"},
            ["Set PORTAL_URL to the address of residents, which links lead to."],
        ),
    ],
)
@pytest.mark.parametrize("command", ["manage.py", "gunicorn", "gunicorn without our settings"])
def test_all_that_is_wrong_is_told_at_once_in_a_line_each(run, tmp_path, command, variables, lines):
    if command == "manage.py":
        done = run("manage.py", "check", **variables)
    elif command == "gunicorn":
        done = run("-m", "gunicorn", "-b", "127.0.0.1:0", **variables)
    else:
        # A worker says so then, and ends the master with it.
        own = (
            "-c",
            os.devnull,
            "-k",
            "asgi",
            "-b",
            f"unix:{tmp_path}/s",
            "portal.asgi:application",
        )
        done = run("-m", "gunicorn", *own, **variables)
    assert done.returncode == (3 if "without" in command else 2)
    told = [line for line in done.stderr.splitlines() if line.startswith("Settings: ")]
    assert told == [f"Settings: {line}" for line in lines]
    assert "Traceback" not in done.stderr
    assert "hush" not in done.stderr


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        (
            {"ALLOWED_HOSTS": ""},
            "Set ALLOWED_HOSTS to the host name that residents use, like wifi.example.org.",
        ),
        ({"PORT": "http"}, "PORT must be a whole number from 0 to 65535."),
        ({"WEB_CONCURRENCY": "0"}, "WEB_CONCURRENCY must be a whole number from 1 to 256."),
        ({"BIND": "127.0.0.1:80"}, "BIND must be an address without a port, or unix:PATH."),
    ],
)
def test_a_server_that_could_serve_nobody_does_not_start(run, variables, line):
    done = run("-m", "gunicorn", **SAFE | variables)
    assert done.returncode == 2
    assert done.stderr.splitlines()[1:] == [f"Settings: {line}"]


def test_a_folder_that_can_not_be_made_is_named(read, monkeypatch):
    def full(path: Path, **_: Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(WrongSettings, match=r"var can't be made: Read-only file system\."):
        read()


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
        for name in (
            "ALLOWED_HOSTS",
            "DATABASE_TIMEOUT",
            "DATABASE_URL",
            "RUCKUS_API_URL",
            "METRICS_TOKEN",
        ):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("STAFF", "off")
        for name, value in {"SECRET_KEY": SAFE["SECRET_KEY"], "RUCKUS_REGION": "eu"}.items():
            monkeypatch.setenv(name, value)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "portal" / "settings.py"))

    return read


def test_the_database_is_a_file_of_ours_unless_an_address_is_set(read: Any) -> None:
    found = read()
    assert found["DATABASES"]["default"]["NAME"] == str(ROOT / "var" / "portal.sqlite3")
    assert (ROOT / "var").is_dir()
    assert read(DATABASE_URL="postgres://a@b/c")["DATABASES"]["default"]["NAME"] == "c"


def test_without_a_host_name_there_is_no_address_of_links(read: Any) -> None:
    assert read()["PORTAL_URL"] == ""


def test_staff_need_an_address_that_links_lead_to(read: Any) -> None:
    with pytest.raises(WrongSettings, match="Set PORTAL_URL"):
        read(STAFF="on", PORTAL_URL="")
    assert read(STAFF="on", PORTAL_URL="https://wifi.example.org")["STAFF"] is True


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


def test_development_needs_no_key_and_is_for_this_machine(read: Any) -> None:
    found = read(DEBUG="1", SECRET_KEY="")
    assert len(found["SECRET_KEY"]) >= LEAST_KEY
    assert found["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost"]
    assert not found["HTTPS"]


def test_an_address_of_the_api_makes_a_region_meaningless(read: Any) -> None:
    found = read(RUCKUS_API_URL="https://gateway.example/api/")
    assert (found["RUCKUS_API_URL"], found["RUCKUS_REGION"]) == ("https://gateway.example/api", "")


def test_what_must_be_set_is_asked_for(read: Any) -> None:
    with pytest.raises(WrongSettings) as caught:
        read(SECRET_KEY="", RUCKUS_REGION="")
    assert [problem.split()[1] for problem in caught.value.problems] == [
        "SECRET_KEY",
        "RUCKUS_REGION",
    ]


def test_a_file_of_properties_stands_for_a_region_and_for_a_list_of_ids(
    read: Any, tmp_path: Path
) -> None:
    file = tmp_path / "properties.toml"
    file.touch()
    assert read(RUCKUS_REGION="", PROPERTIES_FILE=str(file))["RUCKUS_API_URL"] == ""
    with pytest.raises(WrongSettings, match="not in both"):
        read(PROPERTIES_FILE=str(file), ALLOWED_PROPERTIES="0b5d1c9e-2f5c-4d0e-9a53-6a4f5c1f7a11")
    with pytest.raises(WrongSettings, match="PROPERTIES_FILE must be the path of a file"):
        read(PROPERTIES_FILE=str(tmp_path / "none"))


def test_the_host_of_staff_is_allowed_beside_those_of_residents(read: Any, tmp_path: Path) -> None:
    found = read(ALLOWED_HOSTS="wifi.example.org", STAFF_HOST="Staff.example.org")
    assert found["ALLOWED_HOSTS"] == ["wifi.example.org", "staff.example.org"]
    file = tmp_path / "properties.toml"
    file.touch()
    found = read(PROPERTIES_FILE=str(file), STAFF_HOST="staff.example.org")
    assert found["ALLOWED_HOSTS"] == ["staff.example.org"]


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"METRICS_TOKEN": "short"}, "METRICS_TOKEN: a key must have 32 characters"),
        ({"METRICS_PORT": "8000"}, "METRICS_PORT must be another one than PORT"),
        ({"METRICS_PORT": "9100", "METRICS_BIND": "0.0.0.0"}, "Set METRICS_TOKEN"),
    ],
)
def test_metrics_that_anybody_could_read_are_refused(
    read: Any, variables: dict[str, str], words: str
) -> None:
    with pytest.raises(WrongSettings, match=words):
        read(**variables)


def test_metrics_are_off_unless_they_are_asked_for(read: Any) -> None:
    assert not read()["METRICS_PORT"]
    assert not read(METRICS_PORT="")["METRICS_PORT"]
    assert not read()["METRICS_TOKEN"]
    assert read(METRICS_PORT="9100")["METRICS_PORT"] == 9100
    assert read(METRICS_PORT="9100", METRICS_BIND="0.0.0.0", METRICS_TOKEN=KEY)["METRICS_TOKEN"]
