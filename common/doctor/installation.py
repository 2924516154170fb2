"""The checks of this installation: settings, database, Redis, static files."""

from collections.abc import Collection
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestFilesMixin
from django.core.checks import Tags
from django.core.checks.registry import registry
from django.core.files.storage import Storage, storages
from django.http.request import validate_host
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, RedisError
from redis.retry import Retry

from common.doctor.bounded import within
from common.doctor.database import check_database
from common.property import served
from ruckus.doctor.finding import Finding, ok, to_do

# Of Django's checks that ask for what is asked for here (see checks.py).
TAG = "installation"
REDIS_SECONDS = 3.0
_WEAK_KEY = "security.W009"
# Of Django's checks: a weak key, DEBUG, and no hosts have lines of their own here.
_TOLD_HERE = {_WEAK_KEY, "security.W018", "security.W020"}
LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "::1"}
COLLECT = "Run `python manage.py collectstatic --noinput`, then restart the portal."


def check_installation() -> list[Finding]:
    """Return what the checks that need nobody else say, then those of database and Redis."""
    # Database, Redis and static files are looked at below, once.
    checks = [
        check
        for check in registry.get_checks(include_deployment_checks=True)
        if not {TAG, Tags.database} & set(check.tags)
    ]
    issues = [issue for check in checks for issue in check(app_configs=None, databases=None)]
    ids = {str(issue.id) for issue in issues if not issue.is_silenced()}
    return [
        _secret_key(ids),
        *_development(ids),
        _hosts(),
        *check_database(settings.DATABASES["default"]),
        check_redis(settings.REDIS_URL),
        check_static_files(),
    ]


def _secret_key(ids: Collection[str]) -> Finding:
    about = "Secret key"
    if _WEAK_KEY in ids:
        short = "SECRET_KEY is too short or too simple."
        return to_do(
            about,
            short,
            "Set it to what `openssl rand -base64 48` prints. This signs everybody out once.",
        )
    return ok(about, "It is long enough.")


def _development(ids: Collection[str]) -> list[Finding]:
    """Return what is meant for development and must not be on for residents."""
    found = []
    if settings.DEBUG:
        shown = "It is on, so error pages show the portal's insides to everybody."
        found.append(to_do("DEBUG", shown, "Remove DEBUG from the settings."))
    rest = set(ids) - _TOLD_HERE
    if not settings.HTTPS:
        if set(settings.ALLOWED_HOSTS) <= LOOPBACK:
            found.append(ok("HTTPS", "It is off, which is fine for this machine alone."))
        else:
            open_ = "It is off, so passphrases travel where others can read them."
            advice = "Put a proxy that speaks HTTPS in front, and remove HTTPS from the settings."
            found.append(to_do("HTTPS", open_, advice))
    if rest:
        what = f"Django has something to say about them ({', '.join(sorted(rest))})."
        found.append(to_do("Settings", what, "Run `python manage.py check --deploy`."))
    return found


def _hosts() -> Finding:
    about = "Hosts"
    if not settings.ALLOWED_HOSTS and (hosts := served.book().hosts):
        return ok(about, f"PROPERTIES_FILE names them: {len(hosts)}.")
    if not settings.ALLOWED_HOSTS:
        return to_do(
            about,
            "None is allowed, so the portal answers nobody.",
            "Set ALLOWED_HOSTS to the portal's host name, like wifi.example.org.",
        )
    if "*" in settings.ALLOWED_HOSTS:
        return to_do(
            about,
            "Any is allowed, so a stranger's host name could get into links.",
            "Set ALLOWED_HOSTS to the portal's own host name.",
        )
    host = urlsplit(settings.PORTAL_URL).hostname or ""
    if not validate_host(host, settings.ALLOWED_HOSTS):
        return to_do(
            about,
            "PORTAL_URL is missing or names a host that ALLOWED_HOSTS does not, so printed links don't work.",
            "Set PORTAL_URL to the address that residents use, like https://wifi.example.org",
        )
    return ok(about, f"Residents' links lead to {host}.")


def check_redis(url: str) -> Finding:
    """Return whether Redis answers a PING."""
    about = "Redis"
    if not url:
        return ok(about, "None is set, which is fine for one worker process.")
    try:
        within(REDIS_SECONDS, lambda: _ping(url))
    except AuthenticationError:
        return to_do(about, "It refuses the password.", "Correct the password in REDIS_URL.")
    except (RedisError, OSError, ValueError):
        return to_do(
            about,
            "It does not answer. The portal works on without it, more slowly.",
            "Check REDIS_URL, and that Redis runs.",
        )
    return ok(about, "It answers.")


def _ping(url: str) -> None:
    options = {"socket_timeout": REDIS_SECONDS, "socket_connect_timeout": REDIS_SECONDS}
    with Redis.from_url(url, retry=Retry(NoBackoff(), 0), **options) as client:
        client.ping()


def check_static_files() -> Finding:
    """Return whether what collectstatic made is there and fits the files it was made from."""
    about = "Static files"
    try:
        storage: Storage = storages.create_storage(settings.STORAGES["staticfiles"])
    except ValueError:
        return to_do(about, "Their list is damaged.", COLLECT)
    if not isinstance(storage, ManifestFilesMixin):
        return ok(about, "They are served as they are.")
    if not storage.hashed_files:
        return to_do(about, "They have not been collected, so pages have no styles.", COLLECT)
    made = Path(storage.path(storage.manifest_name)).stat().st_mtime
    for finder in finders.get_finders():
        for name, source in finder.list([]):
            kept = storage.hashed_files.get(name)
            newer = Path(source.path(name)).stat().st_mtime > made
            if kept is None or newer or not storage.exists(kept):
                return to_do(about, "They are older than the portal itself.", COLLECT)
    return ok(about, "They are collected.")
