"""The second factor: codes of an authenticator app (RFC 6238), and recovery codes for who lost it.

pyotp computes the codes. The key is stored encrypted, each code is taken once, and of recovery
codes only keyed hashes are stored, which is why no library that brings tables of its own is used.
"""

import secrets
import time
from dataclasses import dataclass, field

import pyotp
from cryptography.fernet import InvalidToken
from django.contrib.auth.models import User
from django.core import signing
from pyotp.exceptions import OTPVerificationError

from common.keys import STAFF, digest, ring
from common.qr import text_svg
from staff.models import Person, RecoveryCode

# The clock of a phone may be this many steps of 30 seconds off.
WINDOW = 1
ISSUER = "Resident portal"
SALT = "staff: an offered key"
OFFERED_SECONDS = 3600
RECOVERY_CODES = 8
# Letters and digits that nobody takes for another one.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Offer:
    """A new key that a page offers; `signed` comes back with the first code."""

    user: User
    key: str = field(repr=False)

    @property
    def signed(self) -> str:
        return signing.dumps([self.user.pk, self.key], salt=SALT)

    @property
    def groups(self) -> list[str]:
        """Return the key as somebody types it, in groups of four."""
        return in_groups(self.key)

    @property
    def uri(self) -> str:
        """Return what the authenticator app reads."""
        return pyotp.TOTP(self.key).provisioning_uri(name=self.user.email, issuer_name=ISSUER)

    @property
    def qr(self) -> str:
        return text_svg(self.uri)


def in_groups(text: str) -> list[str]:
    return [text[at : at + 4] for at in range(0, len(text), 4)]


def offer(user: User, signed: str = "") -> Offer:
    """Return the offer that a form brings back, or a new one where that is over or none of ours."""
    try:
        user_id, key = signing.loads(signed, salt=SALT, max_age=OFFERED_SECONDS)
    except signing.BadSignature:
        user_id, key = None, ""
    return Offer(user, key) if user_id == user.pk else Offer(user, pyotp.random_base32())


def step_of(key: str, code: str) -> int | None:
    """Return the time step to which a code belongs, or None if it is none of now."""
    try:
        return pyotp.TOTP(key).verify_and_get_timecode(
            code, for_time=time.time(), valid_window=WINDOW
        )
    except OTPVerificationError:
        return None


def encrypted(key: str) -> str:
    """Return a key as it is stored."""
    return ring(STAFF).encrypt(key.encode()).decode()


async def take_code(user: User, code: str) -> bool:
    """Return whether it is a code of the user's app, which is then taken and never again."""
    person = await Person.objects.filter(user=user).afirst()
    if person is None:
        return False
    try:
        key = ring(STAFF).decrypt(person.encrypted_key).decode()
    except InvalidToken:
        # Written with a key that is no longer set: they need a new link.
        return False
    step = step_of(key, code)
    if step is None:
        return False
    # Of two requests at the same moment one changes the row.
    unused = Person.objects.filter(user=user, last_step__lt=step)
    return bool(await unused.aupdate(last_step=step))


async def take_recovery_code(user: User, code: str) -> bool:
    """Return whether it is a recovery code of the user's, which is then gone."""
    mine = RecoveryCode.objects.filter(person_id=user.pk, digest=recovery_digest(user, code))
    deleted, _ = await mine.adelete()
    return bool(deleted)


def recovery_digest(user: User, code: str) -> str:
    bare = "".join(character for character in code.lower() if character.isalnum())
    return digest("recovery code", str(user.pk), bare)


def new_recovery_codes(user: User) -> list[str]:
    """Store keyed hashes of new recovery codes in place of all earlier ones, and return the codes.

    It is called inside a transaction.
    """
    codes = [
        "-".join(in_groups("".join(secrets.choice(ALPHABET) for _ in range(12))))
        for _ in range(RECOVERY_CODES)
    ]
    RecoveryCode.objects.filter(person_id=user.pk).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(person_id=user.pk, digest=recovery_digest(user, code)) for code in codes
    )
    return codes
