"""All settings, grouped by what they are for. README.md has the table of environment variables."""

from pathlib import Path

import django
from csp.constants import NONCE

from common.environment import (
    Environment,
    is_api,
    is_bind,
    is_country,
    is_host,
    is_host_pattern,
    is_network,
    is_property_id,
    is_redis,
    is_site,
    is_time_zone,
)
from ruckus.regions import REGIONS

BASE_DIR = Path(__file__).resolve().parent.parent
# What is wrong is gathered, and told all at once at the end of this file.
env = Environment()

DEBUG = env.flag("DEBUG")
# Off only for plain HTTP on a loopback address, as in `make demo`.
HTTPS = env.flag("HTTPS", default=not DEBUG)

SECRET_KEY = env.key("SECRET_KEY")
if not SECRET_KEY and DEBUG:
    SECRET_KEY = "for development on this machine only"  # noqa: S105, and no secret
elif not SECRET_KEY:
    env.wrong("Set SECRET_KEY to a long random text, or DEBUG=1 to develop on this machine.")
# Earlier ones: what they signed still holds.
SECRET_KEY_FALLBACKS = env.keys("SECRET_KEY_FALLBACKS", least=1)
# The first encrypts. They all decrypt, and so do SECRET_KEY and its fallbacks (see common/keys.py).
ENCRYPTION_KEYS = env.keys("ENCRYPTION_KEYS")
_host = "names of hosts like wifi.example.org, without https:// or a port"
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", fits=is_host_pattern, what=_host)
if not ALLOWED_HOSTS and DEBUG:
    ALLOWED_HOSTS = ["127.0.0.1", "localhost"]

# RUCKUS One -------------------------------------------------------------------------------------

_api = "an address like https://api.eu.ruckus.cloud"
RUCKUS_API_URL = env.text("RUCKUS_API_URL", fits=is_api, what=_api).rstrip("/")
RUCKUS_REGION = env.choice("RUCKUS_REGION", REGIONS)
if env.raw("RUCKUS_API_URL"):
    # An address comes before a region, which then means nothing.
    RUCKUS_REGION = ""
elif env.raw("RUCKUS_REGION"):
    RUCKUS_API_URL = REGIONS.get(RUCKUS_REGION, "")
elif not env.raw("PROPERTIES_FILE"):
    env.wrong("Set RUCKUS_REGION to na, eu or asia, or RUCKUS_API_URL to the address of the API.")
# Seconds for everything that one request of a resident asks of RUCKUS One.
RUCKUS_DEADLINE = env.number("RUCKUS_DEADLINE", 8, least=1, most=20)
RUCKUS_CONNECT_TIMEOUT = env.number("RUCKUS_CONNECT_TIMEOUT", 3, least=0.1, most=20)
RUCKUS_BREAKER = env.flag("RUCKUS_BREAKER", default=True)
# How tokens are sent: two styles are known. "auto" finds out which one is taken.
RUCKUS_TOKEN_STYLE = env.choice("RUCKUS_TOKEN_STYLE", ("auto", "bearer", "bare"), "auto")
# Seconds that what belongs to a property (texts, colours, logo) is taken as fresh.
PROPERTY_CACHE_SECONDS = env.number("PROPERTY_CACHE_SECONDS", 60, least=0, most=86_400)

# Who may come in --------------------------------------------------------------------------------

ALLOWED_PROPERTIES = frozenset(
    env.words("ALLOWED_PROPERTIES", fits=is_property_id, what="ids of venues in RUCKUS One")
)
# Several properties, with hosts, a region and more of their own (see common/property/served.py).
PROPERTIES_FILE = env.text(
    "PROPERTIES_FILE", fits=lambda path: Path(path).is_file(), what="the path of a file"
)
if PROPERTIES_FILE and ALLOWED_PROPERTIES:
    env.wrong("Name properties in PROPERTIES_FILE or in ALLOWED_PROPERTIES, not in both.")
# Networks (CIDR) of the proxies whose X-Forwarded-For is believed; "unix" is the peer of a socket.
TRUSTED_PROXIES = env.words(
    "TRUSTED_PROXIES",
    fits=lambda proxy: proxy == "unix" or is_network(proxy),
    what="networks like 10.0.0.0/8, or unix",
)
SESSION_HOURS = env.number("SESSION_HOURS", 12, least=0.1, most=720)
SESSION_IDLE_MINUTES = env.number("SESSION_IDLE_MINUTES", 120, least=1, most=43_200)
# Days that an entry of a home's diary is kept.
DIARY_DAYS = env.whole("DIARY_DAYS", 90, least=1, most=3650)
# Residents may replace their link themselves, where the new one reaches them by a message.
LINK_RESET = env.flag("LINK_RESET")
# The country whose national phone numbers may be typed without a country code.
PHONE_REGION = env.text(
    "PHONE_REGION", "US", fits=is_country, what="a country with phone numbers, like US or DE"
)

# The server (see gunicorn.conf.py) --------------------------------------------------------------

BIND = env.text("BIND", "127.0.0.1", fits=is_bind, what="an address without a port, or unix:PATH")
PORT = env.whole("PORT", 8000, least=0, most=65_535)
env.whole("WEB_CONCURRENCY", 1, least=1, most=256)
env.whole("DRAIN_SECONDS", 0, least=0, most=60)
env.words(
    "FORWARDED_ALLOW_IPS",
    fits=lambda proxy: proxy == "*" or is_network(proxy),
    what="addresses or networks of proxies",
)

# The address under which residents reach the portal, for `manage.py portal_link`.
PORTAL_URL = env.text("PORTAL_URL", fits=is_site, what="an address like https://wifi.example.org")
_names = [host for host in ALLOWED_HOSTS if host[0] not in "*."]
if not PORTAL_URL and _names:
    PORTAL_URL = f"https://{_names[0]}" if HTTPS else f"http://{_names[0]}:{PORT}"

# Staff ------------------------------------------------------------------------------------------

# The pages with which staff connect an account and hand out links.
STAFF = env.flag("STAFF")
# Whether gunicorn starts what does their work in the background (see gunicorn.conf.py).
env.flag("STAFF_WORKER", default=True)
STAFF_PATH = "/staff/"
# The one host that serves them, and serves nothing else; empty: every host serves them.
STAFF_HOST = env.text("STAFF_HOST", fits=is_host, what="the name of a host").lower()
if STAFF_HOST and (ALLOWED_HOSTS or PROPERTIES_FILE) and STAFF_HOST not in ALLOWED_HOSTS:
    ALLOWED_HOSTS.append(STAFF_HOST)
if STAFF and not PORTAL_URL and not PROPERTIES_FILE:
    env.wrong("Set PORTAL_URL to the address of residents, which links lead to.")
STAFF_SESSION_HOURS = 8
AUDIT_DAYS = 400
# A mail server, as smtp+tls://user:password@host:587; without it the portal sends no email.
EMAIL_URL = env.raw("EMAIL_URL")
vars().update(env.email("EMAIL_URL"))
EMAIL_FROM = env.text("EMAIL_FROM", fits=lambda text: "@" in text, what="an email address")
DEFAULT_FROM_EMAIL = EMAIL_FROM or "webmaster@localhost"
EMAIL_TIMEOUT = 20
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
_validators = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": f"{_validators}.UserAttributeSimilarityValidator",
        # The username is the email address, and nobody here knows it by that name.
        "OPTIONS": {"user_attributes": ("email", "first_name")},
    },
    {"NAME": f"{_validators}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_validators}.CommonPasswordValidator"},
    {"NAME": f"{_validators}.NumericPasswordValidator"},
]

# Django -----------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    # Its widget templates, which ours stand beside (see FORM_RENDERER).
    "django.forms",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "common",
    "residents",
    "staff",
]
MIDDLEWARE = [
    "portal.middleware.RequestLog",
    "portal.middleware.Security",
    "portal.middleware.ContentSecurityPolicy",
    "portal.middleware.GZip",
    "portal.middleware.Host",
    "portal.middleware.Session",
    "portal.middleware.Locale",
    "portal.middleware.Common",
    "portal.middleware.Csrf",
    "portal.middleware.Messages",
    "django_htmx.middleware.HtmxMiddleware",
    "residents.middleware.ApiErrors",
    "staff.middleware.StaffPages",
]
ROOT_URLCONF = "portal.urls"
ASGI_APPLICATION = "portal.asgi.application"
_loader = (
    "portal.template_loader.Loader",
    [
        "django.template.loaders.filesystem.Loader",
        "django.template.loaders.app_directories.Loader",
    ],
)
# Django has partials of its own since 6.0; for 5.2 a package adds the same tags.
_adds_partials = django.VERSION < (6, 0)
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [("template_partials.loader.Loader", [_loader])]
            if _adds_partials
            else [_loader],
            "builtins": ["template_partials.templatetags.partials"] if _adds_partials else [],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "residents.context.page",
                "staff.context.page",
            ],
        },
    }
]
# Django 5.2 does not know it and makes http:// of an address without a scheme.
URLIZE_ASSUME_HTTPS = True
FORM_RENDERER = "common.forms.Renderer"
MESSAGE_STORAGE = "portal.middleware.MessageStorage"
# A portal form has a handful of fields; asgi.py refuses bodies above this before Django reads them.
LARGEST_FORM = 64 * 1024
# What signed-in staff may send with a table of links, which is read in memory: no file is written.
LARGEST_UPLOAD = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = LARGEST_UPLOAD
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
# A page of staff's has 50 homes to choose from, and a few fields beside them.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 64

# Storage ----------------------------------------------------------------------------------------

VAR_DIR = BASE_DIR / "var"
# Seconds for one query, after which its thread is given up (see common/database.py).
DATABASE_TIMEOUT = env.number("DATABASE_TIMEOUT", 3, least=0.1, most=20)
DATABASES = {"default": env.database("DATABASE_URL", f"sqlite:///{VAR_DIR}/portal.sqlite3")}
if str(DATABASES["default"]["NAME"]).startswith(str(VAR_DIR)):
    # SQLite makes the file, but not its folder.
    try:
        VAR_DIR.mkdir(exist_ok=True)
    except OSError as _error:
        env.wrong(f"{VAR_DIR} can't be made: {_error.strerror}. Make it, or set DATABASE_URL.")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        {
            # Readers do not wait for the writer; a writer waits for its turn, not for an error.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            "transaction_mode": "IMMEDIATE",
            # Not quite as long as the thread that waits for it may take.
            "timeout": 0.8 * DATABASE_TIMEOUT,
        }
    )
else:
    # Two is the least that psycopg knows.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault(
        "connect_timeout", max(2, int(0.8 * DATABASE_TIMEOUT))
    )
# All requests of a worker share one thread for what is sync, and so one connection.
DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
REDIS_URL = env.text(
    "REDIS_URL",
    fits=is_redis,
    what="a URL that begins with redis://, rediss:// or unix://",
)
# Seconds for one answer; past it Redis counts as down for a moment.
REDIS_TIMEOUT = env.number("REDIS_TIMEOUT", 0.25, least=0.01, most=10)
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

# Metrics ----------------------------------------------------------------------------------------

# /metrics is off unless one of these is set: a port on which there is nothing else, and the token
# that who asks must send. Where the port listens is gunicorn's METRICS_BIND.
METRICS_PORT = env.whole("METRICS_PORT", 0, least=0, most=65_535)
METRICS_TOKEN = env.key("METRICS_TOKEN")
_bind = env.text("METRICS_BIND", "127.0.0.1", fits=is_host, what="an address without a port")
if METRICS_PORT and METRICS_PORT == PORT:
    env.wrong("METRICS_PORT must be another one than PORT.")
if METRICS_PORT and not METRICS_TOKEN and _bind not in ("127.0.0.1", "[::1]", "localhost"):
    env.wrong("Set METRICS_TOKEN: METRICS_BIND lets other machines read the metrics.")

# Sessions and cookies ---------------------------------------------------------------------------

# __Host- ties a cookie to this very host over HTTPS; browsers refuse the prefix on plain HTTP.
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_ENGINE = "common.sessions"
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session"
STAFF_COOKIE_NAME = f"{COOKIE_PREFIX}staff"
STAFF_KNOWN_COOKIE_NAME = f"{COOKIE_PREFIX}staff-known"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = int(SESSION_HOURS * 3600)
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "portal.errors.csrf_failure"
KNOWN_COOKIE_NAME = f"{COOKIE_PREFIX}known"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}language"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600

# Headers ----------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = HTTPS
# The platform's probe asks over plain HTTP from inside.
SECURE_REDIRECT_EXEMPT = [r"^healthz/$"]
SECURE_HSTS_SECONDS = env.whole(
    "HSTS_SECONDS", 2 * 365 * 24 * 3600 if HTTPS else 0, least=0, most=10 * 365 * 24 * 3600
)
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
# With no-referrer Chromium sends `Origin: null` and Django refuses the form.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    # Django looks for its own middleware by name and does not know our subclasses of it. A test
    # runs the checks with Django's names, and the headers themselves are tested.
    "security.W001",
    "security.W002",
    "security.W003",
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        # The nonce is for a property's colours, and only in pages that have some.
        "style-src": ["'self'", NONCE],
        "img-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# Static files -----------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "build" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    }
}

# Words and time ---------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
# Each under its own name. What a property offers of them PROPERTIES_FILE says.
LANGUAGES = [
    ("en", "English"),
    ("es", "Español"),
    ("fr", "Français"),
    ("de", "Deutsch"),
    ("pt-br", "Português (Brasil)"),
    ("it", "Italiano"),
    ("pl", "Polski"),
    ("ru", "Русский"),
    ("ar", "العربية"),
    ("zh-hans", "简体中文"),
    ("ja", "日本語"),
    ("ko", "한국어"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.text(
    "TIME_ZONE", "UTC", fits=is_time_zone, what="the name of a time zone, like America/Chicago"
)
USE_TZ = True

# Logs -------------------------------------------------------------------------------------------

_levels = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_level = env.text(
    "LOG_LEVEL", "INFO", fits=lambda level: level.upper() in _levels, what="INFO, WARNING or ERROR"
).upper()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "redact": {"()": "common.logs.Redact"},
        "faults": {"()": "common.logs.OnlyFaults"},
        "once": {"()": "common.logs.OncePerMinute"},
    },
    "formatters": {"line": {"()": "common.logs.Line"}},
    "handlers": {
        # Without any handler Python would write the line to standard error by itself.
        "none": {"class": "logging.NullHandler"},
        "stderr": {
            "class": "logging.StreamHandler",
            "filters": ["once", "redact"],
            "formatter": "line",
        },
    },
    "root": {"handlers": ["stderr"], "level": _level},
    "loggers": {
        # Their lines hold the raw path, secrets included; RequestLog writes one line per request.
        "django.request": {"filters": ["faults"]},
        "django.security": {"handlers": ["none"], "propagate": False},
        "django": {"handlers": [], "level": "WARNING"},
        # What its workers have to say, tracebacks above all; the master comes before these settings.
        "gunicorn.error": {"handlers": ["stderr"], "propagate": False},
    },
}

env.finish()
