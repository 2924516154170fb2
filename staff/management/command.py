"""What the commands share that print a one-time link."""

from abc import ABC, abstractmethod
from typing import Any

from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from common import redis
from staff.door import addresses, people
from staff.door.forms import LONGEST_EMAIL


class LinkCommand(ABC, BaseCommand):
    """Print a one-time link for the member of staff with an email address."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="their email address, with which they sign in")

    @abstractmethod
    async def token(self, email: str, options: dict[str, Any]) -> str:
        """Return what is in the link. Raise CommandError."""

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.STAFF:
            raise CommandError("Staff’s pages are off. Set STAFF=on, and restart the portal.")
        if not addresses.absolute("/"):
            raise CommandError("Set PORTAL_URL, or STAFF_HOST, to the address of the portal.")
        email = options["email"].strip().lower()
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"{email} is no email address.") from None
        if len(email) > LONGEST_EMAIL:
            raise CommandError(f"The address must have {LONGEST_EMAIL} characters or fewer.")
        token = async_to_sync(self.made)(email, options)
        self.stdout.write(f"For {people.LINK_HOURS} hours, and once, this link sets a password and")
        self.stdout.write(
            "an authenticator app. Whoever has it gets in: give it to nobody else.\n\n"
        )
        self.stdout.write(people.link_of(token))

    async def made(self, email: str, options: dict[str, Any]) -> str:
        try:
            return await self.token(email, options)
        finally:
            # It belongs to this event loop, which ends with the command.
            await redis.close()
