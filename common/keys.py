"""Keys: one place that derives them, so that none is used for two things."""

import base64
import hashlib
import hmac
from functools import cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def derive(purpose: str, secret: str) -> bytes:
    """Return 32 bytes for one purpose, from which nothing leads back to the secret."""
    return hmac.digest(secret.encode(), f"resident portal: {purpose}".encode(), "sha256")


@cache
def fernet(keys: tuple[str, ...], fallback: str) -> MultiFernet:
    secrets = keys or (fallback,)
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(derive("sessions", secret))) for secret in secrets]
    )


def cipher() -> MultiFernet:
    """Return what encrypts with the first of ENCRYPTION_KEYS and decrypts with any."""
    return fernet(tuple(settings.ENCRYPTION_KEYS), settings.SECRET_KEY)


@cache
def key_for(purpose: str, secret: str) -> bytes:
    return derive(purpose, secret)


def digest(purpose: str, *parts: str) -> str:
    """Return a keyed hash of the parts, 40 hex digits, that only this portal can compute."""
    message = "\0".join(parts).encode()
    key = key_for(purpose, settings.SECRET_KEY)
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:40]
