"""All that the portal stores of homes: encrypted sessions, awaited writes, names of devices, what
keeps a link from being replaced, diaries, checklists, known properties, homes that were opened, and
a key.
"""

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class Session(AbstractBaseSession):
    """A signed-in browser.

    `session_key` is a hash of the cookie, `session_data` is encrypted, and `home` is a keyed hash
    of the unit, by which all of its sessions can be ended: the table lets nobody in.
    """

    home = models.CharField(max_length=40, db_index=True, blank=True)

    class Meta(AbstractBaseSession.Meta):
        # The table of the first release, so that nobody is signed out by an upgrade.
        db_table = "residents_session"


class AwaitedWrite(models.Model):
    """A write of a user of a home that is about to be sent, or was sent and is not read back yet.

    All browsers of the home share it, and it ends by itself. `home` and `user` are keyed hashes,
    and so is `mark`, of what is looked for.
    """

    class Expects(models.TextChoices):
        """What shows that the write took place; empty while it is not sent."""

        OTHER_PASSPHRASE = "other"
        PASSPHRASE = "passphrase"
        CONTACT = "contact"

    home = models.CharField(max_length=40)
    user = models.CharField(max_length=40)
    expects = models.CharField(max_length=10, choices=Expects.choices, blank=True)
    # Empty where nothing can show it: the passphrase before a reset could not be read.
    mark = models.CharField(max_length=40, blank=True)
    ends = models.DateTimeField(db_index=True)

    class Meta:
        # One at a time: the row is what keeps a second write from being sent.
        constraints = (
            models.UniqueConstraint(fields=["home", "user"], name="one_awaited_write_of_a_user"),
        )

    def __str__(self) -> str:
        return self.expects

    @property
    def is_of_passphrase(self) -> bool:
        """Return whether a new passphrase is on its way."""
        return self.expects in (self.Expects.OTHER_PASSPHRASE, self.Expects.PASSPHRASE)


class DeviceName(models.Model):
    """What the residents of a home call a device.

    It belongs to the link they sign in with: `link` is a keyed hash of home and access code, and
    `device` one of the link and the device's address. `encrypted` holds the name.
    """

    link = models.CharField(max_length=40)
    device = models.CharField(max_length=40, unique=True)
    encrypted = models.TextField()
    # The day of the last sign-in with the link.
    seen = models.DateField(db_index=True)

    class Meta:
        indexes = (models.Index(fields=["link", "seen"], name="names_of_a_link"),)

    def __str__(self) -> str:
        return self.device


class LinkHold(models.Model):
    """What keeps the residents of a home from replacing its link, and until when.

    `home` is a keyed hash. It says that something happened, and nothing of what it was.
    """

    class Reason(models.TextChoices):
        """The link was lately replaced here, or its email address or phone number changed."""

        REPLACED = "replaced"
        CONTACT = "contact"

    home = models.CharField(max_length=40)
    reason = models.CharField(max_length=10, choices=Reason.choices)
    ends = models.DateTimeField(db_index=True)

    class Meta:
        # Of two who replace a link at once, the row lets one.
        constraints = (
            models.UniqueConstraint(fields=["home", "reason"], name="one_hold_of_a_reason"),
        )

    def __str__(self) -> str:
        return self.reason


class DiaryEntry(models.Model):
    """Something that happened in a home, for who signs in with its link (see common/diary.py).

    `link` is a keyed hash of home and access code; `encrypted` holds what it was.
    """

    class Weight(models.IntegerChoices):
        """What makes room first, and goes when the diary is deleted; the others stay for a while."""

        LIGHT = 0
        SIGN_IN = 1
        HEAVY = 2

    link = models.CharField(max_length=40)
    weight = models.PositiveSmallIntegerField(choices=Weight.choices)
    at = models.DateTimeField()
    ends = models.DateTimeField(db_index=True)
    encrypted = models.TextField()

    class Meta:
        indexes = (models.Index(fields=["link", "at"], name="entries_of_a_link"),)

    def __str__(self) -> str:
        return self.at.isoformat()


class OpenedHome(models.Model):
    """When a resident first signed in to a home with the link that opens it; hashes are keyed.

    `at` is None where nobody but staff has tried the link.
    """

    home = models.CharField(max_length=40, primary_key=True)
    link = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(null=True)
    # The day of the last sign-in with the link.
    seen = models.DateField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return self.home


class Checklist(models.Model):
    """The devices that have to join again with a new passphrase, until all of them are back.

    `link` is a keyed hash of home and access code, `user` one of the home and whose passphrase it
    is; `encrypted` holds the devices.
    """

    link = models.CharField(max_length=40)
    user = models.CharField(max_length=40)
    ends = models.DateTimeField(db_index=True)
    encrypted = models.TextField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["link", "user"], name="one_checklist_of_a_user"),
        )

    def __str__(self) -> str:
        return self.user


class KnownProperty(models.Model):
    """A property where somebody has signed in, or of a connected account; its id is without dashes."""

    id = models.CharField(max_length=32, primary_key=True)
    # That of the account, "" where there is none.
    region = models.CharField(max_length=4, blank=True)

    def __str__(self) -> str:
        return self.id


class Key(models.Model):
    """A random key of this installation, encrypted with the keys of its environment."""

    purpose = models.CharField(max_length=40, primary_key=True)
    encrypted = models.TextField()

    def __str__(self) -> str:
        return self.purpose
