"""What is stored encrypted or under keyed hashes, as the apps say once they are loaded.

`manage.py rekey` encrypts all of it with another key, and begins all of it afresh.
"""

from dataclasses import dataclass
from typing import Any

from cryptography.fernet import InvalidToken
from django.db.models import Model

from common.keys import ring


@dataclass
class Field:
    """A field that is encrypted for one purpose, or for one of several.

    Where `keeps_row`, a row outlives what was in its field.
    """

    model: type[Model]
    name: str
    purposes: list[str]
    what: str
    keeps_row: bool

    def rows(self) -> Any:
        """Return the rows with something in the field."""
        return self.model._default_manager.exclude(**{self.name: ""})

    def rekey(self) -> int:
        """Encrypt all with the first key, and return how much there is.

        What no key decrypts is gone anyway.
        """
        count = 0
        # Whoever saves one meanwhile waits, and then writes with the first key.
        for row in list(self.rows().select_for_update()):
            rotated = self.rotated(getattr(row, self.name))
            if rotated or self.keeps_row:
                setattr(row, self.name, rotated)
                row.save(update_fields=[self.name])
            else:
                row.delete()
            count += bool(rotated)
        return count

    def rotated(self, stored: str) -> str:
        """Return the same encrypted with the first key, "" if no key decrypts it."""
        for purpose in self.purposes:
            try:
                return ring(purpose).rotate(stored).decode()
            except InvalidToken:
                continue
        return ""

    def forget(self) -> None:
        """Delete all of it."""
        if self.keeps_row:
            self.rows().update(**{self.name: ""})
        else:
            self.rows().delete()


fields: dict[tuple[type[Model], str], Field] = {}
# Tables of which each row is found by a keyed hash: without its key they are of no use.
hashed: list[type[Model]] = []


def register(
    model: type[Model], name: str, purpose: str, what: str, *, keeps_row: bool = False
) -> None:
    """Have a field encrypted with other keys when they change. `what` says what it holds."""
    field = fields.setdefault((model, name), Field(model, name, [], what, keeps_row))
    if purpose not in field.purposes:
        field.purposes.append(purpose)


def register_hashed(model: type[Model]) -> None:
    """Have the rows of a table deleted when the key of all keyed hashes changes."""
    if model not in hashed:
        hashed.append(model)
