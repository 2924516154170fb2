"""Delete all that has ended."""

from typing import Any

from django.core.management.base import BaseCommand

from common import ended


class Command(BaseCommand):
    help = (
        "Delete what has ended: sessions, changes that are awaited no longer, names and diaries of "
        "links that nobody uses, and what staff's log keeps no longer. Run it once a day."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        counts = ", ".join(f"{count} {what}" for what, count in ended.purge().items())
        self.stdout.write(f"Deleted: {counts}.")
