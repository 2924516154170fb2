"""The portal's settings for tests: nothing here is a secret, and no address leads anywhere."""

import os

os.environ.setdefault("SECRET_KEY", "only for tests, and no secret at all")
os.environ.setdefault("RUCKUS_API_URL", "http://127.0.0.1:9")
os.environ.setdefault("ALLOWED_HOSTS", "testserver,127.0.0.1,localhost")
os.environ.setdefault("DATABASE_URL", "sqlite://:memory:")
os.environ.setdefault("DEBUG", "off")
os.environ.setdefault("HTTPS", "off")
os.environ.setdefault("STAFF", "on")
os.environ.setdefault("METRICS_TOKEN", "for tests only, and no secret at all")
os.environ.setdefault("LINK_RESET", "on")
# No test of anything else waits for a process that it does not know of.
os.environ.setdefault("STAFF_WORKER", "off")
# A busy machine is not a Redis, or a database, that is down.
os.environ.setdefault("REDIS_TIMEOUT", "10")
os.environ.setdefault("DATABASE_TIMEOUT", "10")

from portal.settings import *  # noqa: F403

# The names that collectstatic would give are not needed here; tests/portal collects for itself.
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
# One hash of a real hasher takes most of a second; tests/staff/door/test_passwords.py has one.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
