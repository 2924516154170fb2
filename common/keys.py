"""Keys: one place that derives them, so that none is used for two things.

What is encrypted can be given other keys (`manage.py rekey`); a keyed hash cannot be made anew from
what is stored. So its key is random, made once for an installation, and lies encrypted in the
database: marks of homes survive a rotation of all keys in the environment.
"""

import base64
import hashlib
import hmac
import secrets
from functools import cache

from asgiref.sync import sync_to_async
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from ruckus.words import say

SESSIONS = "sessions"
DIGESTS = "digests"
KEYS = "keys"
NAMES = "names of devices"
DIARY = "diaries"
CHECKLISTS = "checklists"
STAFF_SESSIONS = "sessions of staff"
STAFF = "secrets of staff"

# Read from the database once per process.
digest_secret = ""


class LostKey(ImproperlyConfigured):
    """The database holds a key that none of the keys in the environment decrypts."""

    what = say("The database was written with a key that is no longer set.")
    advice = say(
        "Put the earlier key back, behind the new one in ENCRYPTION_KEYS, or in "
        "SECRET_KEY_FALLBACKS, then run `manage.py rekey` before it is dropped. If it is lost, "
        "`manage.py rekey --anew` begins afresh and signs everybody out."
    )

    def __init__(self) -> None:
        super().__init__(f"{self.what} {self.advice}")


def derive(purpose: str, secret: str) -> bytes:
    """Return 32 bytes for one purpose, from which nothing leads back to the secret."""
    return hmac.digest(secret.encode(), f"resident portal: {purpose}".encode(), "sha256")


key_for = cache(derive)


@cache
def fernet(purpose: str, secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(derive(purpose, secret))) for secret in secrets]
    )


def ring(purpose: str) -> MultiFernet:
    """Return what encrypts for one purpose with the first of all keys and decrypts with any."""
    return fernet(
        purpose,
        (*settings.ENCRYPTION_KEYS, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS),
    )


def digest(purpose: str, *parts: str) -> str:
    """Return a keyed hash of the parts, 40 hex digits, that only this portal can compute."""
    message = "\0".join(parts).encode()
    key = key_for(purpose, digest_secret or read_digest_secret())
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:40]


def read_digest_secret() -> str:
    """Return what the keys of all digests are derived from, made at first use. Raise LostKey."""
    global digest_secret  # noqa: PLW0603  (one installation, one secret)
    # Not above: the doctor opens keys where no app is loaded.
    from common.models import Key  # noqa: PLC0415

    new = ring(KEYS).encrypt(secrets.token_urlsafe(32).encode()).decode()
    # Of several processes that start at once, one makes it and all others read that.
    key, _ = Key.objects.get_or_create(purpose=DIGESTS, defaults={"encrypted": new})
    digest_secret = open_key(key.encrypted)
    return digest_secret


def open_key(encrypted: str) -> str:
    """Return a key of the database. Raise LostKey."""
    try:
        return ring(KEYS).decrypt(encrypted).decode()
    except InvalidToken:
        raise LostKey from None


async def ready() -> None:
    """Return once `digest` can be called on the event loop, where nothing may wait for a database."""
    if not digest_secret:
        await sync_to_async(read_digest_secret)()
