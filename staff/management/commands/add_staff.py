"""Add a member of staff, the first one above all."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError, CommandParser

from staff.door import people
from staff.door.signed_in import MANAGER, OWNER
from staff.management.command import LinkCommand


class Command(LinkCommand):
    help = (
        "Add a member of staff and print the one-time link on which they set password and "
        "authenticator app. The first one is an owner."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--name", default="", help="what pages and the audit log call them")
        roles = parser.add_mutually_exclusive_group()
        roles.add_argument("--owner", action="store_true", help="an owner, as the first one is")
        roles.add_argument("--manager", action="store_true", help="a manager, as others are")

    async def token(self, email: str, options: dict[str, Any]) -> str:
        is_first = not await User.objects.filter(groups__name=OWNER).aexists()
        if is_first and options["manager"]:
            raise CommandError(
                "There is no owner yet, who would give a manager properties. Add an owner first."
            )
        role = OWNER if is_first or options["owner"] else MANAGER
        try:
            _, token = await people.add(None, email, options["name"][:150], role)
        except people.IsThere:
            raise CommandError(
                f"{email} belongs to staff already. If they lost password and authenticator, run "
                "`manage.py reset_staff`."
            ) from None
        self.stdout.write(f"{email} is an {role}." if role == OWNER else f"{email} is a {role}.")
        return token
