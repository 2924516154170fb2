"""What is stored and has ended, as the apps say once they are loaded; `manage.py purge` deletes it.

Nothing of it is shown or used any more, and most of it goes as people use the portal. So that no
table keeps what nobody comes back to, the command is run once a day.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateField, Model
from django.utils import timezone

# For how long after the last sign-in with it things of a link are kept.
LINK_UNUSED = timedelta(days=365)
# Rows deleted at a time: whoever writes to SQLite meanwhile waits no longer than for these.
AT_ONCE = 1000

kinds: dict[str, Callable[[datetime], Any]] = {}


def register(what: str, model: type[Model], field: str, kept: timedelta = timedelta()) -> None:
    """Have rows purged of which this moment, or day, is past for as long as they are kept."""
    is_day = type(model._meta.get_field(field)) is DateField

    def ended(now: datetime) -> Any:
        end = now - kept
        moment = {f"{field}__lt": end.date()} if is_day else {f"{field}__lte": end}
        return model._default_manager.filter(**moment)

    kinds[what] = ended


def purge() -> dict[str, int]:
    """Delete all that has ended, and return how many there were of each kind."""
    now = timezone.now()
    return {what: _delete(ended(now)) for what, ended in kinds.items()}


def _delete(rows: Any) -> int:
    count = 0
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        # Again by what has ended: a row may have been renewed just now.
        rows.filter(pk__in=keys).delete()
        count += len(keys)
    return count
