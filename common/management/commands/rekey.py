"""Encrypt all that is stored with the first of the keys that are set."""

from typing import Any

from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from common import encrypted
from common.keys import KEYS, LostKey, ring
from common.models import Key


class Command(BaseCommand):
    help = (
        "Encrypt all that is stored with the first of ENCRYPTION_KEYS (else with SECRET_KEY). "
        "After that, and not before, the other keys can be dropped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anew",
            action="store_true",
            help="begin afresh instead: end all sessions, delete all that is encrypted and make a new "
            "key for keyed hashes, for when a key has leaked or is lost",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            said = begin_anew() if options["anew"] else rekey()
        self.stdout.write(said)


def begin_anew() -> str:
    """Delete what was encrypted or hashed with keys that are lost, and return what that was."""
    for field in encrypted.fields.values():
        field.forget()
    for model in encrypted.hashed:
        model._default_manager.all().delete()
    Key.objects.all().delete()
    gone = ", ".join(field.what for field in encrypted.fields.values())
    return f"Everybody is signed out. Deleted: {gone}. Restart the portal now."


def rekey() -> str:
    """Encrypt everything with the first key, and return how much that was."""
    rekey_keys()
    counts = ", ".join(f"{field.rekey()} {field.what}" for field in encrypted.fields.values())
    return f"Encrypted with the first key: {counts}."


def rekey_keys() -> None:
    for key in Key.objects.select_for_update():
        try:
            key.encrypted = ring(KEYS).rotate(key.encrypted).decode()
        except InvalidToken:
            raise CommandError(LostKey()) from None
        key.save()
