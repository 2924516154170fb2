"""Let a member of staff in again who has lost password and authenticator app."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError

from staff.door import people
from staff.management.command import LinkCommand


class Command(LinkCommand):
    help = (
        "Print a new one-time link for a member of staff. Their password, authenticator, recovery "
        "codes and sessions end at once."
    )

    async def token(self, email: str, options: dict[str, Any]) -> str:
        user = await User.objects.filter(username=email).afirst()
        if user is None:
            raise CommandError(f"Nobody of staff has the email address {email}.")
        return await people.reset(None, user)
