"""Encrypt all that is stored with the first of the keys that are set."""

from collections.abc import Iterable
from typing import Any

from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from common.keys import CHECKLISTS, DIARY, KEYS, NAMES, SESSIONS, LostKey, ring
from common.models import Checklist, DeviceName, DiaryEntry, Key, OpenedHome, Session


class Command(BaseCommand):
    help = (
        "Encrypt all that is stored with the first of ENCRYPTION_KEYS (else with SECRET_KEY). "
        "After that, and not before, the other keys can be dropped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anew",
            action="store_true",
            help="begin afresh instead: end all sessions, delete what residents left here and make a "
            "new key for keyed hashes, for when a key has leaked or is lost",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            if options["anew"]:
                Session.objects.all().delete()
                # Nobody would find them again by another key's hashes.
                for model in (DeviceName, Checklist, DiaryEntry, OpenedHome):
                    model.objects.all().delete()
                Key.objects.all().delete()
                said = "Everybody is signed out, and names and diaries are gone. Restart the portal now."
            else:
                rekey_keys()
                names = rekey_left(DeviceName.objects.select_for_update(), NAMES)
                entries = rekey_left(DiaryEntry.objects.select_for_update(), DIARY)
                lists = rekey_left(Checklist.objects.select_for_update(), CHECKLISTS)
                said = (
                    f"{rekey_sessions()} sessions, {names} names of devices, {entries} diary "
                    f"entries and {lists} checklists are encrypted with the first key."
                )
        self.stdout.write(said)


def rekey_keys() -> None:
    for key in Key.objects.select_for_update():
        try:
            key.encrypted = ring(KEYS).rotate(key.encrypted).decode()
        except InvalidToken:
            raise CommandError(LostKey()) from None
        key.save()


def rekey_sessions() -> int:
    """Return how many sessions there are. One that no key decrypts has ended anyway."""
    count = 0
    # Whoever saves one meanwhile waits, and then writes with the first key.
    for session in list(Session.objects.select_for_update()):
        try:
            session.session_data = ring(SESSIONS).rotate(session.session_data).decode()
        except InvalidToken:
            session.delete()
            continue
        session.save()
        count += 1
    return count


def rekey_left(rows: Iterable[DeviceName | DiaryEntry | Checklist], purpose: str) -> int:
    """Return how many there are of what residents left. One that no key decrypts is gone anyway."""
    count = 0
    for row in rows:
        try:
            row.encrypted = ring(purpose).rotate(row.encrypted).decode()
        except InvalidToken:
            row.delete()
            continue
        row.save(update_fields=["encrypted"])
        count += 1
    return count
