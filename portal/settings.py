"""All settings, grouped by what they are for. README.md has the table of environment variables."""

import ipaddress
from pathlib import Path

import django
import environ
from csp.constants import NONCE
from django.core.exceptions import ImproperlyConfigured

from ruckus.regions import REGIONS

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()


def words(name: str) -> list[str]:
    """Return the values between commas of an environment variable, none of them empty."""
    return [word for word in map(str.strip, env.list(name, default=[])) if word]


DEBUG = env.bool("DEBUG", default=False)
# Off only for plain HTTP on a loopback address, as in `make demo`.
HTTPS = env.bool("HTTPS", default=not DEBUG)

# Whoever sees a cookie can try all short keys; 32 random characters are out of reach.
LEAST_KEY = 32
SECRET_KEY = env.str("SECRET_KEY", default="for development on this machine only" if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "Set SECRET_KEY to a long random text, or DEBUG=1 to develop on this machine."
    )
# Earlier ones: what they signed still holds.
SECRET_KEY_FALLBACKS = words("SECRET_KEY_FALLBACKS")
# The first encrypts. They all decrypt, and so do SECRET_KEY and its fallbacks (see common/keys.py).
ENCRYPTION_KEYS = words("ENCRYPTION_KEYS")
for _name, _key in [("SECRET_KEY", SECRET_KEY), *(("ENCRYPTION_KEYS", k) for k in ENCRYPTION_KEYS)]:
    if len(_key) < LEAST_KEY:
        raise ImproperlyConfigured(f"{_name}: a key must have {LEAST_KEY} characters or more.")
ALLOWED_HOSTS = words("ALLOWED_HOSTS") or (["127.0.0.1", "localhost"] if DEBUG else [])

# RUCKUS One -------------------------------------------------------------------------------------

RUCKUS_API_URL = env.str("RUCKUS_API_URL", default="").rstrip("/")
# An address comes before a region, which then means nothing.
RUCKUS_REGION = "" if RUCKUS_API_URL else env.str("RUCKUS_REGION", default="")
if not RUCKUS_API_URL:
    if RUCKUS_REGION not in REGIONS:
        raise ImproperlyConfigured(
            "Set RUCKUS_REGION to na, eu or asia, or RUCKUS_API_URL to the address of the API."
        )
    RUCKUS_API_URL = REGIONS[RUCKUS_REGION]
# Seconds for everything that one request of a resident asks of RUCKUS One.
RUCKUS_DEADLINE = env.float("RUCKUS_DEADLINE", default=8.0)
RUCKUS_CONNECT_TIMEOUT = env.float("RUCKUS_CONNECT_TIMEOUT", default=3.0)
RUCKUS_BREAKER = env.bool("RUCKUS_BREAKER", default=True)
# How tokens are sent: two styles are known. "auto" finds out which one is taken.
RUCKUS_TOKEN_STYLE = env.str("RUCKUS_TOKEN_STYLE", default="auto")
if RUCKUS_TOKEN_STYLE not in ("auto", "bearer", "bare"):
    raise ImproperlyConfigured("RUCKUS_TOKEN_STYLE must be auto, bearer or bare.")
# Seconds that what belongs to a property (texts, colours, logo) is taken as fresh.
PROPERTY_CACHE_SECONDS = env.float("PROPERTY_CACHE_SECONDS", default=60.0)

# Who may come in --------------------------------------------------------------------------------

ALLOWED_PROPERTIES = frozenset(words("ALLOWED_PROPERTIES"))
# Networks (CIDR) of the proxies whose X-Forwarded-For is believed; "unix" is the peer of a socket.
TRUSTED_PROXIES = words("TRUSTED_PROXIES")
for _proxy in TRUSTED_PROXIES:
    try:
        ipaddress.ip_network("::" if _proxy == "unix" else _proxy)
    except ValueError as error:
        raise ImproperlyConfigured(f"TRUSTED_PROXIES: {error}") from None
SESSION_HOURS = env.float("SESSION_HOURS", default=12.0)
SESSION_IDLE_MINUTES = env.float("SESSION_IDLE_MINUTES", default=120.0)
# Days that an entry of a home's diary is kept.
DIARY_DAYS = env.int("DIARY_DAYS", default=90)
if DIARY_DAYS < 1:
    raise ImproperlyConfigured("DIARY_DAYS must be 1 or more.")
# Residents may replace their link themselves, where the new one reaches them by a message.
LINK_RESET = env.bool("LINK_RESET", default=False)
# The country whose national phone numbers may be typed without a country code.
PHONE_REGION = env.str("PHONE_REGION", default="US")

# The address under which residents reach the portal, for `manage.py portal_link`.
PORTAL_URL = env.str("PORTAL_URL", default="")
_names = [host for host in ALLOWED_HOSTS if host[0] not in "*."]
if not PORTAL_URL and _names:
    PORTAL_URL = (
        f"https://{_names[0]}" if HTTPS else f"http://{_names[0]}:{env.str('PORT', default='8000')}"
    )

# Staff ------------------------------------------------------------------------------------------

# The pages with which staff connect an account and hand out links.
STAFF = env.bool("STAFF", default=False)
STAFF_PATH = "/staff/"
# The one host that serves them, and serves nothing else; empty: every host serves them.
STAFF_HOST = env.str("STAFF_HOST", default="").lower()
if STAFF_HOST and ALLOWED_HOSTS and STAFF_HOST not in ALLOWED_HOSTS:
    ALLOWED_HOSTS.append(STAFF_HOST)
if STAFF and not PORTAL_URL:
    raise ImproperlyConfigured("Set PORTAL_URL to the address of residents, which links lead to.")
STAFF_SESSION_HOURS = 8
AUDIT_DAYS = 400
# A mail server, as smtp+tls://user:password@host:587; without it the portal sends no email.
EMAIL_URL = env.str("EMAIL_URL", default="")
vars().update(env.email_url_config(EMAIL_URL) if EMAIL_URL else {})
EMAIL_FROM = env.str("EMAIL_FROM", default="")
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
DATABASE_TIMEOUT = env.float("DATABASE_TIMEOUT", default=3.0)
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR}/portal.sqlite3")}
if str(DATABASES["default"]["NAME"]).startswith(str(VAR_DIR)):
    # SQLite makes the file, but not its folder.
    VAR_DIR.mkdir(exist_ok=True)
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
REDIS_URL = env.str("REDIS_URL", default="")
# Seconds for one answer; past it Redis counts as down for a moment.
REDIS_TIMEOUT = env.float("REDIS_TIMEOUT", default=0.25)
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

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

# Headers ----------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = HTTPS
# The platform's probe asks over plain HTTP from inside.
SECURE_REDIRECT_EXEMPT = [r"^healthz/$"]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=2 * 365 * 24 * 3600 if HTTPS else 0)
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
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_TZ = True

# Logs -------------------------------------------------------------------------------------------

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
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        # Their lines hold the raw path, secrets included; RequestLog writes one line per request.
        "django.request": {"filters": ["faults"]},
        "django.security": {"handlers": ["none"], "propagate": False},
        "django": {"handlers": [], "level": "WARNING"},
        # What its workers have to say, tracebacks above all; the master comes before these settings.
        "gunicorn.error": {"handlers": ["stderr"], "propagate": False},
    },
}
