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
from ruckus.words import as_it_is, say

# Of Django's checks that ask for what is asked for here (see checks.py).
TAG = "installation"
REDIS_SECONDS = 3.0
_WEAK_KEY = "security.W009"
# Of Django's checks: a weak key, DEBUG, and no hosts have lines of their own here.
_TOLD_HERE = {_WEAK_KEY, "security.W018", "security.W020"}
LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "::1"}
COLLECT = say("Run `python manage.py collectstatic --noinput`, then restart the portal.")


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
    about = say("Secret key")
    if _WEAK_KEY in ids:
        short = say("SECRET_KEY is too short or too simple.")
        return to_do(
            about,
            short,
            say("Set it to what `openssl rand -base64 48` prints. This signs everybody out once."),
        )
    # Translators: The secret key.
    return ok(about, say("It is long enough."))


def _development(ids: Collection[str]) -> list[Finding]:
    """Return what is meant for development and must not be on for residents."""
    found = []
    if settings.DEBUG:
        # Translators: DEBUG, a setting.
        shown = say("It is on, so error pages show the portal's insides to everybody.")
        found.append(to_do(as_it_is("DEBUG"), shown, say("Remove DEBUG from the settings.")))
    rest = set(ids) - _TOLD_HERE
    if not settings.HTTPS:
        about = as_it_is("HTTPS")
        if set(settings.ALLOWED_HOSTS) <= LOOPBACK:
            # Translators: HTTPS.
            found.append(ok(about, say("It is off, which is fine for this machine alone.")))
        else:
            # Translators: HTTPS.
            open_ = say("It is off, so passphrases travel where others can read them.")
            advice = say(
                "Put a proxy that speaks HTTPS in front, and remove HTTPS from the settings."
            )
            found.append(to_do(about, open_, advice))
    if rest:
        # Translators: Of the settings; {checks} are the names of checks.
        what = say(
            "Django has something to say about them ({checks}).",
            checks=", ".join(sorted(rest)),
        )
        found.append(to_do(say("Settings"), what, say("Run `python manage.py check --deploy`.")))
    return found


def _hosts() -> Finding:
    # Translators: Those of the portal, such as wifi.example.org.
    about = say("Hosts")
    if not settings.ALLOWED_HOSTS and (hosts := served.book().hosts):
        # Translators: The hosts of the portal; {number} is how many.
        return ok(about, say("PROPERTIES_FILE names them: {number}.", number=len(hosts)))
    if not settings.ALLOWED_HOSTS:
        return to_do(
            about,
            # Translators: No host.
            say("None is allowed, so the portal answers nobody."),
            say("Set ALLOWED_HOSTS to the portal's host name, like wifi.example.org."),
        )
    if "*" in settings.ALLOWED_HOSTS:
        return to_do(
            about,
            # Translators: Any host.
            say("Any is allowed, so a stranger's host name could get into links."),
            say("Set ALLOWED_HOSTS to the portal's own host name."),
        )
    host = urlsplit(settings.PORTAL_URL).hostname or ""
    if not validate_host(host, settings.ALLOWED_HOSTS):
        return to_do(
            about,
            say(
                "PORTAL_URL is missing or names a host that ALLOWED_HOSTS does not, so printed links don't work."
            ),
            say("Set PORTAL_URL to the address that residents use, like https://wifi.example.org"),
        )
    return ok(about, say("Residents' links lead to {host}.", host=host))


def check_redis(url: str) -> Finding:
    """Return whether Redis answers a PING."""
    about = as_it_is("Redis")
    if not url:
        # Translators: No Redis.
        return ok(about, say("None is set, which is fine for one worker process."))
    try:
        within(REDIS_SECONDS, lambda: _ping(url))
    except AuthenticationError:
        return to_do(
            about,
            # Translators: Redis.
            say("It refuses the password."),
            say("Correct the password in REDIS_URL."),
        )
    except (RedisError, OSError, ValueError):
        return to_do(
            about,
            # Translators: Redis.
            say("It does not answer. The portal works on without it, more slowly."),
            say("Check REDIS_URL, and that Redis runs."),
        )
    return ok(about, say("Redis answers."))


def _ping(url: str) -> None:
    options = {"socket_timeout": REDIS_SECONDS, "socket_connect_timeout": REDIS_SECONDS}
    with Redis.from_url(url, retry=Retry(NoBackoff(), 0), **options) as client:
        client.ping()


def check_static_files() -> Finding:
    """Return whether what collectstatic made is there and fits the files it was made from."""
    # Translators: Styles, scripts and pictures of the portal.
    about = say("Static files")
    try:
        storage: Storage = storages.create_storage(settings.STORAGES["staticfiles"])
    except ValueError:
        # Translators: Of the static files.
        return to_do(about, say("Their list is damaged."), COLLECT)
    if not isinstance(storage, ManifestFilesMixin):
        # Translators: The static files.
        return ok(about, say("They are served as they are."))
    if not storage.hashed_files:
        # Translators: The static files, which `collectstatic` collects.
        return to_do(about, say("They have not been collected, so pages have no styles."), COLLECT)
    made = Path(storage.path(storage.manifest_name)).stat().st_mtime
    for finder in finders.get_finders():
        for name, source in finder.list([]):
            kept = storage.hashed_files.get(name)
            newer = Path(source.path(name)).stat().st_mtime > made
            if kept is None or newer or not storage.exists(kept):
                # Translators: The static files.
                return to_do(about, say("They are older than the portal itself."), COLLECT)
    # Translators: The static files.
    return ok(about, say("They are collected."))
