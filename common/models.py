"""All that the portal stores: encrypted sessions, and a key."""

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


class Key(models.Model):
    """A random key of this installation, encrypted with the keys of its environment."""

    purpose = models.CharField(max_length=40, primary_key=True)
    encrypted = models.TextField()

    def __str__(self) -> str:
        return self.purpose
